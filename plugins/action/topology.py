# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Builds and validates the topology model, on the control node only."""

from __future__ import annotations

import getpass
import socket

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import strategy_loader
from ansible.utils.helpers import pct_to_int

from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import from_dicts, message
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import agreement, build_topology
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.expressions import FREE, validate_expressions
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.play import validate_play
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.host_variables import HostVariables
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.loaded_filters import FILTERS

# ansible-core loads its own strategy under one of these names.
LINEAR = ("ansible.plugins.strategy.linear", "ansible_collections.ansible.builtin.plugins.strategy.linear")


class ActionModule(ActionBase):
    _requires_connection = False
    # Loaded with this plugin, before Ansible forks.
    _filters = FILTERS

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        text = {"type": "str", "required": True}
        _result, arguments = self.validate_argument_spec(
            {
                "zookeeper_group": text,
                "clickhouse_group": text,
                "validate_expressions": {"type": "bool", "default": False},
            }
        )
        task_vars = task_vars or {}
        if errors := self._play_errors(task_vars):
            return _failed(errors, "The roles cannot run in this play; no host was changed.")
        members, replicas = (
            [str(host) for host in task_vars["groups"].get(arguments[name], [])]
            for name in ("zookeeper_group", "clickhouse_group")
        )
        model, errors = self._model(members, replicas, task_vars, arguments["validate_expressions"])
        if errors:
            return _failed(errors, "The inventory contradicts itself; no host was changed.")
        return {"changed": False, **model, "operator": f"{getpass.getuser()} on {socket.gethostname()}"}

    def _play_errors(self, task_vars):
        play = self._task.get_play()
        strategy = strategy_loader.get(play.strategy, class_only=True)
        # Strategies that derive from linear keep its order, such as ansible.builtin.debug.
        linear = strategy is not None and any(parent.__module__ in LINEAR for parent in strategy.__mro__)
        hosts = len(task_vars["ansible_play_hosts_all"])
        batch = pct_to_int(play.serial[0], hosts) if play.serial else 0
        return validate_play(play.get_name(), play.strategy, linear, batch, hosts)

    def _model(self, members, replicas, task_vars, expressions):
        """The model, and its validation errors."""
        variables = HostVariables(self._loader, self._templar, task_vars["hostvars"])
        names = agreement.read_variables(members, replicas)
        values = {host: variables.inventory(host, names[host]) for host in names}
        play = self._task.get_play()
        overridden = {
            host: variables.overridden(host, values[host], play, self._task)
            for host in task_vars["ansible_play_hosts_all"]
            if host in values
        }
        errors = agreement.validate_values(values)
        if errors:
            return {}, errors
        errors = [
            *agreement.validate_places(values, overridden),
            *agreement.validate_agreement(values, members, replicas),
        ]
        first = next(iter(values.values()), None)
        whole = {name: first[name].value if first else variables.default(name) for name in agreement.MODEL}
        plain = {
            host: {
                name: value.value for name, value in found.items() if value.value is not None or not value.is_default
            }
            for host, found in values.items()
        }
        model = build_topology(
            plain,
            members,
            replicas,
            cluster=whole["topology_cluster"],
            shards=whole["topology_shards"],
            allow_unsafe_size=whole["topology_allow_unsafe_size"],
        )
        # What a failing expression says elsewhere names neither the variable nor the host.
        failing = {
            host: variables.failures(host, FREE, play, self._task, {"topology_model": model})
            for host in (overridden if expressions else ())
            if host in replicas
        }
        return model, [*errors, *from_dicts(model["validation_errors"]), *validate_expressions(failing)]


def _failed(errors, lead):
    return {"failed": True, "msg": message(errors, lead)}
