# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""All files of one service, written in a temporary directory by the module itself."""

import base64
import contextlib
import grp
import json
import os
import pwd
from types import SimpleNamespace

import pytest
from helpers import run_module, systemctl

from ansible_collections.zoohouse.cluster.plugins.module_utils import config_record
from ansible_collections.zoohouse.cluster.plugins.modules import config_tree

OWNER = {"owner": pwd.getpwuid(os.getuid()).pw_name, "group": grp.getgrgid(os.getgid()).gr_name}


@pytest.fixture
def tree(monkeypatch, tmp_path):
    """run(files, **args) runs the module over files below `dest`; service(...) says what systemctl shows."""
    for name in ("etc", "tmp", "bin"):
        (tmp_path / name).mkdir()
    log, state = systemctl(monkeypatch, tmp_path / "bin")
    monkeypatch.setattr(config_record, "RECORDS", str(tmp_path / "records"))
    dest = tmp_path / "etc"

    def run(files, check=False, mode="0640", **args):
        paths = {str(dest / name): text for name, text in files.items()}
        args = {
            "name": "unit",
            "files": [{"path": path, "mode": mode, **OWNER} for path in paths],
            "contents": {path: base64.b64encode(text.encode()).decode() for path, text in paths.items()},
            **args,
        }
        return run_module(monkeypatch, config_tree.main, args, check, tmp_path / "tmp")

    def service(invocation, active="active", reload="no", unit_file="enabled"):
        shown = {"ActiveState": active, "InvocationID": invocation, "NeedDaemonReload": reload}
        shown["UnitFileState"] = unit_file
        state.write_text("".join(f"{name}={value}\n" for name, value in shown.items()))

    def record():
        path = tmp_path / "records" / "unit.json"
        return json.loads(path.read_text()) if path.exists() else None

    return SimpleNamespace(run=run, service=service, record=record, dest=dest, log=log)


def held(directory):
    return {path.name: path.read_text() for path in directory.iterdir()}


def mode_of(path):
    return oct(path.stat().st_mode & 0o7777)


def test_files_are_written_with_their_mode(tree):
    result = tree.run({"a.xml": "one\n", "b.xml": "two\n"})
    assert held(tree.dest) == {"a.xml": "one\n", "b.xml": "two\n"}
    assert mode_of(tree.dest / "a.xml") == "0o640"
    assert result["changed"] is True
    assert result["changed_paths"] == [str(tree.dest / "a.xml"), str(tree.dest / "b.xml")]
    assert result["restart_needed"] is False
    assert set(tree.record()) == set(result["changed_paths"])


def test_a_second_run_changes_nothing(tree):
    tree.run({"a.xml": "one\n"})
    before = (tree.dest / "a.xml").stat()
    result = tree.run({"a.xml": "one\n"})
    after = (tree.dest / "a.xml").stat()
    assert (result["changed"], result["changed_paths"], result["diff"]) == (False, [], [])
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_only_what_differs_is_written(tree):
    tree.run({"a.xml": "one\n", "b.xml": "two\n"})
    result = tree.run({"a.xml": "one\n", "b.xml": "three\n"})
    assert result["changed_paths"] == [str(tree.dest / "b.xml")]
    assert [(item["before"], item["after"]) for item in result["diff"]] == [("two\n", "three\n")]


def test_a_mode_that_drifted_is_set_again(tree):
    tree.run({"a.xml": "one\n"})
    (tree.dest / "a.xml").chmod(0o666)
    assert tree.run({"a.xml": "one\n"}, check=True)["changed"] is True
    assert mode_of(tree.dest / "a.xml") == "0o666"
    assert tree.run({"a.xml": "one\n"})["changed"] is True
    assert mode_of(tree.dest / "a.xml") == "0o640"


def test_a_file_that_is_no_longer_wanted_is_removed(tree):
    tree.run({"a.xml": "one\n", "b.xml": "two\n"})
    result = tree.run({"a.xml": "one\n"})
    assert held(tree.dest) == {"a.xml": "one\n"}
    assert result["changed_paths"] == [str(tree.dest / "b.xml")]
    assert set(tree.record()) == {str(tree.dest / "a.xml")}
    assert tree.run({"a.xml": "one\n"})["changed"] is False


def test_a_foreign_file_is_left_alone(tree):
    (tree.dest / "theirs.xml").write_text("theirs\n")
    tree.run({"a.xml": "one\n"})
    tree.run({})
    assert held(tree.dest) == {"theirs.xml": "theirs\n"}


def test_a_link_becomes_a_file_and_what_it_pointed_to_stays(tree):
    theirs, ours = tree.dest.parent / "theirs", tree.dest / "a.xml"
    theirs.write_text("one\n")
    theirs.chmod(0o600)
    ours.symlink_to(theirs)
    assert tree.run({"a.xml": "one\n"}, check=True)["changed"] is True and ours.is_symlink()
    assert tree.run({"a.xml": "one\n"})["changed"] is True
    assert (ours.is_symlink(), ours.read_text(), mode_of(ours)) == (False, "one\n", "0o640")
    assert (theirs.read_text(), mode_of(theirs)) == ("one\n", "0o600")
    for check in (True, False):
        assert tree.run({"a.xml": "one\n"}, check=check)["changed"] is False


def test_check_mode_reports_and_writes_nothing(tree):
    result = tree.run({"a.xml": "one\n"}, check=True)
    assert result["changed_paths"] == [str(tree.dest / "a.xml")]
    assert [(item["before"], item["after"]) for item in result["diff"]] == [("", "one\n")]
    assert (held(tree.dest), tree.record()) == ({}, None)


def test_check_mode_removes_nothing(tree):
    tree.run({"a.xml": "one\n"})
    result = tree.run({}, check=True)
    assert result["changed_paths"] == [str(tree.dest / "a.xml")]
    assert held(tree.dest) == {"a.xml": "one\n"}
    assert set(tree.record()) == {str(tree.dest / "a.xml")}


@pytest.mark.parametrize("path", ["set", "changed", "removed"])
def test_a_secret_key_is_masked_before_and_after(tree, path):
    texts = {
        "before": "tickTime=1\na.superDigest=super:sesame\nb=2\n",
        "after": "tickTime=2\na.superDigest=super:sesame2\nb=2\n",
    }
    if path == "set":
        texts["before"] = "tickTime=1\nb=2\n"
    if path == "removed":
        texts["after"] = "tickTime=2\nb=2\n"
    keys = {"secret_keys": ["superDigest", "assword"]}
    tree.run({"zoo.cfg": texts["before"]}, **keys)
    (diff,) = tree.run({"zoo.cfg": texts["after"]}, **keys)["diff"]
    assert "sesame" not in str(diff)
    assert "tickTime=1" in diff["before"] and "tickTime=2" in diff["after"]
    masked = [line for line in (diff["before"] + diff["after"]).splitlines() if "superDigest" in line]
    assert len(set(masked)) == len(masked) == (2 if path == "changed" else 1)


def test_a_diff_hides_secrets_and_still_shows_that_they_change(tree):
    secret = {"secret_paths": [f"{tree.dest}/users/*", f"{tree.dest}/s*.xml"]}
    first = tree.run({"s.xml": "sesame-1\n", "a.xml": "plain\n"}, **secret)
    second = tree.run({"s.xml": "sesame-2\n", "a.xml": "plain\n"}, **secret)
    third = tree.run({}, **secret)
    assert "sesame" not in json.dumps([first, second, third])
    assert "plain" in json.dumps(first)
    (change,) = second["diff"]
    assert change["before"] != change["after"]
    assert [item["after"] for item in third["diff"]] == ["", ""]


def test_the_record_is_written_before_the_files(tree):
    # How the failure is result depends on the version of Ansible.
    with contextlib.suppress(Exception):
        assert tree.run({"a.xml": "one\n", "missing/b.xml": "two\n"})["failed"]
    assert not (tree.dest / "missing").exists()
    assert set(tree.record()) == {str(tree.dest / "a.xml"), str(tree.dest / "missing" / "b.xml")}


def test_a_record_that_is_no_json_is_begun_anew(tree):
    tree.run({"a.xml": "one\n"})
    record = tree.dest.parent / "records" / "unit.json"
    record.write_text("{torn")
    assert tree.run({"a.xml": "two\n"})["changed"] is True
    assert set(tree.record()) == {str(tree.dest / "a.xml")}


def test_directories_are_made_with_their_mode(tree):
    directory = {"path": str(tree.dest / "config.d"), "mode": "0750", **OWNER}
    assert tree.run({}, check=True, directories=[directory])["changed_paths"] == [directory["path"]]
    assert held(tree.dest) == {}
    assert tree.run({"config.d/a.xml": "one\n"}, directories=[directory])["changed"] is True
    assert mode_of(tree.dest / "config.d") == "0o750"
    assert (tree.dest / "config.d" / "a.xml").read_text() == "one\n"
    assert tree.run({"config.d/a.xml": "one\n"}, directories=[directory])["changed"] is False


def test_without_the_directory_above_nothing_is_written(tree):
    place = tree.dest / "disk"
    data = {"path": f"{place}/data/", "parents": False, **OWNER}
    within = {"path": f"{place}/data/tmp/", "parents": False, **OWNER}
    result = tree.run({"a.xml": "one\n"}, directories=[data, within])
    assert result["failed"] and f"No directory above {place}/data. A missing directory is often" in result["msg"]
    assert held(tree.dest) == {}
    place.mkdir()
    assert tree.run({}, directories=[data, within])["changed_paths"] == [data["path"], within["path"]]


def test_a_service_can_pass_the_directories_on_the_way(tree):
    tree.run({}, directories=[{"path": str(tree.dest / "disk" / "data"), "mode": "0750", **OWNER}])
    assert mode_of(tree.dest / "disk") == "0o755"


# --- Blocks in files that others write too

OURS = "# BEGIN UNIT\n10.0.0.1 zk1\n# END UNIT\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", OURS),
        ("127.0.0.1 localhost\n", f"127.0.0.1 localhost\n{OURS}"),
        ("127.0.0.1 localhost", f"127.0.0.1 localhost\n{OURS}"),
        ("a\n# BEGIN UNIT\n10.0.0.9 zk1\n10.0.0.8 zk2\n# END UNIT\nb\n", f"a\n{OURS}b\n"),
        (f"# BEGIN OTHER\nx\n# END OTHER\n{OURS}b\n", f"# BEGIN OTHER\nx\n# END OTHER\n{OURS}b\n"),
        ("a\n# BEGIN UNIT\nb\n", f"a\nb\n{OURS}"),
        ("a\n# END UNIT\nb\n# BEGIN UNIT\nc\n", f"a\nb\nc\n{OURS}"),
    ],
)
def test_a_block_is_set_and_the_lines_around_it_stay(tree, before, after):
    hosts = tree.dest / "hosts"
    hosts.write_text(before)
    hosts.chmod(0o604)
    block = {"path": str(hosts), "marker": "UNIT", "block": "10.0.0.1 zk1"}
    result = tree.run({}, blocks=[block])
    assert (hosts.read_text(), mode_of(hosts)) == (after, "0o604")
    assert result["changed"] is (before != after)
    assert [(item["before"], item["after"]) for item in result["diff"]] == (
        [(before, after)] if before != after else []
    )
    assert tree.run({}, blocks=[block])["changed"] is False
    # It is not removed with the files that are not wanted any more.
    assert tree.run({})["changed"] is False and hosts.read_text() == after


def test_bytes_around_a_block_that_are_no_text_stay(tree):
    hosts = tree.dest / "hosts"
    hosts.write_bytes(b"10.0.0.2 caf\xe9\n")
    tree.run({}, blocks=[{"path": str(hosts), "marker": "UNIT", "block": "10.0.0.1 zk1"}])
    assert hosts.read_bytes() == b"10.0.0.2 caf\xe9\n" + OURS.encode()


def test_check_mode_shows_a_block_and_does_not_write_it(tree):
    hosts = tree.dest / "hosts"
    result = tree.run({}, check=True, blocks=[{"path": str(hosts), "marker": "UNIT", "block": "10.0.0.1 zk1"}])
    assert [(item["before"], item["after"]) for item in result["diff"]] == [("", OURS)]
    assert result["changed_paths"] == [str(hosts)] and not hosts.exists()
    tree.run({}, blocks=[{"path": str(hosts), "marker": "UNIT", "block": "10.0.0.1 zk1"}])
    assert mode_of(hosts) == "0o644"


# --- The service that reads the files


@pytest.mark.parametrize(
    ("active", "unit_file", "expected"),
    [
        ("active", "enabled", (True, True)),
        ("activating", "disabled", (True, False)),
        ("inactive", "enabled", (False, True)),
        ("failed", "", (False, False)),
    ],
)
def test_the_state_of_the_service_is_reported(tree, active, unit_file, expected):
    tree.service("run-1", active=active, unit_file=unit_file)
    result = tree.run({}, service="unit.service")
    assert (result["running"], result["enabled"]) == expected


def test_without_a_service_none_is_running(tree):
    tree.service("run-1")
    assert tree.run({})["running"] is False


def due(tree, files, **args):
    result = tree.run(files, service="unit.service", restart_paths=[f"{tree.dest}/*.cfg"], **args)
    assert result["changed"] >= result["restart_needed"]
    return result["restart_needed"]


def test_a_change_needs_a_restart_until_the_service_was_restarted(tree):
    tree.service("run-1")
    assert due(tree, {"a.cfg": "one\n"}) is True
    assert due(tree, {"a.cfg": "one\n"}) is True
    tree.service("run-2")
    assert due(tree, {"a.cfg": "one\n"}) is False


def test_a_file_that_the_service_reads_by_itself_needs_no_restart(tree):
    tree.service("run-1")
    assert due(tree, {"a.xml": "one\n"}) is False


def test_a_service_that_does_not_run_needs_no_restart(tree):
    tree.service("", active="inactive")
    assert due(tree, {"a.cfg": "one\n"}) is False
    tree.service("run-1")
    assert due(tree, {"a.cfg": "one\n"}) is False


def test_a_service_that_failed_needs_no_restart(tree):
    tree.service("run-1", active="failed")
    assert due(tree, {"a.cfg": "one\n"}) is False


def test_a_removed_file_needs_a_restart_until_the_service_was_restarted(tree):
    tree.service("run-1")
    due(tree, {"a.cfg": "one\n"})
    tree.service("run-2")
    assert due(tree, {}) is True
    assert due(tree, {}) is True
    tree.service("run-3")
    assert due(tree, {}) is False
    assert tree.record() == {}


def test_check_mode_reports_that_a_restart_would_be_needed(tree):
    tree.service("run-1")
    assert due(tree, {"a.cfg": "one\n"}, check=True) is True
    assert tree.record() is None


def test_units_are_reloaded_when_systemd_has_yet_to_read_them(tree):
    tree.service("run-1", reload="yes")
    due(tree, {}, check=True)
    assert "daemon-reload" not in tree.log.read_text()
    due(tree, {})
    assert "daemon-reload" in tree.log.read_text()


def test_units_are_left_alone_otherwise(tree):
    tree.service("run-1")
    due(tree, {"a.cfg": "one\n"})
    assert "daemon-reload" not in tree.log.read_text()


# --- Files before a change


def kept(tree):
    path = tree.dest.parent / "records" / "unit.previous.json"
    return sorted(os.path.basename(name) for name in json.loads(path.read_text())) if path.exists() else None


def test_the_files_of_a_running_service_are_kept_before_a_change(tree):
    unit = {"service": "unit.service", "restart_paths": ["*"]}
    tree.service("run-1")
    tree.run({"a.xml": "one\n", "b.xml": "two\n"}, **unit)
    assert kept(tree) == ["a.xml", "b.xml"]
    # The service has read them.
    tree.service("run-2")
    tree.run({"a.xml": "changed\n", "b.xml": "two\n"}, check=True, **unit)
    assert kept(tree) == ["a.xml", "b.xml"]
    tree.run({"a.xml": "changed\n", "b.xml": "two\n"}, **unit)
    assert kept(tree) == ["a.xml"]
    # While the restart is pending, another change adds to what is kept.
    tree.run({"a.xml": "again\n"}, **unit)
    assert kept(tree) == ["a.xml", "b.xml"]
    config_record.put_back(None, "unit")
    assert held(tree.dest) == {"a.xml": "one\n", "b.xml": "two\n"}
    assert tree.run({"a.xml": "one\n", "b.xml": "two\n"}, **unit)["changed"] is False


def test_nothing_is_kept_of_a_service_that_does_not_run(tree):
    tree.service("", active="failed")
    tree.run({"a.xml": "one\n"}, service="unit.service")
    tree.run({"a.xml": "two\n"}, service="unit.service")
    assert kept(tree) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [("<yandex><a></yandex>", "not well-formed XML"), ("<other/>", "found the root element other, expected yandex")],
)
def test_xml_that_the_service_cannot_read_is_not_written(tree, text, problem):
    new = tree.dest / "new"
    files = {"a.xml": "<yandex/>", "b.xml": text, "notes.txt": "<"}
    result = tree.run(files, xml_roots=["yandex"], directories=[{"path": str(new), **OWNER}])
    assert result["failed"] and result["msg"].startswith("No file was changed.")
    assert f"{tree.dest / 'b.xml'}: {problem}" in result["msg"]
    assert held(tree.dest) == {} and not new.exists()
    assert tree.run({"a.xml": "<yandex/>", "notes.txt": "<"}, xml_roots=["yandex"])["changed"] is True


def test_a_file_of_somebody_else_that_the_service_cannot_read(tree):
    """After a restart for the change the service would not start, and not because of the change."""
    (tree.dest / "zz.xml").write_text("<yandex><broken>")
    result = tree.run({"a.xml": "<yandex/>"}, xml_roots=["yandex"])
    assert result["failed"] and f"{tree.dest / 'zz.xml'}: not well-formed XML" in result["msg"]
    assert held(tree.dest) == {"zz.xml": "<yandex><broken>"}


# --- A copy with the changes, validated by a program

# Fails while a file is there, and says where.
WITHOUT = [["sh", "-c", "! grep . %s/bad"]]


def validated(tree, files, commands, check=False):
    return tree.run(files, check=check, validate_directory=str(tree.dest), validate_commands=commands)


@pytest.mark.parametrize("check", [False, True])
def test_a_change_that_a_program_does_not_accept(tree, check):
    assert validated(tree, {"good": "1"}, WITHOUT)["changed"] is True
    result = validated(tree, {"good": "2", "bad": "reason"}, WITHOUT, check)
    assert result["failed"] and result["msg"] == "No file was changed. reason"
    assert held(tree.dest) == {"good": "1"}


def test_the_program_sees_the_directory_after_the_change(tree):
    files = {"kept": "1", "changed": "1", "gone": "1"}
    seen = ["sh", "-c", f"cd %s && grep . * > {tree.dest.parent}/seen"]
    validated(tree, files, [])
    validated(tree, {"kept": "1", "changed": "2", "new": "1"}, [seen])
    assert (tree.dest.parent / "seen").read_text().split() == ["changed:2", "kept:1", "new:1"]
    (tree.dest.parent / "seen").unlink()
    # Nothing changes, so nothing is validated.
    validated(tree, {"kept": "1", "changed": "2", "new": "1"}, [seen])
    assert not (tree.dest.parent / "seen").exists()


def test_a_path_in_an_error_is_that_of_the_service(tree):
    result = validated(tree, {"bad": "1"}, [["sh", "-c", "! test -e %s/bad || { echo %s/bad >&2; exit 1; }"]])
    assert result["msg"] == f"No file was changed. {tree.dest}/bad"


@pytest.mark.parametrize("command", [["sh", "-c", "echo never >&2; exit 1"], ["no-such-program", "%s"]])
def test_what_cannot_be_validated_before_either_is_written(tree, command):
    assert validated(tree, {"a": "1"}, [command])["changed"] is True
    assert held(tree.dest) == {"a": "1"}


# Reads a file of its own that names the directory, and fails while there is a mistake.
LOAD = {
    "command": ["sh", "-c", "! (echo started; cat $(cat %f)/setting | grep -H --label=%s/setting wrong) >&2"],
    "content": "%s",
    "errors": "wrong",
    "lead": "variable: ",
}


def loaded(tree, files, **changes):
    return tree.run(files, validate_directory=str(tree.dest), validate_loads=[{**LOAD, **changes}])


def test_a_load_that_fails_says_what_counts(tree):
    assert loaded(tree, {"setting": "right"})["changed"] is True
    result = loaded(tree, {"setting": "wrong value"})
    assert result["failed"]
    assert result["msg"] == f"No file was changed. variable: {tree.dest}/setting:wrong value"
    assert held(tree.dest) == {"setting": "right"}


def test_a_load_that_fails_for_another_reason_is_no_error(tree):
    assert loaded(tree, {"setting": "right"})["changed"] is True
    result = loaded(tree, {"setting": "wrong"}, errors="^(?!.*wrong).*in the configuration")
    assert result["changed"] is True and held(tree.dest) == {"setting": "wrong"}


def test_a_load_that_failed_before_is_a_warning(tree):
    (tree.dest / "setting").write_text("wrong")
    assert loaded(tree, {"other": "1"})["changed"] is True
    assert held(tree.dest) == {"setting": "wrong", "other": "1"}


def test_a_file_that_the_service_takes_over_by_itself_is_pending_until_somebody_has_seen_it(tree):
    args = {"service": "unit.service", "restart_paths": [f"{tree.dest}/*.cfg"], "reload_paths": [f"{tree.dest}/*"]}

    def run(**files):
        result = tree.run({name.replace("_", "."): text for name, text in files.items()}, **args)
        return result["changed"], result["reload_needed"], result["restart_needed"]

    # Nothing runs that could have read another one.
    assert run(a_xml="one", b_cfg="one") == (True, False, False)
    tree.service("run-1")
    assert run(a_xml="one", b_cfg="one") == (False, False, False)
    assert run(a_xml="two", b_cfg="one") == (True, True, False)
    # The run was interrupted.
    assert run(a_xml="two", b_cfg="one") == (True, True, False)
    # What was there before the first change stays known.
    assert run(a_xml="three", b_cfg="one") == (True, True, False)
    assert config_record.backup_of("unit").kept() == {str(tree.dest / "a.xml"): b"one"}
    config_record.confirm("unit")
    assert run(a_xml="three", b_cfg="one") == (False, False, False)
    # A removed file, too; and a restart reads everything.
    assert run(b_cfg="one") == (True, True, False)
    assert run(b_cfg="one") == (True, True, False)
    assert run(b_cfg="two") == (True, False, True)
    tree.service("run-2")
    assert run(b_cfg="two") == (False, False, False)
    assert set(tree.record()) == {str(tree.dest / "b.cfg")}


def test_known_elements_of_a_file_need_no_restart_but_others_do(tree):
    known = {"path": f"{tree.dest}/a.xml", "elements": ["macros/*", "limit"]}
    args = {"service": "unit.service", "restart_paths": [f"{tree.dest}/*"], "reload_paths": [f"{tree.dest}/*"]}

    def run(text, **others):
        files = {"a.xml": text and f"<c>{text}</c>", **others}
        files = {name: text for name, text in files.items() if text}
        result = tree.run(files, reload_elements=[known], **args)
        return result["reload_needed"], result["restart_needed"]

    run("<limit>1</limit><port>1</port>")
    tree.service("run-1")
    assert run("<limit>2</limit><port>1</port><macros><x>1</x></macros>") == (True, False)
    assert run("<limit>2</limit><port>2</port><macros><x>1</x></macros>") == (False, True)
    # It stays pending, whatever changes next.
    assert run("<limit>3</limit><port>2</port><macros><x>1</x></macros>") == (False, True)
    tree.service("run-2")
    assert run("<limit>3</limit><port>2</port>") == (True, False)
    assert run("<limit>3</limit><port>2</port>", **{"b.xml": "<c><limit>1</limit></c>"}) == (False, True)
    tree.service("run-3")
    assert run("<limit>3</limit>") == (False, True)
    tree.service("run-4")
    assert run("", **{"b.xml": "<c><limit>1</limit></c>"}) == (False, True)
