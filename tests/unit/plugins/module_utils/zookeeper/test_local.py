# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What only the host of a member knows."""

import os

import pytest
from helpers import changed, healthy_ensemble
from zookeeper_server import free_port

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import CRITICAL, OK, WARNING, problems
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.local import (
    check_local,
    explain_down,
    read_local,
)

# As the healthy ensemble was configured.
ZOO_CFG = """\
# A comment.
tickTime=2000
initLimit=300
syncLimit=10
clientPort=2181
maxClientCnxns=2000
maxSessionTimeout=60000000
dataDir=/var/lib/zookeeper/data
dataLogDir=/var/lib/zookeeper/log
server.1=zk1:2888:3888
server.2=zk2:2888:3888
server.3=zk3:2888:3888
"""


def bad(figures, status=None, limits=DEFAULTS):
    return [(finding.check, finding.severity) for finding in problems(check_local("zk1", figures, status, limits))]


@pytest.fixture
def member(tmp_path):
    """Writes zoo.cfg with other lines, and the status of a process; the data directories exist."""
    for directory in ("data/version-2", "log", "etc", "proc/17"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "data/version-2/snapshot.0").write_bytes(b"x" * 10)
    (tmp_path / "data/version-2/snapshot.100000005").write_bytes(b"x" * 4096)

    def write(*lines, status=""):
        config = tmp_path / "etc" / "zoo.cfg"
        config.write_text("\n".join([f"dataDir={tmp_path}/data", f"dataLogDir={tmp_path}/log", *lines]) + "\n")
        arguments = ["java", "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(config)]
        (tmp_path / "proc/17/cmdline").write_text("\0".join(arguments))
        (tmp_path / "proc/17/status").write_text(status)
        return read_local(str(tmp_path / "etc"), str(tmp_path / "proc"))

    return write


def test_the_figures_of_a_host(member):
    figures = member("autopurge.purgeInterval=1", "preAllocSize=4", status="Name:\tjava\nVmSwap:\t    2048 kB\n")
    assert (figures["purge_interval"], figures["purge_retain"], figures["swap"]) == (1, 3, 2.0)
    assert figures["devices"][0] == figures["devices"][1]
    # The largest snapshot has 4096 bytes, and the log grows by 4 KiB.
    assert figures["disk_reserve"] == figures["disk_free_bytes"] / 8192
    found = bad(figures, limits=chosen(DEFAULTS, {"disk_used": None}))
    assert found == [("swap", WARNING), ("log_device", WARNING)]
    assert bad(figures, limits=chosen(DEFAULTS, {"disk_used": None, "swap": 2, "log_device": False})) == []


def test_a_member_that_never_removes_snapshots(member):
    assert ("purge_interval", WARNING) in bad(member())


def test_a_data_directory_with_the_id_of_another_member(member, tmp_path):
    (tmp_path / "data/myid").write_text("1\n")
    figures = member()
    (found,) = [finding for finding in check_local("zk2", figures, None, DEFAULTS, 2) if finding.check == "server_id"]
    assert (found.severity, found.found, found.expected) == (CRITICAL, "id 1 in myid", "id 2, as in the inventory")
    assert "write 2 into it on zk2" in found.hint
    disabled = chosen(DEFAULTS, {"server_id": False})
    assert "server_id" not in {finding.check for finding in check_local("zk2", figures, None, disabled, 2)}


@pytest.mark.parametrize(("myid", "expected"), [("1", [OK]), (None, []), ("one", [])])
def test_an_id_that_is_right_or_cannot_be_read(member, tmp_path, myid, expected):
    if myid is not None:
        (tmp_path / "data/myid").write_text(myid)
    found = [item.severity for item in check_local("zk1", member(), None, DEFAULTS, 1) if item.check == "server_id"]
    assert found == expected


def test_a_member_with_the_address_of_another_one_is_explained(tmp_path):
    answers = {
        "systemctl": "ActiveState=activating\nSubState=auto-restart\nResult=exit-code\nExecMainStatus=14\n",
        "journalctl": "ERROR QuorumCnxManager: Exception while listening to address zk1/10.0.0.11:3888\n"
        "java.net.BindException: Cannot assign requested address\n"
        "ERROR ServiceUtils: Exiting JVM with code 14\n",
    }
    finding = explain_down(lambda command: answers[command[0]], "zk2", str(tmp_path))
    assert "its host does not have an address that it should listen on" in finding.found
    assert "myid" in finding.hint


@pytest.fixture
def admin_port(ensemble):
    """A port on which a real member listens: that for clients, because it lacks the library of an AdminServer."""
    return ensemble.port


@pytest.mark.parametrize(
    ("lines", "exposed"),
    [
        ([], True),
        (["admin.serverAddress=0.0.0.0"], True),
        (["admin.serverAddress=10.0.0.1"], True),
        (["admin.serverAddress=127.0.0.1"], False),
        (["admin.serverAddress=localhost"], False),
        (["admin.enableServer=false"], None),
    ],
)
def test_the_address_of_the_admin_server(member, admin_port, lines, exposed):
    figures = member(f"admin.serverPort={admin_port}", *lines)
    found = [finding for finding in check_local("zk1", figures, None, DEFAULTS) if finding.check == "exposure"]
    assert [finding.severity == WARNING for finding in found] == ([] if exposed is None else [exposed])
    assert all(f"port {admin_port}" in finding.found for finding in found)
    assert "exposure" not in dict(bad(figures, limits=chosen(DEFAULTS, {"exposure": False})))


@pytest.mark.parametrize(("address", "expected"), [("127.0.0.1", []), ("0.0.0.0", [WARNING])])
def test_the_address_may_be_a_property_of_java(member, admin_port, tmp_path, address, expected):
    member()
    process = tmp_path / "proc/17/cmdline"
    properties = [f"-Dzookeeper.admin.serverPort={admin_port}", f"-Dzookeeper.admin.serverAddress={address}"]
    process.write_text("\0".join([*properties, process.read_text()]))
    figures = read_local(str(tmp_path / "etc"), str(tmp_path / "proc"))
    assert figures["admin"] == (address, admin_port)
    assert [severity for check, severity in bad(figures) if check == "exposure"] == expected


def test_an_admin_server_that_does_not_run_is_not_exposed(member):
    assert member(f"admin.serverPort={free_port()}")["admin"] is None


def test_a_host_without_a_member(tmp_path):
    assert bad(read_local(str(tmp_path), str(tmp_path))) == []


@pytest.mark.parametrize(
    ("times", "expected"),
    [(4, []), (3.9, [("disk_reserve", WARNING)]), (0.9, [("disk_full", CRITICAL), ("disk_reserve", WARNING)])],
)
def test_the_space_for_the_next_snapshot(times, expected):
    assert bad({"disk_reserve": times, "disk_full": times}) == expected


def settings(text):
    return {"settings": dict(line.split("=", 1) for line in text.splitlines() if "=" in line)}


def test_a_member_that_runs_with_its_zoo_cfg():
    assert bad(settings(ZOO_CFG), healthy_ensemble()[0]) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("tickTime=2000", "tickTime=3000", "tickTime 2000, zoo.cfg has 3000"),
        ("/log\n", "/other\n", "dataLogDir /var/lib/zookeeper/log, zoo.cfg has /var/lib/zookeeper/other"),
        ("server.3=zk3:2888:3888\n", "", "other server lines than zoo.cfg"),
        (
            "dataLogDir=/var/lib/zookeeper/log\n",
            "",
            "dataLogDir /var/lib/zookeeper/log, zoo.cfg has /var/lib/zookeeper/data",
        ),
    ],
)
def test_a_member_that_runs_with_something_else(old, new, found):
    (finding,) = problems(check_local("zk1", settings(ZOO_CFG.replace(old, new)), healthy_ensemble()[0], DEFAULTS))
    assert (finding.check, finding.severity, finding.found) == ("running_config", WARNING, found)
    assert "Restart zk1" in finding.hint


def test_a_dynamic_ensemble_has_its_server_lines_elsewhere():
    text = "\n".join(line for line in ZOO_CFG.splitlines() if not line.startswith("server"))
    assert bad(settings(text), healthy_ensemble()[0]) == []


def test_a_member_that_does_not_serve_is_not_compared():
    member = changed(healthy_ensemble()[0], "srvr", "Mode: follower", "")
    assert bad(settings(ZOO_CFG.replace("tickTime=2000", "tickTime=3000")), member) == []


def test_a_member_that_does_not_run_is_explained(tmp_path):
    (tmp_path / "zoo.cfg").write_text(f"dataDir={tmp_path}\nclientPort=2181\n")
    answers = {
        "systemctl": "ActiveState=activating\nSubState=auto-restart\nResult=exit-code\nExecMainStatus=2\nNRestarts=7\n"
        "MainPID=0\nExecMainStartTimestamp=@1764139000\n",
        "journalctl": "ERROR QuorumPeerMain: Invalid config, exiting abnormally\n"
        "org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing /etc/zoo.cfg\n",
    }
    finding = explain_down(lambda command: answers[command[0]], "zk1", str(tmp_path))
    assert (finding.check, finding.severity, finding.subject) == ("unit", CRITICAL, "zk1")
    assert finding.found == (
        "not serving; zookeeper.service is activating (auto-restart), result exit-code, exit status 2, "
        "restarted 7 times by systemd; its configuration is refused: Error processing /etc/zoo.cfg"
    )
    assert "Correct zoo.cfg" in finding.hint


def test_a_member_whose_host_knows_nothing(tmp_path):
    finding = explain_down(lambda command: "", "zk1", os.path.join(tmp_path, "missing"))
    assert (finding.severity, finding.found) == (CRITICAL, "not serving")
    assert "journalctl" in finding.hint
