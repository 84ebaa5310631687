# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Validates the inventory against the deployed members: installations, directories, ports and membership. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..findings import Finding, validation_error
from .client_port import validate_client_port
from .membership import Server, parse_servers, server_lines

# Directories that the unit hides (ProtectHome, PrivateTmp) or makes read-only (ProtectSystem=full).
PROTECTED = {
    "ProtectHome": ("/home", "/root", "/run/user"),
    "PrivateTmp": ("/tmp", "/var/tmp"),
    "ProtectSystem": ("/usr", "/boot", "/efi", "/etc"),
}
UNCHANGED = "Changing the members of an ensemble is not supported yet: restore the inventory."
STOP_FIRST = (
    "These ports cannot change while members run, because members would look for each other on different ports. "
    "Stop zookeeper on all members, which interrupts all clients, and run the playbook again."
)

Result = Mapping[str, Any]


def validate_members(
    members: Sequence[Mapping[str, Any]], results: Mapping[str, Result | None], adopt: bool
) -> list[Finding]:
    """Validation errors that would lose data, split the ensemble or stop it.

    members: ensemble.members of the topology model. results: what zookeeper_member_info returned, by host; None when
    it was not read in this run. adopt: zookeeper_adopt_existing, take over an installation of someone else.
    """
    errors: list[Finding] = []
    for member in members:
        result = results.get(member["host"])
        if result and "deployed" in result:
            errors += _validate_member(member, result, adopt)
    if not errors:
        errors += _validate_membership(members, results)
    return errors


def _validate_member(member: Mapping[str, Any], result: Result, adopt: bool) -> Iterator[Finding]:
    yield from _validate_unit(member, result)
    deployed = result["deployed"]
    if not deployed:
        yield from _validate_listeners(member, result)
    elif not deployed["own"] and not adopt:
        yield _foreign(member, result)
    elif not deployed["own"] and deployed["running"] and not deployed["in_unit"]:
        hint = "Stop it, and start it as zookeeper.service before it is adopted."
        found = f"a ZooKeeper that runs outside zookeeper.service ({deployed['config_file']})"
        yield validation_error("zookeeper_adopt_existing", member["host"], found, "one that systemd can restart", hint)
    else:
        yield from _validate_directories(member, result)
        yield from validate_client_port(member, result)


def _validate_unit(member: Mapping[str, Any], result: Result) -> Iterator[Finding]:
    """The directories are writable for the member under the protections of its unit."""
    for name, path in result["resolved"].items():
        for option, directories in PROTECTED.items():
            for directory in directories:
                if path == directory or path.startswith(f"{directory}/"):
                    found = f"{path}, which the unit of the member hides or protects ({option})"
                    expected = "a directory such as /var/lib/zookeeper or a mount of its own below /srv or /var"
                    yield validation_error(f"zookeeper_{name}", member["host"], found, expected)


def _foreign(member: Mapping[str, Any], result: Result) -> Finding:
    deployed = result["deployed"]
    state = "running" if deployed["running"] else "stopped"
    return validation_error(
        "zookeeper_adopt_existing",
        member["host"],
        f"a {state} ZooKeeper that this role did not deploy ({deployed['config_file']}) with its data in "
        f"{_directories(deployed)}",
        f"none, while the role would use {_directories(result)}",
        f"To adopt it without losing data, set zookeeper_adopt_existing=true, "
        f"zookeeper_data_dir={deployed['data_dir']} and zookeeper_data_log_dir={deployed['data_log_dir']}, "
        f"and keep its id, its ports and its members.",
    )


def _directories(directories: Mapping[str, Any]) -> str:
    return " and ".join(dict.fromkeys((directories["data_dir"], directories["data_log_dir"])))


def _validate_directories(member: Mapping[str, Any], result: Result) -> Iterator[Finding]:
    deployed = result["deployed"]
    if not deployed["holds_data"]:
        return
    for name in ("data_dir", "data_log_dir"):
        if deployed[name] != result[name]:
            hint = f"Set zookeeper_{name}={deployed[name]} again, or stop the member and move its data first."
            found = f"{result[name]}, but the data of the member is in {deployed[name]}"
            yield validation_error(f"zookeeper_{name}", member["host"], found, deployed[name], hint)


def _validate_listeners(member: Mapping[str, Any], result: Result) -> Iterator[Finding]:
    for port, process in result["listeners"].items():
        hint = "Stop that process, or set another port for the member."
        found = f"another process ({process}) listening on port {port}"
        yield validation_error("zookeeper ports", member["host"], found, "free ports", hint)


def _validate_membership(members: Sequence[Mapping[str, Any]], results: Mapping[str, Result | None]) -> list[Finding]:
    """Compares the inventory with the members of the deployed ensemble, as each of its members knows them."""
    wanted = parse_servers("\n".join(member["server_line"] for member in members))
    by_id = {member["id"]: member for member in members}
    errors: list[Finding] = []
    for result in results.values():
        deployed = (result or {}).get("deployed")
        if deployed and deployed["servers"] and (deployed["running"] or deployed["holds_data"]):
            known = parse_servers("\n".join(deployed["servers"]))
            errors += _compare(wanted, known, by_id, deployed["running"])
    return list(dict.fromkeys(errors))


def _compare(
    wanted: dict[int, Server], known: dict[int, Server], members: Mapping[int, Mapping[str, Any]], running: bool
) -> Iterator[Finding]:
    missing = [server for number, server in known.items() if number not in wanted]
    added = [server for number, server in wanted.items() if number not in known]
    if missing:
        yield validation_error(
            "topology_zookeeper_group",
            server_lines(missing),
            "a member of the deployed ensemble that the inventory does not have",
            "all members of the ensemble in the inventory",
            f"Without it the ensemble would split. {UNCHANGED}",
        )
    for server in added:
        yield validation_error(
            "zookeeper_id",
            str(members[server.id]["host"]),
            f"{server.id}, which is not a member of the deployed ensemble ({server_lines(known.values())})",
            "the members that the ensemble has",
            f"The ensemble has not agreed on it. {UNCHANGED}",
        )
    for number in wanted.keys() & known.keys():
        yield from _compare_member(wanted[number], known[number], members[number], running)


def _compare_member(wanted: Server, known: Server, member: Mapping[str, Any], running: bool) -> Iterator[Finding]:
    host = str(member["host"])
    if known.host not in (wanted.host, member["ip"], host):
        found = f"{wanted}, but the deployed ensemble knows this member as {known}"
        yield validation_error("zookeeper_address", host, found, known.host, UNCHANGED)
    elif running and (wanted.quorum_port, wanted.election_port) != (known.quorum_port, known.election_port):
        variable = "zookeeper_quorum_port and zookeeper_election_port"
        found = f"{wanted}, but the running ensemble knows this member as {known}"
        yield validation_error(variable, host, found, f"{known.quorum_port} and {known.election_port}", STOP_FIRST)
