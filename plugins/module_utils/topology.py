# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""From the inventory to who is in which ensemble, shard and replica. Pure; refuses contradictions as findings."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .findings import CRITICAL, Finding

# Defaults of the roles, for hosts whose inventory does not say; a test compares them with defaults/main.yml.
ZOOKEEPER_PORTS = {"zookeeper_client_port": 2181, "zookeeper_quorum_port": 2888, "zookeeper_election_port": 3888}
CLICKHOUSE_PORTS = {"clickhouse_http_port": 8123, "clickhouse_tcp_port": 9000, "clickhouse_interserver_port": 9009}
IDS = range(1, 256)
PORTS = range(1, 65536)
# Shard and replica names become parts of znode paths and file names.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# The cluster's name becomes the name of an XML element, and a dot would cut a configuration key in two.
CLUSTER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

HostVars = Mapping[str, Mapping[str, Any]]


def build(
    hostvars: HostVars,
    zookeeper: list[str],
    clickhouse: list[str],
    cluster: str = "main",
    shards: list[str] | None = None,
    allow_unsafe_size: bool = False,
) -> dict[str, Any]:
    """The whole topology.

    hostvars: inventory variables by host. zookeeper, clickhouse: hosts of the two groups, in the inventory's order.
    cluster: name of the ClickHouse cluster. shards: names that must exist; None or empty means those that hosts name.
    allow_unsafe_size: accept an ensemble of one member or of an even number.

    Returns `ensemble`, `cluster`, `names` and `refusals`; the first three are complete only when the last is empty.
    """
    refusals: list[Finding] = []
    asked = [str(shard) for shard in shards or []]
    members = [_member(host, hostvars.get(host, {}), refusals) for host in zookeeper]
    replicas = [_replica(host, hostvars.get(host, {}), refusals) for host in clickhouse]
    refusals += _ensemble_refusals(members, replicas, allow_unsafe_size)
    refusals += _cluster_refusals(cluster, replicas, asked)
    refusals += _collisions([*members, *replicas])
    refusals += _split_names([*members, *replicas])
    refusals += [*_shared_machines(members), *_shared_machines(replicas)]
    return {
        "ensemble": _ensemble(members),
        "cluster": _cluster(cluster, replicas, asked),
        "names": _names([*members, *replicas]),
        "refusals": [finding.as_dict() for finding in refusals],
    }


def _refuse(variable: str, host: str, found: object, expected: str, hint: str = "") -> Finding:
    return Finding(variable, CRITICAL, host, "nothing" if found in (None, "") else str(found), expected, hint)


def _endpoint(host: str, variables: Mapping[str, Any], variable: str) -> dict[str, Any]:
    """How others reach the host: its name, and its address where the inventory gives one."""
    address = str(variables.get(variable) or variables.get("ansible_host") or host)
    if not _is_ip(address):
        return {"host": host, "name": address, "ip": None, "address_variable": variable}
    # One spelling for each address: IPv6 has many.
    address = str(ipaddress.ip_address(address))
    return {"host": host, "name": address if _is_ip(host) else host, "ip": address, "address_variable": variable}


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _number(value: object) -> int | None:
    """Whole numbers, also written as text (as INI inventories do); anything else is None."""
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", str(value).strip()):
        return None
    return int(str(value))


def _ports(host: str, variables: Mapping[str, Any], defaults: dict[str, int], refusals: list[Finding]) -> dict:
    ports = {}
    for variable, default in defaults.items():
        value = variables.get(variable, default)
        number = _number(value)
        if number not in PORTS:
            refusals.append(_refuse(variable, host, value, f"a port from {PORTS.start} to {PORTS.stop - 1}"))
        ports[variable] = number if number in PORTS else default
    return ports


def _member(host: str, variables: Mapping[str, Any], refusals: list[Finding]) -> dict[str, Any]:
    value = variables.get("zookeeper_id")
    number = _number(value)
    if number not in IDS:
        hint = "Give each member an id of its own in the inventory."
        refusals.append(_refuse("zookeeper_id", host, value, f"a number from {IDS.start} to {IDS.stop - 1}", hint))
        number = None
    ports = _ports(host, variables, ZOOKEEPER_PORTS, refusals)
    return {**_endpoint(host, variables, "zookeeper_address"), "id": number, "ports": ports}


def _replica(host: str, variables: Mapping[str, Any], refusals: list[Finding]) -> dict[str, Any]:
    names = {
        "clickhouse_shard": variables.get("clickhouse_shard"),
        "clickhouse_replica": variables.get("clickhouse_replica", host),
    }
    for variable, value in names.items():
        if value is None or not NAME.fullmatch(str(value)):
            refusals.append(_refuse(variable, host, value, "a name of letters, digits, '.', '_' and '-'"))
    ports = _ports(host, variables, CLICKHOUSE_PORTS, refusals)
    shard, replica = ("" if value is None else str(value) for value in names.values())
    return {**_endpoint(host, variables, "clickhouse_address"), "shard": shard, "replica": replica, "ports": ports}


def _ensemble_refusals(members: list[dict], replicas: list[dict], allow_unsafe_size: bool) -> Iterator[Finding]:
    for number, same in _groups(members, lambda member: member["id"]):
        if number is not None and len(same) > 1:
            hosts = [member["host"] for member in same]
            yield _refuse(
                "zookeeper_id", ", ".join(hosts), f"{number} on each of them", "an id of its own for each member"
            )
    size = len(members)
    if size and not allow_unsafe_size and (size == 1 or size % 2 == 0):
        yield _refuse(
            "topology_zookeeper_group",
            ", ".join(member["host"] for member in members),
            f"an ensemble of {size}",
            "an odd number of members, at least 3",
            "An even one tolerates no more failures than the next smaller odd one. "
            "topology_allow_unsafe_size=true accepts it.",
        )
    if replicas and not members:
        hosts = ", ".join(replica["host"] for replica in replicas)
        yield _refuse(
            "topology_zookeeper_group", hosts, "a cluster without an ensemble", "at least one host in the group"
        )


def _cluster_refusals(cluster: str, replicas: list[dict], shards: list[str]) -> Iterator[Finding]:
    if replicas and not CLUSTER.fullmatch(cluster):
        yield _refuse("topology_cluster", "all", cluster, "a letter or '_', then letters, digits, '_' and '-'")
    for (shard, replica), same in _groups(replicas, lambda one: (one["shard"], one["replica"])):
        if shard and len(same) > 1:
            hosts = ", ".join(one["host"] for one in same)
            found = f"shard {shard}, replica {replica} on each of them"
            yield _refuse("clickhouse_replica", hosts, found, "a pair of shard and replica of its own for each host")
    there = {replica["shard"] for replica in replicas}
    for shard, same in _groups(shards, str):
        if len(same) > 1:
            yield _refuse("topology_shards", shard, f"{len(same)} times", "each shard once")
        if shard not in there:
            yield _refuse(
                "topology_shards", shard, "a shard without replicas", "at least one host with this clickhouse_shard"
            )
    for replica in replicas:
        if shards and replica["shard"] and replica["shard"] not in shards:
            yield _refuse(
                "clickhouse_shard", replica["host"], replica["shard"], f"one of topology_shards ({', '.join(shards)})"
            )


def _collisions(endpoints: list[dict]) -> Iterator[Finding]:
    """Ports wanted twice on one machine: by one host, or by two hosts of one address."""
    wanted = [
        (endpoint["ip"] or endpoint["name"], port, variable, endpoint["host"])
        for endpoint in endpoints
        for variable, port in endpoint["ports"].items()
    ]
    for (address, port), same in _groups(wanted, lambda use: use[:2]):
        if len(same) > 1:
            hosts = dict.fromkeys(host for *_rest, host in same)
            variables = dict.fromkeys(variable for _address, _port, variable, _host in same)
            yield _refuse(
                " and ".join(variables),
                ", ".join(hosts),
                f"port {port} {len(same)} times on {address}",
                "ports of their own",
            )


def _split_names(endpoints: list[dict]) -> Iterator[Finding]:
    """A name leads to one address, so a host in both groups has one for both."""
    for name, same in _groups([one for one in endpoints if one["ip"]], lambda one: one["name"]):
        addresses = dict.fromkeys(one["ip"] for one in same)
        if len(addresses) > 1:
            variables = dict.fromkeys(one["address_variable"] for one in same)
            yield _refuse(" and ".join(variables), same[0]["host"], " and ".join(addresses), f"one address for {name}")


def _shared_machines(endpoints: list[dict]) -> Iterator[Finding]:
    """One machine runs one member and one replica: the services have one unit and one data directory."""
    for address, same in _groups([one for one in endpoints if one["ip"]], lambda one: one["ip"]):
        if len(same) > 1:
            hosts = ", ".join(one["host"] for one in same)
            yield _refuse(same[0]["address_variable"], hosts, f"{address} for each of them", "a machine of its own")


def _groups(items: list, key) -> list[tuple[Any, list]]:
    groups: dict[Any, list] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.items())


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _ensemble(members: list[dict]) -> dict[str, Any]:
    ordered = sorted(members, key=lambda member: member["id"] or 0)
    listed = [
        {
            "host": member["host"],
            "id": member["id"],
            "name": member["name"],
            "ip": member["ip"],
            "address_variable": member["address_variable"],
            "client_port": member["ports"]["zookeeper_client_port"],
            "endpoint": f"{_bracketed(member['name'])}:{member['ports']['zookeeper_client_port']}",
            "server_line": "server.{}={}:{}:{}".format(
                member["id"],
                _bracketed(member["name"]),
                member["ports"]["zookeeper_quorum_port"],
                member["ports"]["zookeeper_election_port"],
            ),
        }
        for member in ordered
    ]
    return {
        "members": listed,
        "server_lines": [member["server_line"] for member in listed],
        "endpoints": [member["endpoint"] for member in listed],
        "connection_string": ",".join(member["endpoint"] for member in listed),
        "quorum": len(listed) // 2 + 1,
    }


def _cluster(name: str, replicas: list[dict], shards: list[str]) -> dict[str, Any]:
    order = shards or sorted({replica["shard"] for replica in replicas}, key=_natural)
    listed = [
        {
            "host": replica["host"],
            "shard": replica["shard"],
            "replica": replica["replica"],
            "name": replica["name"],
            "ip": replica["ip"],
            "address_variable": replica["address_variable"],
            "http_port": replica["ports"]["clickhouse_http_port"],
            "tcp_port": replica["ports"]["clickhouse_tcp_port"],
            "interserver_port": replica["ports"]["clickhouse_interserver_port"],
        }
        for replica in replicas
    ]
    by_shard = [{"name": shard, "replicas": [one for one in listed if one["shard"] == shard]} for shard in order]
    return {
        "name": name,
        "shards": by_shard,
        "replicas": listed,
        "macros": {one["host"]: {"cluster": name, "shard": one["shard"], "replica": one["replica"]} for one in listed},
        "remote_servers": {
            name: [
                {
                    "shard": shard["name"],
                    "replicas": [{"host": one["name"], "port": one["tcp_port"]} for one in shard["replicas"]],
                }
                for shard in by_shard
            ]
        },
    }


def _natural(text: str) -> list[tuple[int, int, str]]:
    """s2 before s10, and one order for all inputs."""
    return [
        (0, int(part), "") if re.fullmatch(r"\d{1,18}", part) else (1, 0, part)
        for part in re.split(r"(\d{1,18})", text)
        if part
    ]


def _names(endpoints: list[dict]) -> list[dict[str, str]]:
    """Names that the hosts files must know: one entry per address and name, where the inventory gives an address."""
    pairs = dict.fromkeys((one["ip"], one["name"]) for one in endpoints if one["ip"] and one["ip"] != one["name"])
    return [{"ip": ip, "name": name} for ip, name in pairs]


def judge_hosts(
    topology: dict[str, Any],
    readings: Mapping[str, Mapping[str, Any] | None],
    manage_names: bool,
    max_clock_skew: float,
) -> list[Finding]:
    """What the hosts themselves say against the topology.

    readings: what host_info returned by host; None for a host that is not in this run.
    manage_names: whether the role host writes the names into /etc/hosts. max_clock_skew: in seconds.
    """
    findings = []
    readings = {host: reading for host, reading in readings.items() if reading and "own_addresses" in reading}
    endpoints = [*topology["ensemble"]["members"], *topology["cluster"]["replicas"]]
    alone = len({endpoint["host"] for endpoint in endpoints}) == 1
    for endpoint in endpoints:
        reading = readings.get(endpoint["host"])
        if reading:
            findings += _judge_names(endpoint, reading, manage_names, alone)
    findings += _judge_clocks(readings, max_clock_skew)
    # A host in both groups says the same thing twice.
    return list(dict.fromkeys(findings))


def _judge_names(endpoint: dict, reading: Mapping[str, Any], manage_names: bool, alone: bool) -> Iterator[Finding]:
    host, name, ip, own = endpoint["host"], endpoint["name"], endpoint["ip"], reading["own_addresses"]
    if ip and ip not in own:
        hint = f"Set {endpoint['address_variable']} to an address of the host itself."
        yield _refuse(
            endpoint["address_variable"],
            host,
            f"{ip}, which is on none of its interfaces",
            "an address of its own",
            hint,
        )
        return
    if ip and not alone and ipaddress.ip_address(ip).is_loopback:
        hint = f"Set {endpoint['address_variable']} to an address that the other hosts reach."
        yield _refuse(endpoint["address_variable"], host, f"{ip}, which every host has", "an address of its own", hint)
        return
    if ip and manage_names:
        # The managed block gives the name its address; another line for the same name would speak against it.
        others = [address for address in reading["hosts_file"].get(name, []) if address != ip]
        if others:
            yield _refuse(
                f"{name} in /etc/hosts",
                host,
                ", ".join(others),
                ip,
                f"Remove the line: a host that knows itself as {others[0]} listens where nobody reaches it.",
            )
        return
    resolved = [ip] if ip == name else reading["resolved"].get(name, [])
    wrong = [
        address
        for address in resolved
        if address not in own or ipaddress.ip_address(address.partition("%")[0]).is_loopback
    ]
    if wrong or not resolved:
        yield _refuse(
            f"name {name}",
            host,
            ", ".join(wrong) or "no address",
            "an address of the host's own, not the loopback",
            f"Correct DNS or /etc/hosts, or set {endpoint['address_variable']} and host_manage_names=true.",
        )


def _judge_clocks(readings: Mapping[str, Mapping[str, Any]], max_clock_skew: float) -> Iterator[Finding]:
    """Against the host in the middle; only what is certain counts, whatever the round trip took."""
    offsets = {host: float(reading["clock_offset"]) for host, reading in readings.items() if "clock_offset" in reading}
    if len(offsets) < 2:
        return
    reference = sorted(offsets, key=lambda host: offsets[host])[len(offsets) // 2]
    for host, offset in offsets.items():
        apart = abs(offset - offsets[reference])
        unsure = float(readings[host]["clock_uncertainty"]) + float(readings[reference]["clock_uncertainty"])
        if apart - unsure > max_clock_skew:
            yield _refuse(
                "host_max_clock_skew",
                host,
                f"a clock {apart:.1f} s {'ahead of' if offset > offsets[reference] else 'behind'} {reference}",
                f"at most {max_clock_skew:g} s",
                "Install and enable a time service such as chrony.",
            )
