# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A profile that an engine would not load is found before its file is written, and nothing else is a mistake."""

import subprocess
from dataclasses import replace

import pytest
from access import ACCESS
from engines import ENVIRONMENTS, HERE, USERS
from rendering import config_tree_arguments, render, resolve, write

from ansible_collections.zoohouse.cluster.plugins.module_utils.config_validate import Check, staged_problem
from inventories import OTHERS, SMALL

SETTINGS = {
    "an unknown name": ({"settings": {"max_thread": 3}}, "Unknown setting 'max_thread'"),
    "a name that is similar": ({"settings": {"max_memory_usag": 3}}, "Unknown setting 'max_memory_usag'"),
    "an unknown name in constraints": ({"constraints": {"max_thread": {"max": 3}}}, "Unknown setting 'max_thread'"),
    "a value of another type": ({"settings": {"max_block_size": "many"}}, "'many' for setting 'max_block_size'"),
}
# What an engine that does not read config.xml takes for a mistake.
OWN = {
    "clickhouse_extra_config": {"custom_settings_prefixes": "app_,other_"},
    "clickhouse_profiles": {"p": {"settings": {"app_tenant": 1, "SQL_x": 2}}},
}
CHANGEABLE = {
    "clickhouse_server_settings": {"settings_constraints_replace_previous": True},
    "clickhouse_profiles": {"p": {"constraints": {"max_threads": {"max": 3, "changeable_in_readonly": True}}}},
}
# The user with which the program asks cannot ask.
CLOSED = {"clickhouse_extra_users": {"users": {"default": {"@replace": "replace", "password_sha256_hex": "0" * 64}}}}


class Host:
    """What the module uses of a host."""

    def __init__(self, tmpdir):
        self.tmpdir, self.warnings = str(tmpdir), []

    def run_command(self, words):
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def warn(self, text):
        self.warnings.append(text)


@pytest.fixture
def problem_of(version, tmp_path, monkeypatch):
    """What is wrong with the files of an inventory, on a host with the configuration of a package."""
    live, place, programs = (tmp_path / name for name in ("clickhouse-server", "tmp", "bin"))
    for directory in (live, place, programs):
        directory.mkdir()
    (live / "users.xml").write_text(USERS)
    program = programs / "clickhouse"
    program.write_text(f'#!/bin/sh\nexec {ENVIRONMENTS / version / "bin" / "python"} {HERE}/clickhouse_local.py "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def problem(inventory, host=None):
        rendered = tmp_path / "rendered"
        rendered.mkdir()
        write(render(inventory, version), rendered)
        changes = {
            str(live / path.relative_to(rendered)): path.read_bytes() for path in rendered.rglob("*") if path.is_file()
        }
        loads = resolve(inventory, version, config_tree_arguments()["validate_loads"])
        return staged_problem(host or Host(place), str(live), changes, [Check(**load) for load in loads])

    return problem


def with_(**variables):
    return replace(SMALL, common={**SMALL.common, **variables})


@pytest.mark.parametrize("mistake", SETTINGS)
def test_a_mistake_in_a_profile(problem_of, mistake):
    profile, text = SETTINGS[mistake]
    problem = problem_of(with_(clickhouse_profiles={"short": profile}))
    assert problem.startswith("clickhouse_profiles, clickhouse_users, clickhouse_quotas or clickhouse_extra_users: ")
    assert text in problem and "profile 'short'" in problem and "\n" not in problem


def test_a_mistake_in_the_extra_users(problem_of):
    extra = {"profiles": {"own": {"max_thread": 3}}}
    assert "Unknown setting 'max_thread'" in problem_of(with_(clickhouse_extra_users=extra))


@pytest.mark.parametrize(
    "variables", [ACCESS, OWN, CHANGEABLE, CLOSED], ids=["access", "prefixes", "changeable", "closed"]
)
def test_what_a_server_loads_is_no_mistake(problem_of, variables):
    assert problem_of(with_(**variables)) == ""


TABLES = {
    "an unknown name": ({"parts_to_throw_insrt": 600}, "Unknown setting 'parts_to_throw_insrt'"),
    "a value of another type": ({"parts_to_throw_insert": "many"}, "expected 'eof' before: 'many'"),
}


@pytest.mark.parametrize("mistake", TABLES)
@pytest.mark.parametrize("variable", ["clickhouse_merge_tree", "clickhouse_extra_config"])
def test_a_mistake_in_the_settings_of_tables(problem_of, variable, mistake):
    settings, text = TABLES[mistake]
    value = settings if variable == "clickhouse_merge_tree" else {"merge_tree": settings}
    problem = problem_of(with_(**{variable: value}))
    assert problem.startswith(f"{variable}: found a mistake, expected names and values of system.merge_tree_settings")
    assert text in problem and "\n" not in problem


def test_settings_of_tables_in_both_variables(problem_of):
    extra = {"merge_tree": {"max_replicated_merges_in_queue": 17}}
    right = with_(clickhouse_merge_tree={"parts_to_throw_insert": 600}, clickhouse_extra_config=extra)
    assert problem_of(right) == ""


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_wrong_with_the_inventories(problem_of, name):
    assert problem_of(OTHERS[name]) == ""


def test_a_mistake_that_is_there_already_is_a_warning(problem_of, tmp_path):
    (tmp_path / "clickhouse-server" / "users.d").mkdir()
    mistake = "<clickhouse><profiles><theirs><max_thread>3</max_thread></theirs></profiles></clickhouse>"
    (tmp_path / "clickhouse-server" / "users.d" / "theirs.xml").write_text(mistake)
    host = Host(tmp_path / "tmp")
    assert problem_of(SMALL, host) == ""
    assert len(host.warnings) == 1 and "Unknown setting 'max_thread'" in host.warnings[0]
