# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What is returned of many findings, of none, and of what could not be checked."""

import ast
import inspect
from pathlib import Path

import pytest
from layout_world import COMMAND, DDL, HITS, HOSTS, ROOT, Znodes, check, statuses, world

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import (
    NEED_SERVERS,
    SERVER_CHECKS,
    TREE_CHECKS,
    check_layout,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.check import OPTIONAL as NOT_USED
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.limits import DEFAULTS
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.registry import STATES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.znodes import Paths
from ansible_collections.zoohouse.cluster.plugins.module_utils.findings import OK

OPTIONAL = {"ddl_liveness", "discovery", "functions", "collections", "access"}


def hints():
    """(check, hint) of each finding in the sources that is not ok; a hint with branches is several ones.

    The value of a placeholder is its source, so that calls which return a command count as one.
    """
    folder = Path(inspect.getsourcefile(check_layout)).parent
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text())
        constants = assigned(tree.body)
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            known = {**constants, **assigned(ast.walk(function))}
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding" and len(node.args) == 6:
                    for text in texts(node.args[5], known):
                        yield f"{path.stem} {ast.unparse(node.args[0])}", text


def assigned(nodes):
    result = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            result.setdefault(node.targets[0].id, []).append(node.value)
    return result


def texts(node, known):
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else ast.unparse(part.value) for part in node.values]
        return ["".join(parts)]
    if isinstance(node, ast.IfExp):
        return texts(node.body, known) + texts(node.orelse, known)
    if isinstance(node, ast.Name):
        return [text for value in known[node.id] for text in texts(value, known)]
    if isinstance(node, ast.BinOp):
        return [left + right for left in texts(node.left, known) for right in texts(node.right, known)]
    return [ast.unparse(node)]


COMMANDS = ("world.delete(", "world.drop_replica(", "world.restore(", "orphan['command']")


@pytest.mark.parametrize(
    ("check", "hint"), [item for item in hints() if item[1] not in ("STATES[entry.state]", "finding.hint")]
)
def test_every_hint_in_the_sources_has_a_command(check, hint):
    assert COMMAND.search(hint) or any(command in hint for command in COMMANDS)


def test_the_hints_of_all_checks_are_found():
    checks = {name for names in (SERVER_CHECKS | TREE_CHECKS).values() for name in names}
    in_sources = {check.split()[1].strip("'") for check, _hint in hints()} | {"functions", "collections", "access"}
    assert checks <= in_sources | set(DEFAULTS)
    without = {check.name for check in DEFAULTS.values() if not COMMAND.search(check.hint)}
    # The first is no check; the others get the command that removes the entry.
    assert without == {"settle_time", "ddl_age", "ddl_stuck"}
    assert all(COMMAND.search(hint) for hint in STATES.values())


def many_orphans(count):
    znodes = Znodes()
    for number in range(count):
        path = f"{HITS}/replicas/x{number}"
        znodes.copy(f"{HITS}/replicas/ch2", path).add(f"{path}/host", f"host: x{number}\n").delete(f"{path}/is_active")
    return znodes


def test_findings_beyond_the_limit_are_counted_and_all_orphans_returned():
    found, orphans = check(many_orphans(5), max_findings=3)
    assert [item[2] for item in found] == [*(f"{HITS}/replicas/x{number}" for number in range(3)), ROOT]
    assert {item[:2] for item in found} == {("orphan_replica", "critical")}
    assert len(orphans) == 5
    findings, _orphans = check_layout(world(many_orphans(5)), "", 3)
    assert f"2 more, such as {HITS}/replicas/x3" in [finding.found for finding in findings]


def test_what_is_not_returned_keeps_its_severity():
    znodes = Znodes("stuck")
    znodes.add(f"{HITS}/quorum/parallel/20261121_1_1_0")
    found, _orphans = check(znodes, statuses("stuck"), max_findings=0)
    assert ("quorum", "critical", ROOT) in found


def test_every_check_that_found_nothing_says_so_once():
    findings, _orphans = check_layout(world(Znodes()), "", 20)
    names = [finding.check for finding in findings]
    assert len(names) == len(set(names)) and not OPTIONAL & set(names)
    paths = Paths(DDL, "/replicas", "/functions", "/collections", "/access", "/discovery")
    findings, _orphans = check_layout(world(Znodes(), paths=paths), "", 20)
    assert {finding.check for finding in findings} >= OPTIONAL
    assert findings[0].found == "2 tables, 4 replicas, 0 statements"


def healthy(*args, **options):
    """What the checks that found nothing say, by check."""
    findings, _orphans = check_layout(world(*args, **options), "no session", 20)
    return {item.check: item.found for item in findings if item.severity == OK}


def test_every_check_reports_when_it_found_nothing():
    # Without the registry, which would lack all replicas.
    paths = Paths(*(f"/x{number}" for number in range(6)))
    names = {name for names in (SERVER_CHECKS | TREE_CHECKS).values() for name in names} - {"registry"}
    assert set(healthy(Znodes(), paths=paths)) == names | {"orphan_table", "orphan_replica", "zookeeper"}
    assert NEED_SERVERS | set(NOT_USED) <= names | {"registry"} | {"orphan_table", "orphan_replica"}


def test_what_a_cluster_does_not_use_is_not_reported():
    found = healthy(Znodes(), paths=Paths())
    assert not {"ddl_length", "ddl_stuck", "discovery", "functions", "access"} & set(found)
    assert "ddl_length" in healthy(Znodes(), paths=Paths(ddl=DDL))


def test_a_check_says_which_servers_it_could_not_check():
    found = healthy(Znodes(), statuses(gone=["ch2"]))
    assert found["orphan_replica"] == "nothing, except on ch2, which could not be read"
    assert found["quorum"] == "nothing"


def test_without_any_server_nothing_that_needs_one_is_healthy():
    found = healthy(Znodes(), statuses(gone=HOSTS))
    assert not NEED_SERVERS & set(found) and {"quorum", "is_active", "ddl_age"} <= set(found)


def test_without_an_ensemble_nothing_that_needs_it_is_healthy():
    assert set(healthy(None)) == {"servers", "macros", "duplicate_replica", "shared_path", "clusters"}
