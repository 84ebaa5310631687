# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The agent as a process, with a real ZooKeeper and a server process that answers as captured."""

import contextlib
import signal
import socket
import subprocess
import time

import pytest
from installed_agent import InstalledAgent
from replica_server import ReplicaServer
from zookeeper_server import Proxy, until

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import decode_at

# What runs on hosts, with their Python.
pytestmark = pytest.mark.services

PATH = "/zoohouse/main/01/ch1"


@pytest.fixture
def server(tmp_path):
    server = ReplicaServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def proxy(ensemble):
    proxy = Proxy(ensemble.port)
    yield proxy
    proxy.close()


@pytest.fixture
def make(tmp_path, client, server, proxy):
    """A function that installs and starts an agent; the registry is empty before."""
    made = []

    def make_agent(name="agent", **settings):
        directory = tmp_path / name
        directory.mkdir()
        made.append(InstalledAgent(directory, server.port, proxy.endpoint, **settings))
        made[-1].start()
        return made[-1]

    yield make_agent
    for agent in made:
        agent.kill()


@pytest.fixture
def agent(make):
    agent = make()
    agent.becomes("up")
    agent.registers()
    return agent


def entry(client):
    return decode_at(PATH, client.get(PATH)[0])


def owner(client):
    stat = client.exists(PATH)
    assert stat, "there was a moment without the entry"
    return stat.ephemeralOwner


def test_a_healthy_replica_is_registered_and_takes_queries(agent, client):
    found = entry(client)
    assert (found.state, found.version, found.weight) == ("up", "18.16.1", 100)
    assert agent.answer() == "up 100%\n"
    assert "secret" not in agent.log + " ".join(agent.command("run"))


@pytest.mark.parametrize(("situation", "state"), [("no_ensemble", "readonly"), ("killed", "lagging")])
def test_tables_that_are_not_healthy_take_it_out_and_back(agent, client, server, situation, state):
    server.situation = situation
    agent.becomes(state)
    assert agent.answer() == "up 0%\n"
    until(lambda: entry(client).state == state, 10, state)
    assert entry(client).reason == "demo.hits and 1 more"
    server.situation = "healthy"
    agent.becomes("up")
    assert agent.answer() == "up 100%\n"
    until(lambda: (entry(client).state, entry(client).reason) == ("up", ""), 10, "up")


def test_a_frozen_server_is_down_within_its_timeouts_and_comes_back(agent, client, server):
    settings = agent.settings
    begin = time.monotonic()
    server.signal(signal.SIGSTOP)
    agent.becomes("down")
    # fall observations, each one a timeout and an interval, and one that had just been made.
    assert time.monotonic() - begin < 2 * (settings["timeout"] + settings["interval"]) + 3
    assert agent.answer() == f"down #no answer within {settings['timeout']:g} s\n"
    until(lambda: not client.exists(PATH), 10, "not registered")
    server.signal(signal.SIGCONT)
    agent.becomes("up")
    agent.registers()
    assert entry(client).state == "up"


def test_a_dead_server_is_down_and_comes_back(agent, client, server):
    server.stop()
    agent.becomes("down")
    assert agent.answer().startswith("down #") and "refused" in agent.answer()
    until(lambda: not client.exists(PATH), 10, "not registered")
    server.start()
    agent.becomes("up")
    agent.registers()


def test_an_ensemble_that_is_away_takes_no_healthy_replica_out(agent, client, server, proxy):
    proxy.cut()
    # All replicas are readonly then.
    server.situation = "no_ensemble"
    until(lambda: not client.exists(PATH), 10, "the session has expired")
    until(lambda: agent.status()["ensemble_away_seconds"] >= 2, 10, "2 s without the ensemble")
    assert agent.status()["registration"] == "waiting"
    assert agent.answer() == "up 100%\n"
    proxy.mend()
    server.situation = "healthy"
    agent.registers()
    assert entry(client).state == "up"
    assert "state: readonly" not in agent.log and "state: down" not in agent.log


def test_a_dead_server_is_down_also_without_the_ensemble(agent, server, proxy):
    proxy.cut()
    server.stop()
    agent.becomes("down")
    assert agent.answer().startswith("down #")


def test_the_state_before_an_outage_does_not_hold_for_ever(make, server, proxy):
    agent = make(hold=1.0)
    agent.becomes("up")
    agent.registers()
    proxy.cut()
    server.situation = "no_ensemble"
    agent.becomes("readonly")
    assert agent.status()["ensemble_away_seconds"] >= 1


def test_an_agent_that_starts_without_the_ensemble_answers_the_balancer(make, proxy, client):
    proxy.cut()
    agent = make()
    agent.becomes("up")
    assert agent.answer() == "up 100%\n"
    assert agent.status()["registration"] == "waiting"
    proxy.mend()
    agent.registers()
    assert entry(client).state == "up"


def test_a_paused_agent_registers_again_after_its_session_has_expired(agent, client):
    old = client.exists(PATH).ephemeralOwner
    agent.process.send_signal(signal.SIGSTOP)
    until(lambda: not client.exists(PATH), 10, "the session has expired")
    agent.process.send_signal(signal.SIGCONT)
    stat = until(lambda: client.exists(PATH), 10, "registered again")
    assert stat.ephemeralOwner != old


def test_sigterm_removes_the_entry_at_once(agent, client):
    assert agent.stop() == 0
    assert not client.exists(PATH)
    assert not (agent.runtime_dir / "status.json").exists()


def test_sigterm_ends_it_also_without_the_ensemble(agent, proxy):
    proxy.cut()
    until(lambda: agent.status()["registration"] == "waiting", 10, "waiting")
    assert agent.stop() == 0


def test_a_killed_agent_takes_its_entry_over_before_its_old_session_expires(make, client):
    agent = make(session_timeout=12.0)
    agent.becomes("up")
    agent.registers()
    old = owner(client)
    agent.kill()
    agent.start()
    until(lambda: owner(client) != old, 10, "registered again")


def test_the_second_agent_of_a_name_says_so_and_does_not_take_it(agent, make, client):
    owner = client.exists(PATH).ephemeralOwner
    other = make("other", host="ch9")
    other.registers("name taken")
    assert other.status()["detail"].startswith("ch1, session 0x")
    assert f"ERROR {PATH}: name taken: ch1, session 0x" in other.log
    assert client.exists(PATH).ephemeralOwner == owner
    agent.kill()
    other.registers()
    assert entry(client).host == "ch9"


def test_draining_by_command(agent, client):
    assert agent.run("drain").returncode == 0
    agent.becomes("draining")
    assert agent.answer() == "up 0%\n"
    until(lambda: entry(client).state == "draining", 10, "draining")
    status = agent.run("status")
    assert status.returncode == 1 and '"state": "draining"' in status.stdout
    assert agent.run("undrain").returncode == 0
    agent.becomes("up")
    assert agent.run("status").returncode == 0


def test_a_drained_replica_that_dies_is_down(agent, server):
    agent.run("drain")
    agent.becomes("draining")
    server.stop()
    agent.becomes("down")


@pytest.mark.parametrize(("arguments", "state"), [(["drain"], "up"), (["drain", "--keep"], "draining")])
def test_draining_survives_a_restart_only_when_asked_to(agent, arguments, state):
    agent.run(*arguments)
    agent.becomes("draining")
    agent.stop()
    agent.start()
    agent.becomes(state)


def test_draining_waits_for_the_open_queries(agent, server):
    server.open_queries(1)
    waiting = subprocess.Popen(agent.command("drain", "--owner", "restart", "--for", "60", "--wait", "30"))
    until(lambda: agent.answer() == "up 0%\n", 10, "draining")
    assert waiting.poll() is None and agent.status()["reason"] == "asked for by restart"
    begin = time.monotonic()
    server.open_queries(0)
    assert waiting.wait(20) == 0
    assert time.monotonic() - begin < 10
    # An operator drains it too, and goes on with that.
    agent.run("drain")
    assert agent.run("undrain", "--owner", "restart", "--wait", "10").returncode == 0
    assert agent.status()["state"] == "draining"
    agent.run("undrain")
    agent.becomes("up")


def test_draining_waits_only_as_long_as_it_may(agent, server):
    server.open_queries(2)
    result = agent.run("drain", "--owner", "restart", "--for", "2", "--wait", "1")
    assert (result.returncode, result.stderr) == (1, "zoohouse-agent: after 1 s: 2 open queries\n")
    agent.becomes("up")
    server.situation = "no_ensemble"
    agent.becomes("readonly")
    result = agent.run("undrain", "--owner", "restart", "--wait", "1")
    assert (result.returncode, "readonly (demo.hits" in result.stderr) == (1, True)


def test_undraining_waits_until_it_takes_queries(agent):
    agent.run("drain", "--owner", "restart")
    agent.becomes("draining")
    assert agent.run("undrain", "--owner", "restart", "--wait", "20").returncode == 0
    assert agent.status()["state"] == "up"


def first_answer(agent):
    with contextlib.suppress(ConnectionRefusedError):
        return agent.answer()
    return None


def test_an_agent_that_starts_never_calls_a_healthy_replica_down(agent):
    agent.stop()
    agent.start(wait=False)
    assert until(lambda: first_answer(agent), 20, "an answer") == "up 100%\n"


def test_a_client_that_reads_nothing_keeps_nobody_waiting(agent):
    with socket.create_connection(("127.0.0.1", agent.port)):
        assert agent.answer() == "up 100%\n"


def test_a_port_that_is_taken_ends_the_agent(agent):
    result = agent.run("run")
    assert result.returncode != 0 and "address already in use" in result.stderr.lower()
