# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Variables of any host of the inventory, read on the control node."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.zoohouse.cluster.plugins.module_utils.role_options import convert
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.agreement import (
    CLUSTER_MODEL,
    MEMBER,
    MODEL,
    REPLICA,
    Value,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.expressions import Failure, failures

ROLES = os.path.join(os.path.dirname(__file__), "..", "..", "roles")


class HostVariables:
    """Evaluates variables of hosts as the inventory sets them, with the defaults of the roles.

    `hostvars` alone has no defaults, so an expression that names a variable with a default would be undefined.
    """

    def __init__(self, loader: Any, templar: Any, hostvars: Any) -> None:
        self._templar = templar
        self._hostvars = hostvars
        self._options: dict[str, dict] = {}
        for role in ("topology", "host", "zookeeper", "clickhouse"):
            path = os.path.join(ROLES, role, "meta", "argument_specs.yml")
            specs = loader.load_from_file(path, trusted_as_template=True)
            self._options.update(next(iter(specs["argument_specs"].values()))["options"])
        self._defaults = {name: option["default"] for name, option in self._options.items() if "default" in option}
        self._raw: dict[str, dict] = {}
        self._seen: dict[str, dict] = {}

    def default(self, name: str) -> Any:
        return self._defaults[name]

    def inventory(self, host: str, names: Iterable[str]) -> dict[str, Value]:
        """What the inventory says, facts and -e included, but not the variables of plays and roles."""
        own = self._raw_variables(host)
        variables = {**self._defaults, **own}
        templar = self._templar.copy_with_new_env(available_variables=variables)
        return {name: self._value(templar, name, variables.get(name), name not in own) for name in names}

    def _raw_variables(self, host: str) -> dict:
        if host not in self._raw:
            self._raw[host] = self._hostvars.raw_get(host)
        return self._raw[host]

    def _value(self, templar: Any, name: str, expression: Any, is_default: bool) -> Value:
        option = self._options.get(name, {})
        secret = bool(option.get("no_log"))
        if expression is None:
            return Value(None, is_default, secret)
        try:
            value = templar.template(expression)
            # Variables of one host are validated with the rest of the model, which has better messages.
            if name not in (*MEMBER, *REPLICA):
                value = convert(value, option)
        except AnsibleError as error:
            return Value(None, is_default, secret, _failure(error))
        except ValueError as error:
            return Value(None, is_default, secret, "a value of another type" if secret else str(error))
        return Value(value, is_default, secret)

    def overridden(self, host: str, values: Mapping[str, Value], play: Any, task: Any) -> dict[str, Any]:
        """Variables of the model that the tasks of this play see with another value than the inventory's."""
        seen = self._variables_of_task(host, play, task)
        own = self._raw_variables(host)
        suspects = [
            name
            for name in (*MODEL, *MEMBER, *REPLICA, *CLUSTER_MODEL)
            if name in values and name in seen and seen[name] != own.get(name, self._defaults.get(name))
        ]
        templar = self._templar.copy_with_new_env(available_variables=seen)
        found = {name: self._value(templar, name, seen[name], False) for name in suspects}
        return {
            name: value.error or value.value
            for name, value in found.items()
            if value.error or str(value.value) != str(values[name].value)
        }

    def failures(
        self, host: str, names: Iterable[str], play: Any, task: Any, further: Mapping[str, Any]
    ) -> dict[str, list[Failure]]:
        """Expressions of variables that fail in the tasks of this play, by variable.

        further: variables that tasks have later.
        """
        variables = {**self._defaults, **self._variables_of_task(host, play, task), **further}
        templar = self._templar.copy_with_new_env(available_variables=variables)

        def evaluate(text: str) -> str:
            try:
                templar.template(text)
            except AnsibleError as error:
                return _failure(error)
            return ""

        return {name: list(failures(variables.get(name), evaluate)) for name in names}

    def _variables_of_task(self, host: str, play: Any, task: Any) -> dict[str, Any]:
        """What a task sees, not evaluated. Of another host than the one that it runs on, only the manager knows it."""
        if host not in self._seen:
            manager, inventory = self._hostvars._variable_manager, self._hostvars._inventory
            self._seen[host] = manager.get_vars(play=play, host=inventory.get_host(host), task=task)
        return self._seen[host]


def _failure(error: AnsibleError) -> str:
    return f"an expression that fails ({str(error).splitlines()[0]})"
