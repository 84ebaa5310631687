"""Wrong input ends with one message, before any host is changed."""

from __future__ import annotations

import functools
import itertools
import json

import pytest
from fingerprint import fingerprints


def member(host, **variables):
    return {"all": {"hosts": {host: variables}}}


def everywhere(**variables):
    return {"all": {"vars": variables}}


def groups(**members):
    return {"all": {"children": {name: {"hosts": dict.fromkeys(hosts)} for name, hosts in members.items()}}}


# Name: additional inventory, options, and what the message must contain.
INVALID = {
    "duplicate id": (
        member("box2", zookeeper_id=1),
        [],
        ["box1, box2: zookeeper_id: found 1 on each of them", "a unique id"],
    ),
    "missing id": (member("box2", zookeeper_id=None), [], ["box2: zookeeper_id: found nothing", "from 1 to 255"]),
    "id too large": (member("box2", zookeeper_id=256), [], ["box2: zookeeper_id: found 256", "from 1 to 255"]),
    "id of zero": (member("box1", zookeeper_id=0), [], ["box1: zookeeper_id: found 0", "from 1 to 255"]),
    "id that is text": (member("box3", zookeeper_id="two"), [], ["box3: zookeeper_id: found two", "from 1 to 255"]),
    "even ensemble": (
        groups(pair=["box1", "box2"]),
        ["-e", "topology_zookeeper_group=pair"],
        ["box1, box2: topology_zookeeper_group: found an ensemble of 2", "an odd number of members, at least 3"],
    ),
    "single member": (
        groups(single=["box1"]),
        ["-e", "topology_zookeeper_group=single"],
        ["box1: topology_zookeeper_group: found an ensemble of 1", "an odd number of members, at least 3"],
    ),
    "same shard and replica": (
        member("box2", clickhouse_replica="box1"),
        [],
        ["box1, box2: clickhouse_replica: found shard 01, replica box1 on each of them"],
    ),
    "missing shard": (member("box3", clickhouse_shard=None), [], ["box3: clickhouse_shard: found nothing"]),
    "shard without replicas": (
        {},
        ["-e", '{"topology_shards": ["01", "02", "03"]}'],
        ["03: topology_shards: found a shard without replicas"],
    ),
    "cluster without an ensemble": (
        groups(nobody=[]),
        ["-e", "topology_zookeeper_group=nobody"],
        ["topology_zookeeper_group: found the group nobody without hosts, expected a group with hosts"],
    ),
    "ports that collide": (
        member("box1", clickhouse_tcp_port=2181),
        [],
        ["box1: zookeeper_client_port and clickhouse_tcp_port: found port 2181 2 times on 172.29.66.11"],
    ),
    "an invalid port": (
        member("box1", clickhouse_http_port=70000),
        [],
        ["box1: clickhouse_http_port: found 70000, expected a port from 1 to 65535"],
    ),
    "two hosts at one address": (
        member("box2", lab_address=11),
        [],
        ["box1, box2: zookeeper_address: found 172.29.66.11 for each of them", "a separate machine for each"],
    ),
    "address of another host": (
        member("box2", zookeeper_address="172.29.66.99", clickhouse_address="172.29.66.99"),
        [],
        ["box2: clickhouse_address: found 172.29.66.99, which is on none of its interfaces"],
    ),
    "two addresses for one name": (
        member("box2", clickhouse_address="172.29.66.99"),
        [],
        ["box2: zookeeper_address and clickhouse_address: found 172.29.66.12 and 172.29.66.99", "one address for box2"],
    ),
    "a missing password": (
        {},
        ["-e", "clickhouse_admin_password="],
        ["clickhouse_admin_password: found an empty password"],
    ),
    "an unknown key of zoo.cfg": (
        everywhere(zookeeper_extra_config={"maxClientConns": 60}),
        [],
        [
            "zookeeper_extra_config: unknown key maxClientConns for ZooKeeper 3.8.0; did you mean maxClientCnxns?",
        ],
    ),
    "a key of a newer version": (
        member("box2", zookeeper_extra_config={"admin.snapshot.enabled": True}),
        [],
        ["box2: zookeeper_extra_config: admin.snapshot.enabled needs ZooKeeper 3.9 or later; this is 3.8.0"],
    ),
    "an unsafe setting": (
        everywhere(zookeeper_extra_config={"skipACL": True}),
        [],
        [
            "zookeeper_extra_config: skipACL=true is unsafe: anyone may read and change every znode",
            "add skipACL to zookeeper_allow_unsafe_settings",
        ],
    ),
    "a heap larger than the memory": (
        member("box2", zookeeper_heap_mb=900000),
        [],
        ["box2: zookeeper_heap_mb: found a heap of 900000 MiB, expected less than the memory of the host"],
    ),
    "an invalid network": (
        {},
        ["-e", '{"clickhouse_admin_networks": ["10.0.0.0/8", "10.0.0.0/33"]}'],
        ["clickhouse_admin_networks: found 10.0.0.0/33, expected an address or a network"],
    ),
    "an invalid network in a text": (
        {},
        ["-e", "clickhouse_admin_networks=10.0.0.0/8,10.0.0.0/33"],
        ["clickhouse_admin_networks: found 10.0.0.0/33, expected an address or a network"],
    ),
    "a misspelt group": (
        {},
        ["-e", "topology_clickhouse_group=clickhous"],
        ["topology_clickhouse_group: found no group clickhous among", "Did you mean clickhouse?"],
    ),
    "an adoption that members disagree on": (
        member("box2", zookeeper_adopt_existing=True),
        [],
        ["zookeeper_adopt_existing: found false (the default) on box1, box3 and true on box2"],
    ),
    "an invalid user name": (
        {},
        ["-e", "clickhouse_admin_user=the.admin"],
        ["clickhouse_admin_user: found the.admin, expected a name of letters, digits"],
    ),
    "a directory that the unit hides": (
        {},
        ["-e", "zookeeper_data_dir=/home/zookeeper"],
        ["box1: zookeeper_data_dir: found /home/zookeeper, which the unit of the member hides", "(ProtectHome)"],
    ),
    "a variable of the whole that hosts disagree on": (
        {"all": {"children": {"other": {"hosts": {"box3": None}, "vars": {"topology_cluster": "prod"}}}}},
        [],
        ["topology_cluster: found main (the default) on box1, box2, box4 and prod on box3, expected the same value"],
    ),
    "a password that hosts disagree on": (
        member("box2", clickhouse_cluster_password="another-secret"),
        [],
        ["clickhouse_cluster_password: found one value on box1, box3, box4 and another value on box2"],
    ),
    "a user without the rights of root": (
        {"all": {"vars": {"ansible_become": True, "ansible_become_method": "su", "ansible_become_user": "nobody"}}},
        ["-e", "ansible_become_flags=-s/bin/sh"],
        ["box1: become: found the user nobody, expected root", "-b (--become)"],
    ),
    "an undefined variable in extra configuration": (
        member("box2", clickhouse_extra_config={"logger": {"size": "{{ log_size }}"}}),
        [],
        ["box2: clickhouse_extra_config: found logger/size: an expression that fails ('log_size' is undefined)"],
    ),
    "an expression with a mistake in extra configuration": (
        {},
        ["-e", '{"clickhouse_extra_users": {"quotas": {"hourly": "{{ 1 + }}"}}}'],
        ["clickhouse_extra_users: found quotas/hourly: an expression that fails (Syntax error in template"],
    ),
    "a missing profile in extra configuration": (
        {},
        ["-e", '{"clickhouse_extra_users": {"users": {"reader": {"password": "x", "profile": "reporting"}}}}'],
        ["box1: clickhouse_extra_users: found users/reader/profile: reporting, which is not defined, expected one of"],
    ),
    "a misspelt element of extra configuration": (
        {},
        ["-e", '{"clickhouse_extra_config": {"max_conections": 100}}'],
        ["box1: clickhouse_extra_config: found unknown element max_conections, expected max_connections"],
    ),
    "an unknown setting of MergeTree": (
        member("box2", clickhouse_merge_tree={"parts_to_throw_inserts": 600}),
        [],
        ["box2: clickhouse_merge_tree: found unknown setting parts_to_throw_inserts, expected parts_to_throw_insert"],
    ),
    "a number that is text": ({}, ["-e", "zookeeper_tick_time=soon"], ["zookeeper_tick_time", "soon"]),
}
# Mistakes that one message reports together. All others stop the run by themselves.
TOGETHER = [
    ["id of zero", "missing id", "id that is text", "missing shard", "an invalid port", "two addresses for one name"],
    ["duplicate id", "same shard and replica", "shard without replicas", "ports that collide"],
    [
        "an unknown key of zoo.cfg",
        "a key of a newer version",
        "an unsafe setting",
        "a heap larger than the memory",
    ],
    ["a missing password", "an invalid network", "an invalid user name"],
    [
        "a variable of the whole that hosts disagree on",
        "a password that hosts disagree on",
        "an adoption that members disagree on",
    ],
    [
        "an undefined variable in extra configuration",
        "an expression with a mistake in extra configuration",
    ],
    [
        "a missing profile in extra configuration",
        "a misspelt element of extra configuration",
        "an unknown setting of MergeTree",
    ],
]
RUNS = TOGETHER + [[name] for name in INVALID if not any(name in names for names in TOGETHER)]


def merged(one, other):
    """Two parts of an inventory in one; they never set the same variable."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            key: merged(one[key], other[key]) if key in one and key in other else {**one, **other}[key]
            for key in {**one, **other}
        }
    assert one == other
    return one


# Name: a fault on box2, how to undo it, options, and what the message must contain.
WRONG_HOSTS = {
    "a name that DNS does not know": (
        "cp /etc/resolv.conf /run/resolv.conf && echo nameserver 127.0.0.1 > /etc/resolv.conf",
        "cp /run/resolv.conf /etc/resolv.conf",
        ["-e", "host_manage_names=false"],
        ["box2: name box2: found no address, expected an address of the host, not a loopback address"],
    ),
    "a name that is the loopback": (
        "echo '127.0.1.1 box2' >> /etc/hosts",
        "sed -i '/127.0.1.1/d' /etc/hosts",
        ["-e", "host_manage_names=false"],
        ["box2: name box2: found 127.0.1.1, expected an address of the host, not a loopback address"],
    ),
    "127.0.1.1, and a stale name of another host": (
        "printf '127.0.1.1 box2\\n172.29.66.99 box3\\n' >> /etc/hosts",
        "sed -i '/127.0.1.1/d; /172.29.66.99/d' /etc/hosts",
        [],
        [
            "box2: box2 in /etc/hosts: found 127.0.1.1, expected 172.29.66.12",
            "box2: box3 in /etc/hosts: found 172.29.66.99, expected 172.29.66.13",
            "Remove this line",
        ],
    ),
    "a full file system, and certificates that are not there": (
        "mkdir -p /mnt/full && mount -t tmpfs -o size=1m tmpfs /mnt/full",
        "umount /mnt/full && rmdir /mnt/full",
        [
            *("-e", '{"clickhouse_paths": {"data": "/mnt/full/clickhouse/"}, "clickhouse_https_port": 8443}'),
            *("-e", '{"clickhouse_openssl": {"server": {"certificateFile": "/etc/a.pem", "privateKeyFile": "/etc"}}}'),
        ],
        [
            "box2: clickhouse_openssl: found server: certificateFile: /etc/a.pem, which does not exist",
            "box2: clickhouse_paths: found data: /mnt/full/clickhouse/ on the file system /mnt/full with 1048576 bytes",
            "expected at least 1073741824 bytes free",
        ],
    ),
    "distribution": (
        "mv /usr/lib/os-release /usr/lib/os-release.kept "
        "&& printf 'ID=debian\\nVERSION_ID=\"11\"\\n' > /usr/lib/os-release",
        "mv /usr/lib/os-release.kept /usr/lib/os-release",
        [],
        ["box2: distribution: found debian-11, expected one of debian-12"],
    ),
}


def assert_invalid(done, texts):
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    for text in texts:
        assert text in output, done.stdout + done.stderr
    assert not [line for line in done.stdout.splitlines() if line.startswith("changed:")]


@pytest.mark.parametrize("names", RUNS, ids=" and ".join)
def test_wrong_input_is_an_error_and_no_host_is_changed(lab, site, names):
    overlays, options, texts = zip(*(INVALID[name] for name in names), strict=True)
    before = fingerprints(lab)
    done = site(functools.reduce(merged, overlays), *itertools.chain(*options))
    assert_invalid(done, itertools.chain(*texts))
    assert fingerprints(lab) == before


@pytest.mark.parametrize("name", WRONG_HOSTS)
def test_a_host_that_does_not_agree_is_an_error_and_is_not_changed(lab, site, name):
    fault, undo, options, texts = WRONG_HOSTS[name]
    lab.shell("box2", fault)
    before = fingerprints(lab)
    try:
        assert_invalid(site({}, *options), texts)
        assert fingerprints(lab) == before
    finally:
        lab.shell("box2", undo)


PLAY = """\
- hosts: zookeeper
  gather_facts: false
  any_errors_fatal: true
  {keyword}
  roles:
    - role: zoohouse.cluster.zookeeper
"""


@pytest.mark.parametrize(
    ("keyword", "texts"),
    [
        ("strategy: free", ["strategy: found free, expected linear"]),
        ("serial: 1", ["serial: found batches of 1 of 3 hosts, expected all hosts in one batch"]),
        (
            "vars: {zookeeper_client_port: 2199}",
            ["box1, box2, box3: zookeeper_client_port: found 2199 in the variables of the play, a role or a task"],
        ),
    ],
)
def test_a_play_of_ones_own_that_breaks_what_the_roles_depend_on(lab, command, tmp_path, keyword, texts):
    (tmp_path / "play.yml").write_text(PLAY.format(keyword=keyword))
    before = fingerprints(lab)
    done = lab.run([*command("site", {})[:-1], str(tmp_path / "play.yml")])
    assert_invalid(done, texts)
    assert fingerprints(lab) == before


def test_values_of_another_type_are_converted(site):
    variables = {
        "clickhouse_admin_networks": "10.0.0.0/8",
        "clickhouse_admin_password": 12345,
        "clickhouse_cluster_password": 67890,
        "host_manage_names": "yes",
        "zookeeper_client_port": "2181",
        "topology_shards": "01,02",
    }
    done = site(everywhere(**variables), "-e", json.dumps(variables), "--check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("size", ["pair", "single"])
def test_an_unsafe_ensemble_passes_when_it_is_allowed(site, size):
    overlay = groups(pair=["box1", "box2"], single=["box1"])
    allowed = ["-e", f"topology_zookeeper_group={size}", "-e", "topology_allow_unsafe_size=true"]
    done = site(overlay, *allowed, "--tags", "preflight")
    assert done.returncode == 0, done.stdout


def test_check_mode_on_fresh_hosts_shows_the_changes_and_makes_none(lab, site):
    before = fingerprints(lab)
    done = site({}, "--check", "--diff")
    assert done.returncode == 0, done.stdout
    assert "+server.3=box3:2888:3888" in done.stdout and "<replica>box1</replica>" in done.stdout
    assert "lab-admin" not in done.stdout and "lab-cluster" not in done.stdout
    assert fingerprints(lab) == before


def test_valid_input_passes_preflight_and_changes_nothing(lab, site):
    before = fingerprints(lab)
    done = site({}, "--tags", "preflight")
    assert done.returncode == 0, done.stdout
    assert "changed=0" in done.stdout and "changed=1" not in done.stdout
    assert fingerprints(lab) == before
