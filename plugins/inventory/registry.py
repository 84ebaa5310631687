# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible inventory: the replicas of the registry in ZooKeeper, or of system.clusters of one server."""

from __future__ import annotations

DOCUMENTATION = r"""
name: registry
short_description: Replicas of the registry in ZooKeeper, or of system.clusters of one server
version_added: 0.1.0
author:
  - Zoohouse contributors (@zoohouse)
description:
  - The hosts are the replicas that the agents of the role P(zoohouse.cluster.discovery#role) have registered, with the
    variables that the playbooks need, and the members of the ensemble.
  - Without O(zookeeper), or when the ensemble does not answer, they are the hosts of C(system.clusters) of the server
    O(login_host). With both, hosts that only C(system.clusters) has are added; they have no entry, because they are
    down or have no agent.
  - Its file must be named C(*registry.yml) or C(*registry.yaml). The passwords and other variables of the cluster are
    in C(group_vars) beside it, as usual.
  - The members have the names of C(server.N) lines of the ensemble; the control node must be able to resolve them, or
    their C(host_vars) set C(ansible_host).
extends_documentation_fragment:
  - inventory_cache
requirements:
  - kazoo on the control node, for O(zookeeper)
options:
  plugin:
    description: Must be V(zoohouse.cluster.registry).
    required: true
    choices: [zoohouse.cluster.registry]
  cluster:
    description: Name of the cluster.
    type: str
    default: main
  zookeeper:
    description: Endpoints of the ensemble, such as C(zk1) or C(10.0.0.11:2181).
    type: list
    elements: str
    default: []
  login_host:
    description: Host whose C(system.clusters) is read. Empty reads none.
    type: str
    default: ""
  login_port:
    description: TCP port of its HTTP interface, and of those of the other replicas, which are asked for their macros.
    type: int
    default: 8123
  login_user:
    description: User of the servers.
    type: str
    default: default
  login_password:
    description: Password of O(login_user).
    type: str
    default: ""
    env:
      - name: ZOOHOUSE_LOGIN_PASSWORD
  connect_timeout:
    description: Seconds to wait for a session with the ensemble, and for each answer of a server.
    type: float
    default: 5.0
  zookeeper_group:
    description: Group of the members.
    type: str
    default: zookeeper
  clickhouse_group:
    description: Group of the replicas. Each shard has a group, too, C(shard_NAME).
    type: str
    default: clickhouse
"""

EXAMPLES = r"""
# registry.yml
plugin: zoohouse.cluster.registry
cluster: main
zookeeper: [zk1, zk2, zk3]
# Also replicas that have no entry.
login_host: ch1
login_user: admin
login_password: !vault ...
# Ten minutes; the hosts stay the same while neither the ensemble nor the server answers.
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/zoohouse
cache_timeout: 600
"""

from concurrent.futures import ThreadPoolExecutor

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError, Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.registry import inventory as of
from ansible_collections.zoohouse.cluster.plugins.module_utils.registry.read import (
    read_registry,
    registry_path,
    sort_out,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.walk import WalkError
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.znode import (
    KAZOO_ERROR,
    ZnodeError,
    connected,
)


class InventoryModule(BaseInventoryPlugin, Cacheable):
    NAME = "zoohouse.cluster.registry"

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith(("registry.yml", "registry.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        self.load_cache_plugin()
        key, enabled = self.get_cache_key(path), self.get_option("cache")
        found = self._cache.get(key) if cache and enabled else None
        if found is None:
            found = self._read()
            if enabled:
                self._cache[key] = found
        self._populate(found["replicas"], self.get_option("clickhouse_group"))
        self._populate(found["members"], self.get_option("zookeeper_group"))

    def _read(self):
        """Replicas and members: variables by host. Raises AnsibleParserError when nothing answers."""
        cluster, problems = self.get_option("cluster"), []
        registered, members, known = {}, {}, {}
        for option, read in (("zookeeper", self._read_zookeeper), ("login_host", self._read_clusters)):
            if not self.get_option(option):
                problems.append(f"{option} is not set")
                continue
            try:
                if option == "zookeeper":
                    registered, members = read(cluster)
                    if not registered:
                        problems.append(f"{registry_path(cluster)}: no replica is registered")
                else:
                    known = read(cluster)
            except (ZnodeError, WalkError, ClickHouseError, ValueError, LookupError, TypeError) as error:
                problems.append(f"{option}: {error}")
        if not registered and not known:
            raise AnsibleParserError(f"The replicas of cluster {cluster} are not known: {'; '.join(problems)}.")
        for problem in problems:
            if not problem.endswith("is not set"):
                self.display.warning(problem)
        return {"replicas": of.merged(registered, known), "members": members}

    def _read_zookeeper(self, cluster):
        if KAZOO_ERROR:
            raise ZnodeError("the control node has no Python module kazoo")
        known, path = endpoints(self.get_option("zookeeper")), registry_path(cluster)
        with connected([known], self.get_option("connect_timeout")) as clients:
            entries, foreign = sort_out(read_registry(clients, path), path)
            (config,) = clients[0].retry(clients[0].get, "/zookeeper/config")[:1]
        for place, reason in foreign.items():
            self.display.warning(f"{place}: a foreign znode is ignored: {reason}")
        return of.replicas_of_entries(entries.values()), of.members_of((config or b"").decode(), known)

    def _read_clusters(self, cluster):
        rows = of.rows_of_cluster(self._server(self.get_option("login_host")).rows(of.CLUSTERS), cluster)
        if not rows:
            raise ClickHouseError(f"{self.get_option('login_host')} knows no cluster {cluster}")
        with ThreadPoolExecutor(max_workers=min(32, len(rows))) as pool:
            macros = dict(zip((row["host_name"] for row in rows), pool.map(self._read_macros, rows)))
        return of.replicas_of_clusters(rows, macros)

    def _read_macros(self, row):
        try:
            found = self._server(row["host_address"] or row["host_name"]).rows(of.MACROS)
            return {item["macro"]: item["substitution"] for item in found}
        except (ClickHouseError, LookupError, TypeError):
            return {}

    def _server(self, host):
        user, password = self.get_option("login_user"), self.get_option("login_password")
        return Server(host, self.get_option("login_port"), user, password, self.get_option("connect_timeout"))

    def _populate(self, hosts, group):
        self.inventory.add_group(group)
        for host, variables in hosts.items():
            self.inventory.add_host(host, group)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, value)
            shard = variables.get("clickhouse_shard")
            if shard:
                name = self._sanitize_group_name(f"shard_{shard}")
                self.inventory.add_group(name)
                self.inventory.add_host(host, name)
