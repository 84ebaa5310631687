# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Who is in which ensemble, shard and replica, and every contradiction that is refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import build, judge_hosts


def lab(changes=None, gone=()):
    """Inventory variables of three members and two shards of two replicas, with changes by host."""
    hosts = {f"zk{n}": {"ansible_host": f"10.0.0.1{n}", "zookeeper_id": n} for n in (1, 2, 3)}
    for n, shard in enumerate(["01", "01", "02", "02"], 1):
        hosts[f"ch{n}"] = {"ansible_host": f"10.0.0.2{n}", "clickhouse_shard": shard}
    for host, variables in (changes or {}).items():
        hosts[host] = {**hosts.get(host, {}), **variables}
    return {host: variables for host, variables in hosts.items() if host not in gone}


def plan(hostvars, **options):
    zookeeper = [host for host in hostvars if host.startswith("zk")]
    clickhouse = [host for host in hostvars if host.startswith("ch")]
    return build(hostvars, zookeeper, clickhouse, **options)


def refused(built):
    """(variable, host, found, expected) of each refusal."""
    return [(one["check"], one["subject"], one["found"], one["expected"]) for one in built["refusals"]]


# --- What comes out of a good inventory


def test_server_lines_name_every_member_in_the_order_of_ids():
    ensemble = plan(lab())["ensemble"]
    assert ensemble["server_lines"] == ["server.1=zk1:2888:3888", "server.2=zk2:2888:3888", "server.3=zk3:2888:3888"]
    assert ensemble["connection_string"] == "zk1:2181,zk2:2181,zk3:2181"
    assert ensemble["endpoints"] == ["zk1:2181", "zk2:2181", "zk3:2181"]
    assert ensemble["quorum"] == 2


def test_members_are_ordered_by_id_and_not_by_inventory():
    ensemble = plan(lab({"zk1": {"zookeeper_id": 30}}))["ensemble"]
    assert [member["id"] for member in ensemble["members"]] == [2, 3, 30]
    assert [member["host"] for member in ensemble["members"]] == ["zk2", "zk3", "zk1"]


def test_ports_of_the_inventory_reach_the_server_lines_and_endpoints():
    ports = {"zookeeper_client_port": 2281, "zookeeper_quorum_port": "2988", "zookeeper_election_port": 3988}
    ensemble = plan(lab({"zk2": ports}))["ensemble"]
    assert ensemble["server_lines"][1] == "server.2=zk2:2988:3988"
    assert ensemble["endpoints"][1] == "zk2:2281"
    assert ensemble["members"][1]["client_port"] == 2281


def test_the_cluster_lists_shards_replicas_macros_and_remote_servers():
    cluster = plan(lab(), cluster="events")["cluster"]
    assert cluster["name"] == "events"
    assert [(shard["name"], [one["host"] for one in shard["replicas"]]) for shard in cluster["shards"]] == [
        ("01", ["ch1", "ch2"]),
        ("02", ["ch3", "ch4"]),
    ]
    assert cluster["macros"]["ch3"] == {"cluster": "events", "shard": "02", "replica": "ch3"}
    assert cluster["remote_servers"] == {
        "events": [
            {"shard": "01", "replicas": [{"host": "ch1", "port": 9000}, {"host": "ch2", "port": 9000}]},
            {"shard": "02", "replicas": [{"host": "ch3", "port": 9000}, {"host": "ch4", "port": 9000}]},
        ]
    }


def test_a_replica_carries_its_own_ports():
    ports = {"clickhouse_http_port": 18123, "clickhouse_tcp_port": 19000, "clickhouse_interserver_port": 19009}
    cluster = plan(lab({"ch2": ports}))["cluster"]
    replica = cluster["replicas"][1]
    assert (replica["http_port"], replica["tcp_port"], replica["interserver_port"]) == (18123, 19000, 19009)
    assert cluster["remote_servers"]["main"][0]["replicas"][1] == {"host": "ch2", "port": 19000}


def test_a_good_inventory_is_not_refused():
    assert refused(plan(lab())) == []


def test_an_ensemble_needs_no_cluster():
    built = plan(lab(gone=("ch1", "ch2", "ch3", "ch4")))
    assert refused(built) == []
    assert built["cluster"]["replicas"] == []


def test_names_are_listed_once_for_hosts_with_an_address():
    assert plan(lab(gone=("zk2", "zk3", "ch3", "ch4")), allow_unsafe_size=True)["names"] == [
        {"ip": "10.0.0.11", "name": "zk1"},
        {"ip": "10.0.0.21", "name": "ch1"},
        {"ip": "10.0.0.22", "name": "ch2"},
    ]


def test_a_host_in_both_groups_has_one_name():
    both = {"ansible_host": "10.0.0.1", "zookeeper_id": 1, "clickhouse_shard": "01"}
    built = build({"db1": both}, ["db1"], ["db1"], allow_unsafe_size=True)
    assert refused(built) == []
    assert built["names"] == [{"ip": "10.0.0.1", "name": "db1"}]


def test_ids_may_be_written_as_text():
    ensemble = plan(lab({"zk1": {"zookeeper_id": "1"}, "zk2": {"zookeeper_id": " 2"}}))["ensemble"]
    assert [member["id"] for member in ensemble["members"]] == [1, 2, 3]


def test_the_address_for_cluster_traffic_goes_before_that_of_ssh():
    built = plan(lab({"zk1": {"zookeeper_address": "192.168.7.11"}, "ch1": {"clickhouse_address": "192.168.7.21"}}))
    assert built["ensemble"]["members"][0]["ip"] == "192.168.7.11"
    assert {"ip": "192.168.7.21", "name": "ch1"} in built["names"]
    assert built["ensemble"]["server_lines"][0] == "server.1=zk1:2888:3888"


def test_a_host_without_an_address_goes_by_its_inventory_name():
    built = build({"zk1.example.org": {"zookeeper_id": 1}}, ["zk1.example.org"], [], allow_unsafe_size=True)
    member = built["ensemble"]["members"][0]
    assert (member["name"], member["ip"], built["names"]) == ("zk1.example.org", None, [])


def test_an_address_that_is_a_name_takes_the_place_of_the_inventory_name():
    built = plan(lab({"zk1": {"ansible_host": "zk1.example.org"}, "ch1": {"ansible_host": "ch1.example.org"}}))
    assert built["ensemble"]["server_lines"][0] == "server.1=zk1.example.org:2888:3888"
    assert built["cluster"]["remote_servers"]["main"][0]["replicas"][0]["host"] == "ch1.example.org"
    assert "zk1" not in [entry["name"] for entry in built["names"]]


def test_an_inventory_of_bare_addresses_uses_them_as_names():
    built = build({"10.0.0.1": {"zookeeper_id": 1}}, ["10.0.0.1"], [], allow_unsafe_size=True)
    assert built["ensemble"]["server_lines"] == ["server.1=10.0.0.1:2888:3888"]
    assert built["names"] == []


def test_ipv6_addresses_stand_in_brackets():
    ensemble = build({"fd00::1": {"zookeeper_id": 1}}, ["fd00::1"], [], allow_unsafe_size=True)["ensemble"]
    assert ensemble["server_lines"] == ["server.1=[fd00::1]:2888:3888"]
    assert ensemble["connection_string"] == "[fd00::1]:2181"


def test_ipv6_addresses_get_names_like_any_other():
    built = plan(lab({"zk1": {"ansible_host": "fd00::11"}}))
    assert built["ensemble"]["server_lines"][0] == "server.1=zk1:2888:3888"
    assert {"ip": "fd00::11", "name": "zk1"} in built["names"]


def test_shards_come_in_natural_order():
    changes = {"ch1": "s10", "ch2": "s9", "ch3": "s1", "ch4": "a"}
    built = plan(lab({host: {"clickhouse_shard": shard} for host, shard in changes.items()}))
    assert [shard["name"] for shard in built["cluster"]["shards"]] == ["a", "s1", "s9", "s10"]


def test_shards_come_in_the_order_that_the_inventory_asks_for():
    built = plan(lab(), shards=["02", "01"])
    assert [shard["name"] for shard in built["cluster"]["shards"]] == ["02", "01"]
    assert [shard["shard"] for shard in built["cluster"]["remote_servers"]["main"]] == ["02", "01"]


def test_shards_may_be_asked_for_as_numbers():
    shards = {host: {"clickhouse_shard": n} for host, n in {"ch1": 1, "ch2": 1, "ch3": 2, "ch4": 2}.items()}
    built = plan(lab(shards), shards=[2, 1])
    assert refused(built) == []
    assert [shard["name"] for shard in built["cluster"]["shards"]] == ["2", "1"]


# --- What is refused


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "nothing"),
        ("", "nothing"),
        ("one", "one"),
        (0, "0"),
        (256, "256"),
        (-1, "-1"),
        (1.5, "1.5"),
        (True, "True"),
        ([1], "[1]"),
    ],
)
def test_an_id_out_of_range_is_refused(value, found):
    built = plan(lab({"zk2": {"zookeeper_id": value}}))
    assert refused(built) == [("zookeeper_id", "zk2", found, "a number from 1 to 255")]


def test_a_missing_id_is_refused():
    hostvars = lab()
    del hostvars["zk3"]["zookeeper_id"]
    assert refused(plan(hostvars)) == [("zookeeper_id", "zk3", "nothing", "a number from 1 to 255")]


def test_the_ends_of_the_range_of_ids_are_accepted():
    assert refused(plan(lab({"zk1": {"zookeeper_id": 255}}))) == []


def test_an_id_of_two_members_is_refused():
    built = plan(lab({"zk3": {"zookeeper_id": "1"}}))
    assert refused(built) == [("zookeeper_id", "zk1, zk3", "1 on each of them", "an id of its own for each member")]


@pytest.mark.parametrize("gone", [("zk2", "zk3"), ("zk3",)])
def test_a_single_or_even_ensemble_is_refused(gone):
    hostvars = lab(gone=gone)
    hosts = [host for host in hostvars if host.startswith("zk")]
    assert refused(plan(hostvars)) == [
        (
            "topology_zookeeper_group",
            ", ".join(hosts),
            f"an ensemble of {len(hosts)}",
            "an odd number of members, at least 3",
        )
    ]


@pytest.mark.parametrize("gone", [("zk2", "zk3"), ("zk3",)])
def test_a_single_or_even_ensemble_is_accepted_when_allowed(gone):
    assert refused(plan(lab(gone=gone), allow_unsafe_size=True)) == []


def test_a_replica_twice_in_a_shard_is_refused():
    built = plan(lab({"ch1": {"clickhouse_replica": "a"}, "ch2": {"clickhouse_replica": "a"}}))
    assert refused(built) == [
        (
            "clickhouse_replica",
            "ch1, ch2",
            "shard 01, replica a on each of them",
            "a pair of shard and replica of its own for each host",
        )
    ]


def test_a_replica_name_may_come_again_in_another_shard():
    assert refused(plan(lab({"ch1": {"clickhouse_replica": "a"}, "ch3": {"clickhouse_replica": "a"}}))) == []


def test_a_shard_without_replicas_is_refused():
    built = plan(lab(), shards=["01", "02", "03"])
    assert refused(built) == [
        ("topology_shards", "03", "a shard without replicas", "at least one host with this clickhouse_shard")
    ]


def test_a_shard_that_is_not_among_those_asked_for_is_refused():
    built = plan(lab({"ch4": {"clickhouse_shard": "03"}}), shards=["01", "02"])
    assert refused(built) == [("clickhouse_shard", "ch4", "03", "one of topology_shards (01, 02)")]


def test_a_shard_that_is_asked_for_twice_is_refused():
    assert [one[:2] for one in refused(plan(lab(), shards=["01", "02", "01"]))] == [("topology_shards", "01")]


def test_a_cluster_without_an_ensemble_is_refused():
    built = plan(lab(gone=("zk1", "zk2", "zk3")))
    assert refused(built) == [
        (
            "topology_zookeeper_group",
            "ch1, ch2, ch3, ch4",
            "a cluster without an ensemble",
            "at least one host in the group",
        )
    ]


NAMES = "a name of letters, digits, '.', '_' and '-'"


@pytest.mark.parametrize("variable", ["clickhouse_shard", "clickhouse_replica"])
@pytest.mark.parametrize(
    ("value", "found"),
    [(None, "nothing"), ("", "nothing"), ("a/b", "a/b"), ("{x}", "{x}"), (".a", ".a"), ("a\n", "a\n")],
)
def test_a_bad_name_is_refused(variable, value, found):
    assert refused(plan(lab({"ch3": {variable: value}}))) == [(variable, "ch3", found, NAMES)]


def test_a_missing_shard_is_refused():
    hostvars = lab()
    del hostvars["ch2"]["clickhouse_shard"]
    assert refused(plan(hostvars)) == [("clickhouse_shard", "ch2", "nothing", NAMES)]


@pytest.mark.parametrize(("cluster", "found"), [("", "nothing"), ("my cluster", "my cluster"), ("a/b", "a/b")])
def test_a_bad_name_of_the_cluster_is_refused(cluster, found):
    assert [one[:3] for one in refused(plan(lab(), cluster=cluster))] == [("topology_cluster", "all", found)]


@pytest.mark.parametrize("cluster", ["1st", "my.cluster"])
def test_a_name_of_the_cluster_that_no_configuration_can_carry_is_refused(cluster):
    assert [one[:3] for one in refused(plan(lab(), cluster=cluster))] == [("topology_cluster", "all", cluster)]


@pytest.mark.parametrize(
    ("host", "variable"),
    [
        ("zk1", "zookeeper_client_port"),
        ("zk2", "zookeeper_quorum_port"),
        ("zk3", "zookeeper_election_port"),
        ("ch1", "clickhouse_http_port"),
        ("ch2", "clickhouse_tcp_port"),
        ("ch3", "clickhouse_interserver_port"),
    ],
)
@pytest.mark.parametrize(("value", "found"), [(0, "0"), (65536, "65536"), ("http", "http"), (None, "nothing")])
def test_a_port_out_of_range_is_refused(host, variable, value, found):
    built = plan(lab({host: {variable: value}}))
    assert refused(built) == [(variable, host, found, "a port from 1 to 65535")]


def test_one_port_for_two_things_on_a_host_is_refused():
    built = plan(lab({"zk1": {"zookeeper_quorum_port": 3888}}))
    assert refused(built) == [
        (
            "zookeeper_quorum_port and zookeeper_election_port",
            "zk1",
            "port 3888 2 times on 10.0.0.11",
            "ports of their own",
        )
    ]


def test_one_port_of_both_services_on_a_host_is_refused():
    both = {"ansible_host": "10.0.0.1", "zookeeper_id": 1, "clickhouse_shard": "01", "clickhouse_http_port": 2181}
    built = build({"db1": both}, ["db1"], ["db1"], allow_unsafe_size=True)
    assert refused(built) == [
        (
            "zookeeper_client_port and clickhouse_http_port",
            "db1",
            "port 2181 2 times on 10.0.0.1",
            "ports of their own",
        )
    ]


def test_two_members_on_one_machine_are_refused_whatever_their_ports():
    ports = {"zookeeper_client_port": 12181, "zookeeper_quorum_port": 12888, "zookeeper_election_port": 13888}
    built = plan(lab({"zk2": {"ansible_host": "10.0.0.11", **ports}}))
    assert refused(built) == [("zookeeper_address", "zk1, zk2", "10.0.0.11 for each of them", "a machine of its own")]


def test_two_replicas_on_one_machine_are_refused_however_the_address_is_written():
    built = plan(lab({"ch1": {"ansible_host": "fd00::21"}, "ch2": {"ansible_host": "FD00:0::21"}}))
    assert ("clickhouse_address", "ch1, ch2", "fd00::21 for each of them", "a machine of its own") in refused(built)


def test_a_member_and_a_replica_may_share_a_machine_under_two_names():
    assert refused(plan(lab({"ch1": {"ansible_host": "10.0.0.11"}}))) == []


def test_a_port_of_both_services_on_one_machine_under_two_names_is_refused():
    built = plan(lab({"ch1": {"ansible_host": "10.0.0.11", "clickhouse_tcp_port": 2181}}))
    variables = "zookeeper_client_port and clickhouse_tcp_port"
    assert refused(built) == [(variables, "zk1, ch1", "port 2181 2 times on 10.0.0.11", "ports of their own")]


def test_two_addresses_for_one_name_are_refused():
    host = {
        "zookeeper_id": 1,
        "clickhouse_shard": "01",
        "zookeeper_address": "10.1.0.1",
        "clickhouse_address": "10.2.0.1",
    }
    built = build(lab({"zk1": host}), ["zk1", "zk2", "zk3"], ["zk1"])
    variables = "zookeeper_address and clickhouse_address"
    assert refused(built) == [(variables, "zk1", "10.1.0.1 and 10.2.0.1", "one address for zk1")]


def test_all_contradictions_are_told_at_once():
    built = plan(lab({"zk1": {"zookeeper_id": 0}, "ch1": {"clickhouse_shard": "a/b"}}, gone=("zk3",)))
    assert [one[0] for one in refused(built)] == ["zookeeper_id", "clickhouse_shard", "topology_zookeeper_group"]
    assert all(one["severity"] == "critical" for one in built["refusals"])


# --- What the hosts say


def host_reading(ip, **changes):
    """What host_info returns on a host that has this address and knows its own name."""
    return {
        "own_addresses": [ip],
        "hosts_file": {},
        "resolved": {},
        "clock_offset": 0.0,
        "clock_uncertainty": 0.1,
        **changes,
    }


def readings(hostvars, changes=None):
    return {
        host: host_reading(variables["ansible_host"], **(changes or {}).get(host, {}))
        for host, variables in hostvars.items()
    }


def complaints(hostvars, changes=None, manage_names=True, max_clock_skew=0.5):
    findings = judge_hosts(plan(hostvars), readings(hostvars, changes), manage_names, max_clock_skew)
    return [(one.check, one.subject, one.found, one.expected) for one in findings]


def test_good_hosts_are_not_refused():
    assert complaints(lab()) == []


def test_hosts_that_were_not_read_are_passed_over():
    assert judge_hosts(plan(lab()), {"zk1": host_reading("10.0.0.11"), "zk2": None}, True, 0.5) == []


def test_a_name_that_leads_to_the_host_s_own_loopback_is_refused():
    trap = {"zk2": {"hosts_file": {"zk2": ["127.0.1.1"]}}}
    assert complaints(lab(), trap) == [("zk2 in /etc/hosts", "zk2", "127.0.1.1", "10.0.0.12")]


def test_a_line_that_says_what_the_inventory_says_is_accepted():
    assert complaints(lab(), {"zk2": {"hosts_file": {"zk2": ["10.0.0.12"]}}}) == []


def test_what_dns_says_does_not_matter_where_names_are_managed():
    assert complaints(lab(), {"zk2": {"resolved": {"zk2": ["203.0.113.7"]}}}) == []


def test_an_address_that_the_host_does_not_have_is_refused():
    assert complaints(lab(), {"ch1": {"own_addresses": ["172.16.0.1"]}}) == [
        ("clickhouse_address", "ch1", "10.0.0.21, which is on none of its interfaces", "an address of its own")
    ]


def test_a_loopback_address_is_refused_where_others_must_reach_it():
    hostvars = lab({"zk1": {"ansible_host": "127.0.0.1"}})
    assert [one[:2] for one in complaints(hostvars)] == [("zookeeper_address", "zk1")]


@pytest.mark.parametrize(
    ("resolved", "own", "found"),
    [
        (["127.0.1.1"], ["127.0.1.1", "10.0.0.12"], "127.0.1.1"),
        (["::1", "10.0.0.12"], ["::1", "10.0.0.12"], "::1"),
        (["203.0.113.7"], ["10.0.0.12"], "203.0.113.7"),
        ([], ["10.0.0.12"], "no address"),
    ],
)
def test_without_managed_names_a_name_must_lead_to_the_host_itself(resolved, own, found):
    changes = {host: {"resolved": {host: [values["ansible_host"]]}} for host, values in lab().items()}
    changes["zk2"] = {"resolved": {"zk2": resolved}, "own_addresses": own}
    assert complaints(lab(), changes, manage_names=False) == [
        ("name zk2", "zk2", found, "an address of the host's own, not the loopback")
    ]


@pytest.mark.parametrize("manage_names", [True, False])
def test_a_dns_name_must_lead_to_the_host_itself(manage_names):
    built = build({"zk1.example.org": {"zookeeper_id": 1}}, ["zk1.example.org"], [], allow_unsafe_size=True)
    good = {"own_addresses": ["10.0.0.1"], "hosts_file": {}, "resolved": {"zk1.example.org": ["10.0.0.1"]}}
    bad = {**good, "resolved": {"zk1.example.org": ["203.0.113.7"]}}
    assert judge_hosts(built, {"zk1.example.org": good}, manage_names, 0.5) == []
    (finding,) = judge_hosts(built, {"zk1.example.org": bad}, manage_names, 0.5)
    assert (finding.check, finding.subject, finding.found) == ("name zk1.example.org", "zk1.example.org", "203.0.113.7")
    assert finding.expected == "an address of the host's own, not the loopback"


def test_an_address_used_as_a_name_needs_no_resolver():
    built = build({"10.0.0.1": {"zookeeper_id": 1}}, ["10.0.0.1"], [], allow_unsafe_size=True)
    assert judge_hosts(built, {"10.0.0.1": host_reading("10.0.0.1")}, False, 0.5) == []


def test_a_host_in_both_groups_is_refused_once():
    both = {"ansible_host": "10.0.0.1", "zookeeper_id": 1, "clickhouse_shard": "01"}
    built = build({"db1": both}, ["db1"], ["db1"], allow_unsafe_size=True)
    told = judge_hosts(built, {"db1": host_reading("10.0.0.1", hosts_file={"db1": ["127.0.1.1"]})}, True, 0.5)
    assert [one.check for one in told] == ["db1 in /etc/hosts"]


@pytest.mark.parametrize(("offset", "word"), [(30.0, "ahead of"), (-30.0, "behind")])
def test_a_clock_that_is_certainly_wrong_is_refused(offset, word):
    ((check, subject, found, expected),) = complaints(lab(), {"ch2": {"clock_offset": offset}})
    assert (check, subject, expected) == ("host_max_clock_skew", "ch2", "at most 0.5 s")
    assert found.startswith(f"a clock 30.0 s {word} ")


def test_a_clock_within_the_uncertainty_of_the_reading_is_accepted():
    slow = {"zk2": {"clock_offset": 3.0, "clock_uncertainty": 2.5}}
    assert complaints(lab(), slow) == []
    assert len(complaints(lab(), slow, max_clock_skew=0.1)) == 1


def test_one_clock_alone_has_nothing_to_be_compared_with():
    built = build({"zk1": {"ansible_host": "10.0.0.1", "zookeeper_id": 1}}, ["zk1"], [], allow_unsafe_size=True)
    assert judge_hosts(built, {"zk1": host_reading("10.0.0.1", clock_offset=1e6)}, True, 0.5) == []


def test_a_host_whose_reading_failed_is_passed_over():
    assert judge_hosts(plan(lab()), {"zk1": {"failed": True, "msg": "no space left"}}, True, 0.5) == []


# --- Any inventory


@given(
    members=st.integers(1, 4).map(lambda n: 2 * n + 1),
    shards=st.integers(1, 6),
    replicas=st.integers(1, 4),
    as_text=st.booleans(),
    with_addresses=st.booleans(),
)
def test_any_well_formed_inventory_is_accepted(members, shards, replicas, as_text, with_addresses):
    hostvars = {f"zk{n}": {"zookeeper_id": str(n) if as_text else n} for n in range(1, members + 1)}
    for shard in range(1, shards + 1):
        for replica in range(1, replicas + 1):
            hostvars[f"ch{shard}-{replica}"] = {"clickhouse_shard": f"{shard:02}" if as_text else shard}
    if with_addresses:
        for n, host in enumerate(hostvars, 1):
            hostvars[host]["ansible_host"] = f"10.0.0.{n}"
    built = plan(hostvars)
    assert built["refusals"] == []
    assert len(set(built["ensemble"]["server_lines"])) == members
    assert [len(shard["replicas"]) for shard in built["cluster"]["shards"]] == [replicas] * shards
    assert len(built["names"]) == (len(hostvars) if with_addresses else 0)


VARIABLES = [
    *("zookeeper_id", "zookeeper_address", "zookeeper_client_port", "zookeeper_quorum_port", "zookeeper_election_port"),
    *("clickhouse_shard", "clickhouse_replica", "clickhouse_address", "ansible_host"),
    *("clickhouse_http_port", "clickhouse_tcp_port", "clickhouse_interserver_port"),
]
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20))
GARBAGE = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.text(max_size=5), SCALARS, max_size=2))


@given(
    values=st.dictionaries(st.sampled_from(VARIABLES), GARBAGE),
    cluster=st.text(max_size=10),
    shards=st.lists(st.text(min_size=1, max_size=3), max_size=3),
)
def test_garbage_is_refused_and_never_raises(values, cluster, shards):
    built = plan(lab({"zk1": values, "ch1": values}), cluster=cluster, shards=shards)
    for one in built["refusals"]:
        assert one["found"] and one["expected"] and one["subject"] and one["check"]


@pytest.mark.parametrize("shard", ["²", "9" * 5000])
def test_a_shard_of_odd_digits_never_raises(shard):
    plan(lab({"ch1": {"clickhouse_shard": shard}}))


@given(value=GARBAGE)
@example(value="257")
def test_an_id_that_is_no_number_in_range_is_always_refused(value):
    built = plan(lab({"zk1": {"zookeeper_id": value}}))
    accepted = built["ensemble"]["members"][0]["id"] is not None
    assert accepted != ("zookeeper_id" in [one["check"] for one in built["refusals"] if one["subject"] == "zk1"])
