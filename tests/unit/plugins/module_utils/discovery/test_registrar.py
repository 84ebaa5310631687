# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The entry in a real ZooKeeper: sessions that expire, names that are taken, an ensemble that is away."""

import json
import socket

import pytest
from zookeeper_server import Proxy, until

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.entry import decode_at
from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.local_files import LocalFiles
from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.registrar import (
    REGISTERED,
    REMOVED,
    TAKEN,
    WAITING,
    Registrar,
    Registration,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.settings import parse_settings

# What runs on hosts, with their Python.
pytestmark = pytest.mark.services

PATH = "/zoohouse/main/01/ch1"
# Seconds. Short, so that sessions expire soon.
SESSION = 1.0


class Replica:
    """A registrar with its settings and files, behind a proxy."""

    def __init__(self, directory, port, host="ch1"):
        self.proxy = Proxy(port)
        self.settings = parse_settings(
            json.dumps(
                {
                    "cluster": "main",
                    "shard": "01",
                    "replica": "ch1",
                    "host": host,
                    "addresses": [host],
                    "ports": {"http": 8123, "tcp": 9000, "interserver": 9009, "check": 9180},
                    "zookeeper": [self.proxy.endpoint],
                    "login_user": "",
                    "login_password": "",
                    "session_timeout": SESSION,
                    "runtime_dir": str(directory),
                    "state_dir": str(directory),
                }
            )
        )
        self.start()

    def start(self):
        self.registrar = Registrar(self.settings, LocalFiles(self.settings))
        self.registrar.start()
        until(lambda: self.registrar.connected, 10, "a session")

    def step(self, state="up"):
        return self.registrar.step(self.settings.entry(state, "18.16.1") if state else None)

    def registers(self, **changes):
        return until(lambda: self.step(**changes) == Registration(REGISTERED), 10, "registered")

    def kill(self):
        """As kill -9 does: the connection ends, and the session stays until it expires."""
        self.proxy.cut()
        self.registrar.stop()


@pytest.fixture
def make(ensemble, tmp_path):
    made = []

    def make_replica(name="ch1"):
        (tmp_path / name).mkdir()
        made.append(Replica(tmp_path / name, ensemble.port, name))
        return made[-1]

    yield make_replica
    for replica in made:
        replica.proxy.cut()
        replica.registrar.stop()
        replica.proxy.close()


def session(client):
    stat = client.exists(PATH)
    return stat.ephemeralOwner if stat else None


def test_the_entry_is_ephemeral_and_says_the_state(client, make):
    replica = make()
    assert replica.step() == Registration(REGISTERED)
    data, stat = client.get(PATH)
    entry = decode_at(PATH, data)
    assert (entry.state, entry.version, entry.host) == ("up", "18.16.1", "ch1")
    assert stat.ephemeralOwner == replica.registrar.client.client_id[0]


def test_only_a_change_is_written(client, make):
    replica = make()
    for state, version in (("up", 0), ("up", 0), ("readonly", 1), ("readonly", 1), ("up", 2)):
        assert replica.step(state) == Registration(REGISTERED)
        assert client.exists(PATH).version == version


def test_a_replica_that_is_down_is_not_registered(client, make):
    replica = make()
    replica.step()
    assert replica.step(None) == Registration(REMOVED)
    assert not client.exists(PATH)
    assert replica.step(None) == Registration(REMOVED)


def test_a_clean_stop_removes_the_entry_at_once(client, make):
    replica = make()
    replica.step()
    replica.registrar.stop()
    assert not client.exists(PATH)


def test_it_registers_again_when_its_znode_was_removed(client, make):
    replica = make()
    replica.step()
    client.delete(PATH)
    assert replica.step() == Registration(REGISTERED) and client.exists(PATH)


def test_it_registers_again_after_its_session_has_expired(client, make):
    replica = make()
    replica.step()
    old = session(client)
    replica.proxy.cut()
    until(lambda: not client.exists(PATH), 10, "the session has expired")
    assert replica.step() == Registration(WAITING, "no session with the ensemble")
    replica.proxy.mend()
    replica.registers()
    assert session(client) not in (old, None)


def test_a_short_loss_of_the_connection_keeps_the_session(client, make):
    replica = make()
    replica.step()
    old = session(client)
    replica.proxy.cut()
    replica.proxy.mend()
    replica.registers()
    assert session(client) == old


def test_a_killed_agent_takes_its_own_entry_over_at_once(client, make):
    replica = make()
    replica.step()
    old = session(client)
    replica.kill()
    assert session(client) == old
    replica.proxy.mend()
    replica.start()
    assert replica.step() == Registration(REGISTERED)
    assert session(client) not in (old, None)


def test_a_killed_agent_whose_server_is_down_removes_its_old_entry(client, make):
    replica = make()
    replica.step()
    replica.kill()
    replica.proxy.mend()
    replica.start()
    assert replica.step(None) == Registration(REMOVED) and not client.exists(PATH)


def test_the_second_agent_of_a_name_waits_until_the_first_one_has_ended(client, make):
    first, second = make("ch1"), make("other")
    first.step()
    owner = session(client)
    result = second.step()
    assert result.outcome == TAKEN and result.detail == f"ch1, session {owner & (1 << 64) - 1:#x}"
    assert second.step(None) == Registration(REMOVED)
    assert session(client) == owner and first.step() == Registration(REGISTERED)
    first.kill()
    second.registers()
    assert decode_at(PATH, client.get(PATH)[0]).host == "other"


def test_a_foreign_znode_is_left_alone(client, make):
    replica = make()
    client.create(PATH, b"mine", makepath=True)
    assert replica.step() == Registration(TAKEN, "a persistent znode that no agent writes")
    assert client.get(PATH)[0] == b"mine"
    client.delete(PATH)
    client.create(PATH, b"mine", ephemeral=True)
    assert "a znode of another program (not JSON)" in replica.step().detail
    assert client.get(PATH)[0] == b"mine"


def test_an_ensemble_that_answers_nothing_costs_a_bounded_time(client, make):
    replica = make()
    replica.step()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # It accepts connections, and no member answers on them.
        replica.proxy.target = silent.getsockname()[1]
        replica.proxy.cut()
        replica.proxy.mend()
        until(lambda: replica.step().outcome == WAITING, 10, "waiting")
    replica.proxy.target = client.hosts[0][1]
    replica.proxy.cut()
    replica.proxy.mend()
    replica.registers()
