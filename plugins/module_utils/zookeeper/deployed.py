# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The member that is deployed on this host, whoever deployed it: its configuration, its data and its status."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from .disk import holds_data, names_below, read_myid, read_text
from .membership import parse_servers
from .status import MemberStatus, read_member
from .transport import Transport
from .words import parse_conf

# Configuration of Debian's packages.
PACKAGED_CONFIG = "/etc/zookeeper/conf/zoo.cfg"
MAIN_CLASS = re.compile(r"org\.apache\.zookeeper\.server\.(?:quorum\.QuorumPeerMain|ZooKeeperServerMain)")
UNIT = "zookeeper.service"


@dataclass(frozen=True)
class Deployed:
    """How a member is configured and what it reports.

    config_file: the zoo.cfg that it runs with, or would start with. own: whether the role wrote that file.
    running: whether its process runs. in_unit: whether that process belongs to zookeeper.service.
    myid: id of its data directory. holds_data: whether its directories hold committed data.
    client_port: where the running member answers, otherwise that of its configuration. listens: whether something
    listens on it. mode: leader, follower, observer, standalone; empty while it is not serving.
    servers: server lines, as the running member reports them, otherwise from its configuration.
    """

    config_file: str
    own: bool
    running: bool
    in_unit: bool
    data_dir: str
    data_log_dir: str
    client_port: int
    myid: int | None
    holds_data: bool
    listens: bool = False
    mode: str = ""
    servers: list[str] = field(default_factory=list)

    def as_dict(self) -> dict:
        return asdict(self)


def read_deployed(config_dir: str, timeout: float, previous_port: int = 0) -> dict | None:
    """The deployed member; None when there is none. A stopped one counts when it is ours or holds data.

    config_dir: directory of the zoo.cfg that the role writes. timeout: seconds to wait for the running member.
    previous_port: where it may still listen when it does not listen on the port of its configuration; 0 for nowhere.
    """
    own_config = os.path.join(config_dir, "zoo.cfg")
    process = find_process()
    if process:
        pid, config_file = process
        own = os.path.normpath(config_file) == os.path.normpath(own_config)
        status = _status(_settings(config_file), timeout, previous_port)
        return _deployed(config_file, own, UNIT in _read_cgroup(pid), status).as_dict()
    stopped = _deployed(own_config, True)
    if stopped.data_dir:
        return stopped.as_dict()
    packaged = _deployed(PACKAGED_CONFIG, False)
    return packaged.as_dict() if packaged.holds_data else None


def find_process(proc: str = "/proc") -> tuple[int, str] | None:
    """(process id, configuration file) of a running member."""
    for name in sorted(filter(str.isdigit, os.listdir(proc)), key=int):
        try:
            with open(os.path.join(proc, name, "cmdline"), "rb") as file:
                arguments = file.read().decode("utf-8", "replace").split("\0")
        except OSError:
            # The process has ended in the meantime.
            continue
        for argument, following in zip(arguments, arguments[1:]):
            if MAIN_CLASS.fullmatch(argument):
                return int(name), following
    return None


def _read_cgroup(pid: int) -> str:
    try:
        return read_text(f"/proc/{pid}/cgroup")
    except OSError:
        return ""


def _settings(config_file: str) -> dict[str, str]:
    return parse_conf(read_text(config_file))


def _client_port(settings: Mapping[str, str]) -> int:
    port = settings.get("clientPort", "")
    return int(port) if re.fullmatch(r"\d{1,5}", port) else 0


def _deployed(config_file: str, own: bool, in_unit: bool = False, status: MemberStatus | None = None) -> Deployed:
    """status: of the running member; None when it does not run."""
    text = read_text(config_file)
    settings = parse_conf(text)
    data_dir = settings.get("dataDir", "")
    data_log_dir = settings.get("dataLogDir", data_dir)
    files = sorted(names_below(data_dir) | names_below(data_log_dir)) if data_dir else []
    # A member in a dynamic ensemble has its server lines in a separate file; the running one reports them.
    dynamic = read_text(settings["dynamicConfigFile"]) if settings.get("dynamicConfigFile") else ""
    servers = (status.servers if status else {}) or parse_servers(f"{text}\n{dynamic}")
    return Deployed(
        config_file,
        own,
        status is not None,
        in_unit,
        os.path.normpath(data_dir) if data_dir else "",
        os.path.normpath(data_log_dir) if data_log_dir else "",
        status.port if status and status.reachable else _client_port(settings),
        read_myid(data_dir) if data_dir else None,
        holds_data(files),
        status is not None and not status.refused,
        status.mode if status else "",
        [str(server) for server in servers.values()],
    )


def _status(settings: Mapping[str, str], timeout: float, previous_port: int) -> MemberStatus:
    """The status of the running member, over the loopback or the address that it listens on."""
    port = _client_port(settings)
    status = MemberStatus("", port, error="no client port")
    for host in ("127.0.0.1", settings.get("clientPortAddress", "")):
        if host and port and not status.reachable:
            status = read_member(host, port, timeout, ("srvr", "conf"), Transport(previous_port=previous_port))
    return status
