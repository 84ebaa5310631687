# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The variables of the roles: declared, with defaults, described, and used consistently."""

import re

import jinja2
import jinja2.nodes
import pytest
import yaml
from helpers import CHECKOUT

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.agreement import ALL, CLUSTER, ENSEMBLE
from ansible_collections.zoohouse.cluster.plugins.module_utils.topology.parse import (
    CLICKHOUSE_PORTS,
    SECURE_PORTS,
    ZOOKEEPER_PORTS,
)

ROLES = sorted(path.name for path in (CHECKOUT / "roles").iterdir() if (path / "tasks").is_dir())
USED_IN = ("tasks", "handlers", "templates", "vars")
# Keys of tasks whose value is an expression without braces.
CONDITIONS = ("when", "changed_when", "failed_when", "until", "that")
PUBLIC = re.compile(rf"(?:{'|'.join(ROLES)})_[a-z0-9_]+")


def load(*parts):
    path = CHECKOUT.joinpath("roles", *parts)
    return yaml.safe_load(path.read_text()) if path.exists() else None


def options(role):
    return next(iter(load(role, "meta", "argument_specs.yml")["argument_specs"].values())).get("options") or {}


def defaults(role):
    return load(role, "defaults", "main.yml") or {}


def defaults_text(role):
    path = CHECKOUT / "roles" / role / "defaults" / "main.yml"
    return path.read_text() if path.exists() else ""


def dependencies(role):
    """The role itself and all that it depends on."""
    found = {role}
    for item in load(role, "meta", "main.yml").get("dependencies") or []:
        found |= dependencies((item["role"] if isinstance(item, dict) else item).rpartition(".")[2])
    return found


def sources(role):
    for directory in USED_IN:
        for path in sorted((CHECKOUT / "roles" / role / directory).rglob("*")):
            if path.is_file():
                yield path


def expressions(node, key=""):
    """Every template text in a YAML document; bare conditions get their braces."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from expressions(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from expressions(value, key)
    elif isinstance(node, str):
        yield "{{ " + node + " }}" if key in CONDITIONS else node


def names(text):
    """Variables that a template reads; names of filters, tests and attributes are none."""
    tree = jinja2.Environment(extensions=["jinja2.ext.do"]).parse(text)
    return {node.name for node in tree.find_all(jinja2.nodes.Name) if node.ctx == "load"}


def used(role):
    """Public variables by the file that reads them."""
    for path in sources(role):
        text = path.read_text()
        texts = expressions(yaml.safe_load(text)) if path.suffix == ".yml" else [text]
        for item in texts:
            for name in sorted(names(item)):
                if PUBLIC.fullmatch(name):
                    yield name, str(path.relative_to(CHECKOUT))


def tasks(role):
    """Every task and handler of a role, those in blocks too."""

    def walk(items):
        for task in items or []:
            yield task
            for part in ("block", "rescue", "always"):
                yield from walk(task.get(part))

    for path in sources(role):
        if path.suffix == ".yml" and path.parent.name in ("tasks", "handlers"):
            yield from walk(yaml.safe_load(path.read_text()))


def facts():
    """Public results that roles hand to each other."""
    registered = {task.get("register") for role in ROLES for task in tasks(role)}
    return {name for name in registered if name and not name.startswith("__")}


def internal(role):
    """Variables that a role makes for itself."""
    for task in tasks(role):
        yield from task.get("vars") or {}
        yield from filter(None, [task.get("register"), (task.get("loop_control") or {}).get("loop_var")])
    for path in sources(role):
        if path.parent.name == "vars":
            yield from yaml.safe_load(path.read_text()) or {}


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_those_of_the_argument_specs(role):
    declared = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert defaults(role) == declared


@pytest.mark.parametrize("role", ROLES)
def test_variables_carry_the_name_of_their_role(role):
    assert [name for name in options(role) if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_described(role):
    for name, option in options(role).items():
        assert option.get("description"), name
        assert option.get("type"), name


@pytest.mark.parametrize("role", ROLES)
def test_variables_without_a_default_are_comments_in_the_defaults(role):
    lines = defaults_text(role).splitlines()
    missing = [
        name
        for name, option in options(role).items()
        if "default" not in option and not any(line.startswith(f"# {name}:") for line in lines)
    ]
    assert missing == []


@pytest.mark.parametrize("role", ROLES)
def test_a_required_variable_has_no_default(role):
    assert [name for name, option in options(role).items() if option.get("required") and "default" in option] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_default_has_a_comment_above_it(role):
    bare = []
    for paragraph in re.split(r"\n\s*\n", defaults_text(role).removeprefix("---\n")):
        explained = False
        for line in paragraph.splitlines():
            explained = explained or line.startswith("# ")
            if not explained and re.match(r"[a-z]", line):
                bare.append(line)
    assert bare == []


@pytest.mark.parametrize("role", ROLES)
def test_secrets_are_marked_in_the_argument_specs(role):
    assert [name for name, option in options(role).items() if "password" in name and not option.get("no_log")] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_that_a_role_reads_is_declared(role):
    declared = set().union(*(options(item) for item in dependencies(role))) | facts() | set(internal(role))
    assert sorted(f"{name} in {path}" for name, path in used(role) if name not in declared) == []


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_makes_for_itself_is_marked_as_internal(role):
    assert [name for name in internal(role) if not name.startswith(f"__{role}_") and name not in facts()] == []
    assert facts() == {"topology_model"}


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_read_somewhere(role):
    texts = [path.read_text() for item in ROLES for path in sources(item)]
    texts += [path.read_text() for path in (CHECKOUT / "plugins" / "module_utils" / "topology").glob("*.py")]
    unread = [name for name in options(role) if not any(re.search(rf"\b{name}\b", text) for text in texts)]
    assert unread == []


@pytest.mark.parametrize(
    ("role", "ports"),
    [("zookeeper", ZOOKEEPER_PORTS), ("clickhouse", CLICKHOUSE_PORTS), ("clickhouse", SECURE_PORTS)],
)
def test_the_topology_assumes_the_ports_of_the_roles(role, ports):
    assert ports == {name: value for name, value in defaults(role).items() if name in ports}
    assert set(ports) == {name for name in options(role) if name.endswith("_port") and name in ports}


@pytest.mark.parametrize("role", ROLES)
def test_values_of_another_type_are_converted_before_they_are_used(role):
    """Ansible does not convert them; vars/main.yml does, where it uses them once, or as __<role>_x."""
    typed = {name for item in ROLES for name, option in options(item).items() if option["type"] in ("list", "dict")}
    secret = {name for item in ROLES for name, option in options(item).items() if option.get("no_log")}
    variables = (CHECKOUT / "roles" / role / "vars" / "main.yml").relative_to(CHECKOUT)
    assert [f"{name} in {path}" for name, path in used(role) if name in typed | secret and path != str(variables)] == []
    for name, expression in (load(role, "vars", "main.yml") or {}).items():
        for public in names_in(expression) & (typed | secret):
            plain = rf"(?<!['\w.]){public}\b(?! \| zoohouse\.cluster\.as_type\()"
            assert not re.search(plain, expression), f"{public} in {name}"


def names_in(expression):
    return {name for text in expressions(expression) for name in names(text)}


def roots(conditions, known):
    """The variables behind conditions; variables of the role are replaced by what they read."""
    found, todo = set(), {name for item in conditions for name in names("{{ " + item + " }}")}
    while todo:
        name = todo.pop()
        if name in known and name not in found:
            todo |= names_in(known[name]) - found
        found.add(name)
    return {name for name in found if name not in known}


@pytest.mark.parametrize("role", ROLES)
def test_no_task_that_runs_once_has_a_condition_that_differs_by_host(role):
    """It would depend on the host that comes first in the inventory."""
    same = {"topology_model", "hostvars", "groups", "ansible_check_mode", "ansible_play_hosts_all"}
    same |= {*ALL, *ENSEMBLE, *CLUSTER}
    # A result of one host is there for all of them.
    same |= {task["register"] for task in tasks(role) if task.get("run_once") and task.get("register")}
    for task in tasks(role):
        if task.get("run_once") and task.get("when"):
            conditions = task["when"] if isinstance(task["when"], list) else [task["when"]]
            known = {**(load(role, "vars", "main.yml") or {}), **(task.get("vars") or {})}
            assert roots(conditions, known) - same == set(), task["name"]
