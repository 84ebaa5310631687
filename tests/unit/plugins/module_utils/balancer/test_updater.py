# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The updater as a process, with a real ZooKeeper, a real HAProxy, real agents and server processes."""

import contextlib
import signal

import pytest
from installed_agent import InstalledAgent
from installed_balancer import Balancer
from replica_server import ReplicaServer
from zookeeper_server import Proxy, until

# What runs on hosts, with their Python.
pytestmark = pytest.mark.services

SOON = 10


@pytest.fixture
def replica(tmp_path, ensemble, client):
    """A function that starts a server and its agent: (server, agent)."""
    with contextlib.ExitStack() as stack:

        def start(host, shard="01"):
            (tmp_path / host).mkdir()
            server = ReplicaServer(tmp_path / host)
            stack.callback(server.stop)
            server.start()
            names = {"replica": host, "host": host, "shard": shard, "addresses": ["localhost", "127.0.0.1"]}
            agent = InstalledAgent(tmp_path / host, server.port, ensemble.endpoint, **names)
            # In this test, one port serves both protocols.
            agent.settings["ports"]["tcp"] = server.port
            agent.save()
            stack.callback(agent.kill)
            agent.start()
            agent.becomes("up")
            agent.registers()
            return server, agent

        yield start


@pytest.fixture
def proxy(ensemble):
    proxy = Proxy(ensemble.port)
    yield proxy
    proxy.close()


@pytest.fixture
def make(tmp_path, replica, proxy):
    """A function that starts a balancer with the replica ch1, and its updater."""
    with contextlib.ExitStack() as stack:

        def balancer(**changes):
            server, agent = replica("ch1")
            (tmp_path / "lb").mkdir()
            made = Balancer(tmp_path / "lb", proxy.endpoint, {"ch1": ("01", server.port, agent.port)}, **changes)
            stack.callback(made.stop)
            stack.callback(made.kill_updater)
            made.start()
            made.start_updater()
            return made

        yield balancer


@pytest.fixture
def grown(make, replica):
    """A balancer, and a replica ch2 that came after it: (balancer, server, agent)."""
    balancer = make(hold=1)
    server, agent = replica("ch2")
    balancer.names[str(server.port)] = "ch2"
    takes(balancer, {"ch1", "ch2"})
    return balancer, server, agent


def takes(balancer, hosts, name="any_http"):
    until(lambda: balancer.answering(name) == hosts, SOON, f"{hosts} take queries")


def rows_of(balancer, host):
    return {key: row for key, row in balancer.rows().items() if key[1] == host}


def test_a_new_replica_takes_queries_on_all_ports_of_its_shard(grown):
    balancer, _server, _agent = grown
    for name in ("any_native", "shard_01_http", "shard_01_native", "write_http"):
        takes(balancer, {"ch1", "ch2"}, name)
    assert balancer.log.count("INFO add server any_http/ch2 ") == 1
    assert "WARNING" not in balancer.log


def test_its_agent_says_what_it_takes(grown):
    balancer, server, agent = grown
    agent.run("drain")
    takes(balancer, {"ch1"})
    agent.run("undrain")
    takes(balancer, {"ch1", "ch2"})
    server.signal(signal.SIGSTOP)
    takes(balancer, {"ch1"})


def test_a_replica_that_is_draining_when_it_comes_takes_nothing(make, replica, tmp_path):
    balancer = make()
    # Nobody asks its agent: as if it did not answer yet.
    server, agent = replica("ch2")
    balancer.stop_updater()
    agent.run("drain")
    agent.becomes("draining")
    balancer.names[str(server.port)] = "ch2"
    balancer.stop()
    balancer.start()
    balancer.start_updater()
    until(lambda: rows_of(balancer, "ch2"), SOON, "ch2 is there")
    assert balancer.answering(number=30) == {"ch1"}


def test_a_replica_whose_agent_has_gone_is_removed_after_the_hold(grown):
    balancer, server, agent = grown
    agent.stop()
    until(lambda: balancer.status()["no_entry"], SOON, "no entry")
    server.stop()
    until(lambda: not rows_of(balancer, "ch2"), SOON, "ch2 has gone")
    assert "set server any_http/ch2 state drain" in balancer.log
    server.start()
    agent.start()
    takes(balancer, {"ch1", "ch2"})


def test_a_replica_that_says_that_it_is_healthy_is_kept_without_an_entry(grown, client):
    balancer, _server, agent = grown
    agent.process.send_signal(signal.SIGSTOP)
    path = "/zoohouse/main/01/ch2"
    until(lambda: not client.exists(path), SOON, "the session has expired")
    # The name is taken, so that the agent goes on without an entry.
    client.create(path, b"{}")
    agent.process.send_signal(signal.SIGCONT)
    agent.registers("name taken")
    until(lambda: balancer.status()["no_entry"], SOON, "no entry")
    until(lambda: all(row.agent_answers for row in rows_of(balancer, "ch2").values()), SOON, "its agent answers")
    takes(balancer, {"ch1", "ch2"})


def test_a_restarted_haproxy_gets_its_servers_back(grown):
    balancer, _server, _agent = grown
    balancer.stop()
    until(lambda: balancer.status()["problem"], SOON, "the updater has noticed")
    balancer.start()
    takes(balancer, {"ch1", "ch2"})
    balancer.reload()
    takes(balancer, {"ch1", "ch2"})


def test_an_ensemble_that_is_away_changes_nothing(grown, proxy):
    balancer, _server, agent = grown
    proxy.cut()
    until(lambda: not balancer.status()["connected"], SOON, "the updater has no session")
    balancer.stop()
    balancer.start()
    takes(balancer, {"ch1", "ch2"})
    agent.run("drain")
    takes(balancer, {"ch1"})
    assert not balancer.status()["no_entry"]
    proxy.mend()
    until(lambda: balancer.status()["connected"], SOON, "the updater has a session")
    assert rows_of(balancer, "ch2")


def test_a_foreign_znode_is_ignored_and_reported(make, client):
    balancer = make()
    client.ensure_path("/zoohouse/main/01")
    client.create("/zoohouse/main/01/other", b"hello", ephemeral=True)
    until(lambda: "/zoohouse/main/01/other: foreign znode, ignored: not JSON" in balancer.log, SOON, "reported")
    assert set(balancer.rows()) == {(backend.name, "ch1") for backend in balancer.plan.backends}


def test_a_replica_with_another_port_is_moved(grown, replica, tmp_path):
    balancer, _server, agent = grown
    agent.stop()
    (tmp_path / "moved").mkdir()
    server = ReplicaServer(tmp_path / "moved")
    server.start()
    agent.settings["ports"] |= {"http": server.port, "tcp": server.port}
    agent.save()
    balancer.names[str(server.port)] = "moved"
    agent.start()
    takes(balancer, {"ch1", "moved"})
    takes(balancer, {"ch1", "moved"}, "any_native")
    server.stop()


def test_a_restarted_updater_leaves_the_servers_alone(grown):
    balancer, _server, _agent = grown
    balancer.runtime.ask("set server any_http/ch2 state maint")
    before = balancer.log
    balancer.stop_updater()
    balancer.start_updater()
    until(lambda: balancer.status()["connected"], SOON, "the updater has a session")
    checked = balancer.status()["checked"]
    until(lambda: balancer.status()["checked"] > checked + 0.5, SOON, "some rounds")
    assert "set server" not in balancer.log[len(before) :]
    assert rows_of(balancer, "ch2")[("any_http", "ch2")].maintenance


def test_a_replica_of_a_shard_without_ports_takes_queries_to_any(make, replica):
    balancer = make()
    until(lambda: balancer.status()["entries"] == {"/zoohouse/main/01/ch1": "up"}, SOON, "ch1 is registered")
    server, _agent = replica("ch3", "03")
    balancer.names[str(server.port)] = "ch3"
    takes(balancer, {"ch1", "ch3"})
    assert balancer.answering("shard_01_http") == {"ch1"}
