# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The deployed member, from files and processes that the test makes."""

import pytest
from helpers import closed_port, member_endpoints, tcp_server

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import deployed


@pytest.fixture
def no_process(monkeypatch, tmp_path):
    monkeypatch.setattr(deployed, "find_process", lambda: None)
    monkeypatch.setattr(deployed, "PACKAGED_CONFIG", str(tmp_path / "packaged.cfg"))


def configure(path, data, port=2181, more=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"dataDir={data}\nclientPort={port}\nserver.1=zk1:2888:3888\n{more}")


def fill(data):
    (data / "version-2").mkdir(parents=True)
    (data / "version-2" / "log.100000001").touch()
    (data / "myid").write_text("1\n")


def process(proc, pid, *arguments):
    (proc / str(pid)).mkdir(parents=True)
    (proc / str(pid) / "cmdline").write_bytes(b"\0".join(argument.encode() for argument in arguments) + b"\0")


def test_nothing_is_deployed(no_process, tmp_path):
    assert deployed.read_deployed(str(tmp_path / "own"), 1) is None


def test_a_stopped_member_of_the_role(no_process, tmp_path):
    configure(tmp_path / "own" / "zoo.cfg", tmp_path / "data")
    result = deployed.read_deployed(str(tmp_path / "own"), 1)
    assert (result["own"], result["running"], result["holds_data"], result["myid"]) == (True, False, False, None)
    assert result["servers"] == ["server.1=zk1:2888:3888"]


def test_a_stopped_installation_of_someone_else_counts_when_it_holds_data(no_process, tmp_path):
    configure(tmp_path / "packaged.cfg", tmp_path / "data")
    assert deployed.read_deployed(str(tmp_path / "own"), 1) is None
    fill(tmp_path / "data")
    result = deployed.read_deployed(str(tmp_path / "own"), 1)
    assert (result["own"], result["holds_data"], result["myid"]) == (False, True, 1)
    assert result["data_dir"] == result["data_log_dir"] == str(tmp_path / "data")


def test_the_status_of_a_running_member(monkeypatch, tmp_path):
    with member_endpoints(("healthy", "zk3")) as (endpoint,):
        configure(tmp_path / "zoo.cfg", tmp_path / "data", endpoint.rpartition(":")[2])
        monkeypatch.setattr(deployed, "find_process", lambda: (1, str(tmp_path / "zoo.cfg")))
        result = deployed.read_deployed(str(tmp_path), 5)
    assert (result["running"], result["own"], result["mode"], len(result["servers"])) == (True, True, "leader", 3)


def test_a_member_that_still_listens_on_the_previous_port(monkeypatch, tmp_path):
    """An interrupted run has changed zoo.cfg, and not restarted the member yet."""
    with member_endpoints(("healthy", "zk3")) as (endpoint,):
        previous = int(endpoint.rpartition(":")[2])
        configure(tmp_path / "zoo.cfg", tmp_path / "data", closed_port())
        monkeypatch.setattr(deployed, "find_process", lambda: (1, str(tmp_path / "zoo.cfg")))
        unknown = deployed.read_deployed(str(tmp_path), 5)
        known = deployed.read_deployed(str(tmp_path), 5, previous)
    assert (unknown["running"], unknown["listens"], unknown["mode"]) == (True, False, "")
    assert (known["client_port"], known["listens"], known["mode"]) == (previous, True, "leader")


def test_a_member_that_allows_only_srvr(monkeypatch, tmp_path):
    def answer(word, connection):
        text = "Mode: follower\n" if word == "srvr" else f"{word} is not executed because it is not in the whitelist."
        connection.sendall(text.encode())

    with tcp_server(answer) as (_host, port):
        configure(tmp_path / "zoo.cfg", tmp_path / "data", port)
        monkeypatch.setattr(deployed, "find_process", lambda: (1, str(tmp_path / "zoo.cfg")))
        result = deployed.read_deployed(str(tmp_path), 5)
    assert (result["mode"], result["servers"]) == ("follower", ["server.1=zk1:2888:3888"])


def test_the_servers_of_a_dynamic_configuration(no_process, tmp_path):
    (tmp_path / "dynamic").write_text("server.2=zk2:2888:3888:participant;2181\n")
    configure(tmp_path / "own" / "zoo.cfg", tmp_path / "data", more=f"dynamicConfigFile={tmp_path / 'dynamic'}\n")
    assert deployed.read_deployed(str(tmp_path / "own"), 1)["servers"][1] == "server.2=zk2:2888:3888"


def test_the_process_of_a_member(tmp_path):
    process(tmp_path, 1, "/lib/systemd/systemd")
    process(
        tmp_path, 30, "/usr/bin/java", "-Xmx1g", "org.apache.zookeeper.server.quorum.QuorumPeerMain", "/etc/zoo.cfg"
    )
    (tmp_path / "31").mkdir()
    assert deployed.find_process(str(tmp_path)) == (30, "/etc/zoo.cfg")


def test_no_process_of_a_member(tmp_path):
    process(tmp_path, 1, "java", "org.apache.zookeeper.ZooKeeperMain", "-server")
    assert deployed.find_process(str(tmp_path)) is None
