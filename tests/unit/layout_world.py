# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A captured cluster of four replicas, to change: its znodes, servers and inventory. For clickhouse_layout."""

import json
import re
from types import SimpleNamespace

from helpers import CAPTURED
from kazoo.exceptions import NoNodeError

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import check_layout
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.servers import read_server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.tree import Tree
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.world import Replica, World
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.znodes import Paths
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import OK
from ansible_collections.zoohouse.cluster.plugins.module_utils.limits import chosen
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import walk

ROOT = "/clickhouse/main"
HITS = "/tables/01/layout_probe/hits"
HITS_2 = "/tables/02/layout_probe/hits"
DDL = "/task_queue/ddl"
HOSTS = ("ch1", "ch2", "ch3", "ch4")
# An hour after the znodes were captured.
NOW = 1795671119 + 3600.0
DAY = 24 * 3600
MODERN = "26.9.2.1"


class Znodes:
    """Captured znodes below the chroot, to change. As a client it answers the requests of a walk."""

    def __init__(self, situation="healthy"):
        lines = (CAPTURED / "clickhouse" / "layout" / situation / "znodes.jsonl").read_text().splitlines()
        self.znodes, self.names, self.requests = {}, {}, []
        for path, data, count, ephemeral, cversion, created, modified in map(json.loads, lines):
            stat = SimpleNamespace(
                numChildren=count,
                ephemeralOwner=ephemeral,
                cversion=cversion,
                ctime=created,
                mtime=modified,
                czxid=created,
            )
            self._put(path, data.encode(), stat)

    def _put(self, path, data, stat):
        parent, _slash, name = path.rpartition("/")
        self.names.setdefault(parent, {})[name] = None
        self.znodes[path] = (data, stat)

    def add(self, path, data=b"", age=3600, children=None, ephemeral=0, created=0):
        """A znode below the chroot, and its parents. age: seconds. children: a number that its stat claims."""
        full, when = ROOT + path, int((NOW - age) * 1000)
        parent = path.rpartition("/")[0]
        if parent and ROOT + parent not in self.znodes:
            self.add(parent, age=age)
        count = len(self.names.get(full, ())) if children is None else children
        stat = SimpleNamespace(
            numChildren=count,
            ephemeralOwner=ephemeral,
            cversion=2 * created - count,
            ctime=when,
            mtime=when,
            czxid=when,
        )
        self._put(full, data.encode() if isinstance(data, str) else data, stat)
        above = self.znodes[ROOT + parent][1]
        above.numChildren = max(above.numChildren, len(self.names[ROOT + parent]))
        return self

    def delete(self, path):
        full = ROOT + path
        for item in [item for item in self.znodes if item == full or item.startswith(f"{full}/")]:
            del self.znodes[item]
            self.names.pop(item, None)
        parent, _slash, name = full.rpartition("/")
        del self.names[parent][name]
        self.znodes[parent][1].numChildren -= 1
        return self

    def copy(self, source, target):
        """A copy of a subtree, for another replica or table."""
        full = ROOT + source
        for item in [item for item in self.znodes if item == full or item.startswith(f"{full}/")]:
            data, stat = self.znodes[item]
            self.add(target + item[len(full) :], data, ephemeral=stat.ephemeralOwner, age=NOW - stat.mtime / 1000)
        return self

    def get_async(self, path):
        self.requests.append(path)
        return self._result(self.znodes.get(path))

    def get_children_async(self, path):
        return self._result(list(self.names.get(path, ())))

    def _result(self, value):
        def get(block):
            if value is None:
                raise NoNodeError
            return value

        result = SimpleNamespace(get=get)
        result.rawlink = lambda callback: callback(result)
        return result


class Captured:
    """The captured answers of one server, in place of an http.Server. changes: rows by the name of the answer."""

    def __init__(self, host, situation="healthy", **changes):
        self.answers = json.loads((CAPTURED / "clickhouse" / "layout" / situation / f"{host}.json").read_text())
        self.answers.update(changes)

    def rows(self, query):
        for name, text in (("identity", "version()"), ("settings", "merge_tree_settings"), ("access", "system.users")):
            if text in query:
                return self.answers.get(name, [])
        for name in ("replicas", "tables", "macros", "clusters", "functions", "named_collections"):
            if f"system.{name}" in query:
                return self.answers.get(name, [])
        raise AssertionError(query)


def statuses(situation="healthy", parts=(), changes=None, gone=()):
    """The statuses of the servers by name. changes: rows by host and answer. gone: hosts that do not answer."""
    result = {}
    for host in HOSTS:
        result[host] = read_server(Captured(host, situation, **(changes or {}).get(host, {})), host, parts)
        if host in gone:
            result[host] = type(result[host])(host, error="timed out")
    return result


def modern(host, **changes):
    """Rows of a server of a new version."""
    return {"identity": [{"version": MODERN, "hostname": host}], **changes}


def inventory(names=HOSTS):
    return [Replica(name, "01" if name in ("ch1", "ch2") else "02", name, frozenset([name])) for name in names]


# What an operator can run. Each finding of the layout has one of them in its hint.
COMMAND = re.compile(
    r"\b(?:playbooks/\w+\.yml|(?:systemctl|journalctl) \S+|zoohouse-agent \w+|ansible 'zookeeper"
    r"|SYSTEM [A-Z]+|SELECT \S+ FROM|(?:ATTACH|DROP|RENAME) TABLE|CREATE DATABASE)\b"
)


def world(znodes=None, servers=None, replicas=None, paths=None, now=NOW, **limits):
    """The world of the captured cluster; znodes=None is an ensemble that cannot be read."""
    servers = statuses() if servers is None else servers
    paths = paths or Paths(ddl=DDL)
    tree = None
    if znodes is not None:
        tree = Tree(ROOT, paths, {table.path for status in servers.values() for table in status.tables or ()})
        for znode in walk([znodes], ROOT, tree.enter, read=tree.read):
            tree.add(znode)
    replicas = inventory() if replicas is None else replicas
    return World("main", ROOT, ["zk1:2181"], paths, replicas, servers, tree, now, chosen(DEFAULTS, limits))


def check(*args, max_findings=20, **options):
    """The findings that are not ok, as (check, severity, subject) in order, and the orphans."""
    findings, orphans = check_layout(world(*args, **options), "no session", max_findings)
    assert [item for item in findings if item.severity != OK and not COMMAND.search(item.hint)] == []
    return [(item.check, item.severity, item.subject) for item in findings if item.severity != OK], orphans


def problems_of(*args, **options):
    return check(*args, **options)[0]


def details(name, *args, **options):
    """The findings of one check that are not ok."""
    findings, _orphans = check_layout(world(*args, **options), "no session", 20)
    found = [item for item in findings if item.check == name and item.severity != OK]
    assert [item.hint for item in found if not COMMAND.search(item.hint)] == []
    return found
