# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""An inventory that does not agree with the deployed ensemble is a validation error."""

import pytest
from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.validate import validate_members

DATA, LOG = "/var/lib/zookeeper/data", "/var/lib/zookeeper/log"
NOTHING = {
    "data_dir": DATA,
    "data_log_dir": LOG,
    "resolved": {"data_dir": DATA, "data_log_dir": LOG},
    "deployed": None,
    "listeners": {},
}
LINES = [f"server.{n}=zk{n}:2888:3888" for n in (1, 2, 3)]


def deployed(number, **changes):
    """What zookeeper_member_info returns for a running member that the role deployed; None values stay out."""
    member = {
        "config_file": "/etc/zookeeper/zoohouse/zoo.cfg",
        "own": True,
        "running": True,
        "in_unit": True,
        "data_dir": DATA,
        "data_log_dir": LOG,
        "client_port": 2181,
        "listens": True,
        "myid": number,
        "holds_data": True,
        "mode": "follower",
        "servers": LINES,
        **changes,
    }
    return {**NOTHING, "deployed": member}


def foreign(number, **changes):
    packaged = {"config_file": "/etc/zookeeper/conf/zoo.cfg", "own": False}
    return deployed(
        number, **{"data_dir": "/var/lib/zookeeper", "data_log_dir": "/var/lib/zookeeper", **packaged, **changes}
    )


def ensemble(make=deployed, **changes):
    return {f"zk{n}": make(n, **changes) for n in (1, 2, 3)}


def errors(results, changes=None, gone=(), adopt=False):
    """(variable, subject, found) of each validation error."""
    members = model_of(inventory(changes, gone), allow_unsafe_size=True)["ensemble"]["members"]
    found = validate_members(members, results, adopt)
    assert all(error.severity == "critical" and error.expected for error in found)
    return [(error.check, error.subject, error.found) for error in found]


def test_an_ensemble_that_agrees():
    assert errors(ensemble()) == []


def test_new_hosts():
    assert errors({"zk1": NOTHING, "zk2": NOTHING, "zk3": None}) == []


def test_another_process_on_a_port():
    assert errors({"zk1": {**NOTHING, "listeners": {"2181": "nginx"}}}) == [
        ("zookeeper ports", "zk1", "another process (nginx) listening on port 2181"),
    ]


# --- Installations of someone else


@pytest.mark.parametrize(("running", "state"), [(True, "running"), (False, "stopped")])
def test_an_installation_of_someone_else(running, state):
    results = {"zk2": foreign(2, running=running)}
    ((variable, host, found),) = errors(results)
    assert (variable, host) == ("zookeeper_adopt_existing", "zk2")
    assert found == (
        f"a {state} ZooKeeper that this role did not deploy (/etc/zookeeper/conf/zoo.cfg) "
        "with its data in /var/lib/zookeeper"
    )


def test_both_directories_are_named():
    members = model_of(inventory())["ensemble"]["members"]
    (error,) = validate_members(members, {"zk2": foreign(2)}, adopt=False)
    assert error.expected == f"none, while the role would use {DATA} and {LOG}"
    assert "zookeeper_data_dir=/var/lib/zookeeper " in error.hint


def test_an_installation_with_the_same_directories_can_be_adopted():
    results = ensemble(foreign, data_dir=DATA, data_log_dir=LOG)
    assert errors(results, adopt=True) == []


def test_an_installation_with_other_directories_cannot_be_adopted():
    assert [error[:2] for error in errors({"zk1": foreign(1)}, adopt=True)] == [
        ("zookeeper_data_dir", "zk1"),
        ("zookeeper_data_log_dir", "zk1"),
    ]


def test_a_process_that_systemd_cannot_restart_cannot_be_adopted():
    results = {"zk1": foreign(1, data_dir=DATA, data_log_dir=LOG, in_unit=False)}
    assert [error[:2] for error in errors(results, adopt=True)] == [("zookeeper_adopt_existing", "zk1")]


def test_an_adopted_member_keeps_its_port_and_its_members():
    same = {"data_dir": DATA, "data_log_dir": LOG}
    found = errors({"zk1": foreign(1, client_port=2182, **same)}, adopt=True)
    assert [error[:2] for error in found] == [("zookeeper_client_port", "zk1")]
    found = errors({"zk1": foreign(1, servers=LINES[:2], **same)}, adopt=True)
    assert [error[:2] for error in found] == [("zookeeper_id", "zk3")]


# --- Directories and ports


def test_moved_directories():
    assert errors({"zk3": deployed(3, data_dir="/srv/zk")}) == [
        ("zookeeper_data_dir", "zk3", f"{DATA}, but the data of the member is in /srv/zk")
    ]


def test_directories_without_data_may_move():
    assert errors({"zk3": deployed(3, data_dir="/srv/zk", holds_data=False)}) == []


def test_a_changed_client_port_of_a_running_member():
    assert errors(ensemble(), {"zk2": {"zookeeper_client_port": 2199}}) == [
        ("zookeeper_client_port", "zk2", "2199, but the running member listens on 2181")
    ]
    moved = {"zookeeper_client_port": 2199, "zookeeper_previous_client_port": 2181}
    assert errors(ensemble(), {"zk2": moved}) == []
    assert errors(ensemble(client_port=2177), {"zk2": moved})[1][:2] == ("zookeeper_client_port", "zk2")


@pytest.mark.parametrize("variable", ["zookeeper_quorum_port", "zookeeper_election_port"])
def test_a_changed_port_between_members(variable):
    found = errors(ensemble(), {"zk2": {variable: 4000}})
    assert [error[:2] for error in found] == [("zookeeper_quorum_port and zookeeper_election_port", "zk2")]


def test_ports_may_change_while_all_members_are_stopped():
    stopped = ensemble(running=False, mode="")
    changes = {f"zk{n}": {"zookeeper_client_port": 2199, "zookeeper_quorum_port": 4000} for n in (1, 2, 3)}
    assert errors(stopped, changes) == []


# --- Membership


@pytest.mark.parametrize("running", [True, False])
def test_a_shorter_inventory(running):
    results = {"zk1": deployed(1, running=running)}
    assert errors(results, gone=("zk2", "zk3")) == [
        (
            "topology_zookeeper_group",
            "server.2=zk2:2888:3888, server.3=zk3:2888:3888",
            "a member of the deployed ensemble that the inventory does not have",
        )
    ]


def test_a_longer_inventory():
    more = {"zk4": {"ansible_host": "10.0.0.14", "zookeeper_id": 4}}
    assert errors(ensemble(), more) == [
        ("zookeeper_id", "zk4", f"4, which is not a member of the deployed ensemble ({', '.join(LINES)})")
    ]


def test_another_host_under_the_id_of_a_member():
    found = errors(ensemble(), {"zk9": {"ansible_host": "10.0.0.19", "zookeeper_id": 3}}, gone=("zk3",))
    assert found == [
        (
            "zookeeper_address",
            "zk9",
            "server.3=zk9:2888:3888, but the deployed ensemble knows this member as server.3=zk3:2888:3888",
        )
    ]


def test_a_member_may_be_known_by_its_address():
    lines = [f"server.{n}=10.0.0.1{n}:2888:3888" for n in (1, 2, 3)]
    assert errors(ensemble(servers=lines)) == []


def test_a_configuration_that_never_ran_does_not_count():
    results = ensemble(running=False, holds_data=False, mode="", servers=LINES[:1])
    assert errors(results) == []


@pytest.mark.parametrize(
    ("path", "option"),
    [("/home/zk", "ProtectHome"), ("/root", "ProtectHome"), ("/var/tmp/x", "PrivateTmp"), ("/usr/zk", "ProtectSystem")],
)
def test_directories_that_the_unit_hides(path, option):
    result = {**NOTHING, "resolved": {"data_dir": path, "data_log_dir": LOG}}
    found = f"{path}, which the unit of the member hides or protects ({option})"
    assert errors({"zk1": result}) == [("zookeeper_data_dir", "zk1", found)]


@pytest.mark.parametrize("path", ["/homes/zk", "/srv/home/zk", "/var/lib/usr"])
def test_directories_with_similar_names(path):
    assert errors({"zk1": {**NOTHING, "resolved": {"data_dir": path, "data_log_dir": path}}}) == []
