# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A real HAProxy with the configuration of the role, in front of real agents and server processes that can fail."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess

import pytest
from installed_agent import InstalledAgent
from installed_balancer import Balancer
from replica_server import ReplicaServer
from zookeeper_server import until

# What runs on hosts, with their Python.
pytestmark = pytest.mark.services

# Seconds until a balancer knows the state of a replica: the agent's own, a check, and a slow machine.
SOON = 10


@pytest.fixture
def replicas(tmp_path, ensemble, client):
    """Two replicas of one shard, each with an agent."""
    found = {}
    with contextlib.ExitStack() as stack:
        for host in ("ch1", "ch2"):
            (tmp_path / host).mkdir()
            server = ReplicaServer(tmp_path / host)
            stack.callback(server.stop)
            server.start()
            names = {"replica": host, "host": host, "addresses": ["127.0.0.1"]}
            agent = InstalledAgent(tmp_path / host, server.port, ensemble.endpoint, **names)
            stack.callback(agent.kill)
            agent.start()
            agent.becomes("up")
            found[host] = (server, agent)
        yield found


@pytest.fixture
def make(tmp_path, ensemble, replicas):
    """A function that starts an HAProxy."""
    with contextlib.ExitStack() as stack:

        def balancer(**changes):
            (tmp_path / "lb").mkdir()
            behind = {host: ("01", server.port, agent.port) for host, (server, agent) in replicas.items()}
            made = Balancer(tmp_path / "lb", ensemble.endpoint, behind, **changes)
            stack.callback(made.stop)
            stack.callback(made.kill_updater)
            made.start()
            until(lambda: all(row.agent_answers for row in made.rows().values()), SOON, "all agents have answered")
            return made

        yield balancer


@pytest.fixture
def balancer(make):
    return make()


def drained(replicas, host="ch1"):
    replicas[host][1].run("drain")
    replicas[host][1].becomes("draining")


def test_all_ports_reach_the_replicas(balancer):
    names = ("any_http", "any_native", "shard_01_http", "shard_01_native", "write_http", "write_native")
    assert {name: balancer.answering(name) for name in names} == {name: {"ch1", "ch2"} for name in names}


@pytest.mark.parametrize("situation", ["no_ensemble", "killed"])
def test_a_readonly_or_lagging_replica_takes_no_new_query_and_comes_back(balancer, replicas, situation):
    server, agent = replicas["ch1"]
    server.situation = situation
    # Each port asks the agents for itself.
    for name in ("any_http", "shard_01_native"):
        until(lambda name=name: balancer.answering(name) == {"ch2"}, SOON, "ch1 is out")
        assert balancer.answering(name, number=20) == {"ch2"}
    server.situation = "healthy"
    agent.becomes("up")
    until(lambda: balancer.answering() == {"ch1", "ch2"}, SOON, "ch1 is back")


def test_open_connections_stay_on_a_draining_replica(balancer, replicas):
    connections = [http.client.HTTPConnection("127.0.0.1", balancer.port("any_native"), timeout=10) for _ in "12"]
    for connection in connections:
        connection.connect()
    drained(replicas)
    until(lambda: balancer.answering() == {"ch2"}, SOON, "ch1 is out")
    answers = set()
    for connection in connections:
        with contextlib.closing(connection):
            connection.request("GET", "/")
            answers.add(balancer.names[connection.getresponse().getheader("X-Port")])
    assert answers == {"ch1", "ch2"}
    replicas["ch1"][1].run("undrain")
    until(lambda: balancer.answering() == {"ch1", "ch2"}, SOON, "ch1 is back")


@pytest.mark.parametrize("agent_too", [False, True])
def test_a_frozen_replica_is_down_and_its_connections_end(balancer, replicas, agent_too):
    """With its agent too, it is like a host that hangs: HAProxy's own check finds it."""
    server, agent = replicas["ch1"]
    connections = [socket.create_connection(("127.0.0.1", balancer.port("any_native")), 10) for _ in "12"]
    server.signal(signal.SIGSTOP)
    if agent_too:
        agent.process.send_signal(signal.SIGSTOP)
    until(lambda: balancer.answering() == {"ch2"}, SOON, "ch1 is out")
    for connection in connections:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert sorted(_answered(connection) for connection in connections) == [False, True]
    server.signal(signal.SIGCONT)
    agent.process.send_signal(signal.SIGCONT)
    until(lambda: balancer.answering() == {"ch1", "ch2"}, SOON, "ch1 is back")


def _answered(connection):
    with connection, contextlib.suppress(ConnectionResetError):
        return connection.recv(100) != b""
    return False


def test_a_dead_replica_costs_no_query_and_comes_back(balancer, replicas):
    server, _agent = replicas["ch1"]
    server.stop()
    # At once: another one is tried when the first one cannot be reached.
    assert balancer.answering() == {"ch2"}
    server.start()
    until(lambda: balancer.answering() == {"ch1", "ch2"}, SOON, "ch1 is back")


def test_without_its_agent_a_replica_stays_as_it_was(balancer, replicas):
    replicas["ch1"][1].kill()
    until(lambda: not balancer.rows()[("any_http", "ch1")].agent_answers, SOON, "HAProxy has noticed")
    assert balancer.answering() == {"ch1", "ch2"}
    replicas["ch1"][0].stop()
    until(lambda: balancer.answering() == {"ch2"}, SOON, "ch1 is out")


def test_all_replicas_out_is_an_error_at_once(balancer, replicas):
    for host in replicas:
        drained(replicas, host)
    until(lambda: balancer.answering() == {503}, SOON, "nobody takes queries")


def test_maintenance_of_an_operator_in_haproxy_stays(balancer, replicas):
    balancer.runtime.ask("set server any_http/ch1 state maint")
    drained(replicas, "ch2")
    until(lambda: balancer.answering() == {503}, SOON, "nobody takes queries")
    replicas["ch2"][1].run("undrain")
    until(lambda: balancer.answering() == {"ch2"}, SOON, "ch2 is back")
    assert balancer.rows()[("any_http", "ch1")].maintenance


def test_a_reload_sends_nothing_to_a_draining_replica(balancer, replicas):
    drained(replicas)
    until(lambda: balancer.answering() == {"ch2"}, SOON, "ch1 is out")
    balancer.start_updater()
    until(lambda: balancer.status().get("checked"), SOON, "the states are kept")
    balancer.reload()
    assert balancer.answering(number=40) == {"ch2"}


def test_writes_to_the_first_replica_that_takes_queries(make, replicas):
    balancer = make(write_policy="first")
    assert balancer.answering("write_http") == balancer.answering("write_native") == {"ch1"}
    assert balancer.answering() == {"ch1", "ch2"}
    drained(replicas)
    until(lambda: balancer.answering("write_http") == {"ch2"}, SOON, "ch2 takes writes")
    replicas["ch1"][1].run("undrain")
    until(lambda: balancer.answering("write_http") == {"ch1"}, SOON, "ch1 takes writes")


def test_writes_by_shard(make):
    balancer = make(write_policy="per_shard")
    assert balancer.answering("write_01_http") == {"ch1"}


def test_a_session_stays_on_its_replica(balancer):
    for name in "abcd":
        assert len(balancer.answering(path=f"/?session_id={name}")) == 1
    assert balancer.answering(path="/?query=x") == {"ch1", "ch2"}


def test_weights_share_the_queries(make, replicas):
    agent = replicas["ch1"][1]
    agent.stop()
    agent.settings["weight"] = 25
    agent.save()
    agent.start()
    agent.becomes("up")
    balancer = make(algorithm="roundrobin")
    answers = [balancer.who() for _ in range(50)]
    assert answers.count("ch1") == 10


def test_statistics_and_metrics(balancer):
    for name, path, text in (("stats_port", "/", "any_http"), ("metrics_port", "/metrics", "haproxy_server_status")):
        connection = http.client.HTTPConnection("127.0.0.1", balancer.variables[name], timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path)
            assert text in connection.getresponse().read().decode()


def test_the_configuration_is_loaded_once(balancer, tmp_path):
    """systemctl: as the unit of the distribution reloads HAProxy."""
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\necho $* >> {tmp_path}/calls\nkill -USR2 {balancer.process.pid}\n")
    (tmp_path / "systemctl").chmod(0o755)

    def load():
        path = f"{tmp_path}:{os.environ['PATH']}"
        command = balancer.command("load", "--timeout", "10")
        return subprocess.run(command, env={"PATH": path}, capture_output=True, text=True, check=True).stdout

    assert load() == ""
    text = (balancer.directory / "haproxy.cfg").read_text()
    (balancer.directory / "haproxy.cfg").write_text(text.replace("description ", "description changed"))
    # States from before another change of ports.
    states = balancer.runtime.state()
    (balancer.directory / "servers").write_text(states.replace(f" {balancer.model_port('ch1')} ", " 1 "))
    assert [load(), load()] == ["loaded\n", ""]
    assert balancer.answering() == {"ch1", "ch2"}
    assert (tmp_path / "calls").read_text() == "reload-or-restart haproxy.service\n"
    (balancer.directory / "haproxy.cfg").write_text(text.replace("description ", "no such line "))
    failed = subprocess.run(
        balancer.command("load", "--timeout", "1"),
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert failed.returncode == 1 and "HAProxy does not run with" in failed.stderr


def test_the_command_shows_the_servers(balancer):
    shown = subprocess.run(balancer.command("status"), capture_output=True, text=True, check=True).stdout
    assert "no updater runs" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["any_http", "ch1", "0", "UP", "100"] in rows


def test_the_states_that_are_kept_do_not_outlive_what_they_were_about(balancer, replicas):
    """HAProxy is down while everything changes: a server comes back, an agent ends its draining."""
    server, agent = replicas["ch1"]
    server.stop()
    drained(replicas, "ch2")
    balancer.start_updater()
    until(lambda: balancer.answering() == {503}, SOON, "nobody takes queries")
    checked = balancer.status()["checked"]
    until(lambda: balancer.status()["checked"] > checked + 0.3, SOON, "the states are kept")
    balancer.stop()
    server.start()
    agent.becomes("up")
    replicas["ch2"][1].run("undrain")
    balancer.start()
    until(lambda: balancer.answering() == {"ch1", "ch2"}, SOON, "both are back")


def test_another_port_in_the_configuration_counts_more_than_the_states_that_are_kept(balancer, replicas, tmp_path):
    (tmp_path / "moved").mkdir()
    moved = ReplicaServer(tmp_path / "moved")
    moved.start()
    try:
        balancer.start_updater()
        until(lambda: balancer.status().get("checked"), SOON, "the states are kept")
        path = balancer.directory / "haproxy.cfg"
        path.write_text(path.read_text().replace(f"{replicas['ch1'][0].port}", f"{moved.port}"))
        balancer.names[str(moved.port)] = "moved"
        until(lambda: str(moved.port) in (balancer.directory / "servers").read_text(), SOON, "the updater has noticed")
        balancer.reload()
        until(lambda: balancer.answering() == {"moved", "ch2"}, SOON, "the other port")
    finally:
        moved.stop()
