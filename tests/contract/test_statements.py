# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Every engine understands the statements that the modules send, and those that hints tell operators to run."""

import ast
import re

import pytest
from engines import CHECKOUT, EngineServer

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catalog import read_catalog
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.catching_up import read_progress, read_start
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.definitions import read_definitions
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.figures import read_figures
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.layout.servers import (
    OPTIONAL_PARTS,
    read_server,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.read_back import OWN_SETTINGS, QUERIES
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.apply import validate
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.shared.plan import SharedConfigError
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.status import read_replica

PLUGINS = CHECKOUT / "plugins"
UTILS = sorted((PLUGINS / "module_utils" / "clickhouse").rglob("*.py"))
MODULES = sorted((PLUGINS / "modules").glob("clickhouse_*.py"))
# What stands for the values of an f-string.
VALUE = "{}"
HINTED = re.compile(rf"SYSTEM(?: [A-Z]+)+(?: <table>| {VALUE}(?: FROM ZKPATH {VALUE})?)?")


# Tables that the library lacks, and rows in their place.
LACKING = {
    "system.asynchronous_metrics": "(SELECT '' AS metric, 0.5 AS value)",
    "system.zookeeper ": "(SELECT arrayJoin(['/', '/task_queue']) AS path, 'ddl' AS name) ",
}


class RecordingServer(EngineServer):
    """Keeps the statements."""

    def __init__(self, engine):
        super().__init__(engine)
        object.__setattr__(self, "sent", [])

    def _request(self, method, path, body):
        self.sent.append(body)
        for table, rows in LACKING.items():
            body = body.replace(table, rows)
        return super()._request(method, path, body)


def texts(sources):
    """The strings of the sources; docstrings are none, and the values of f-strings are VALUE."""
    for path in sources:
        tree = ast.parse(path.read_text())
        inner = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        inner |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else VALUE for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inner:
                yield node.value


def hinted():
    """The statements in the texts, with a table or a literal where they need one."""
    found = {match for text in texts(UTILS) for match in HINTED.findall(text)}
    return sorted(
        match.replace("<table>", "t").replace(VALUE, "'x'") if match[-1] in ">}" else f"{match} t" for match in found
    )


@pytest.mark.parametrize("inventory", ["small"], indirect=True)
def test_an_engine_answers_every_statement_of_the_modules(loaded, tmp_path):
    loaded.query("CREATE TABLE IF NOT EXISTS some (n Int8) ENGINE = MergeTree ORDER BY n")
    server = RecordingServer(loaded)
    replica = read_replica(server, "/task_queue/ddl")
    errors = [replica.login_error, replica.session_error, replica.ddl_error, replica.replicas_error]
    assert errors == ["", "", "", ""]
    assert replica.version == loaded.full_version
    assert read_figures(server, version=loaded.full_version).errors == {}
    status = read_server(server, "ch1", OPTIONAL_PARTS)
    assert (status.error, status.errors) == ("", {})
    assert None not in (status.tables, status.macros, status.clusters, *(getattr(status, p) for p in OPTIONAL_PARTS))
    assert read_catalog(server, str(tmp_path))["tables"] == {}
    assert read_definitions(server).version == loaded.full_version
    assert read_progress(server, read_start(server)[0]) == ({}, {})
    with pytest.raises(SharedConfigError, match="parts_to_throw_inserts"):
        validate(server, {"merge_tree/parts_to_throw_inserts": "300"})
    for _feature, query in QUERIES.values():
        server.rows(query)
    assert {row["name"] for row in server.rows(OWN_SETTINGS.format("web"))} >= {"web/max_memory_usage"}
    # With a wrong password, which engines have none for.
    server.rows("SELECT 1")
    sent = "\n\n".join(server.sent)
    assert [text for text in selects() if not re.search(pattern(text), sent)] == []


def selects():
    return sorted({text for text in texts(UTILS + MODULES) if text.startswith("SELECT ")})


def pattern(text):
    return ".*".join(re.escape(part) for part in text.split(VALUE))


@pytest.mark.parametrize("statement", hinted())
def test_an_engine_parses_the_statements_of_hints(plain, statement):
    plain.query(f"EXPLAIN AST {statement}")
