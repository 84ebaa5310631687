"""Shared configuration on real servers: one write reaches all of them, needs no restart, and can be taken back."""

import re


def shared(**macros):
    return {"clickhouse_shared_config": {"macros": macros}}


def colours(lab):
    query = "SELECT substitution FROM system.macros WHERE macro = 'colour'"
    return {lab.sql(host, query) for host in lab.hosts("clickhouse")}


def test_all_servers_include_it_without_a_restart(lab, playbook, processes):
    before = processes()
    done = playbook("site", "--diff", **shared(colour="red"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert colours(lab) == {"red"} and processes() == before
    again = playbook("site", **shared(colour="red"))
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_a_change_is_one_write(lab, playbook, processes):
    before = processes()
    preview = playbook("site", "--check", "--diff", **shared(colour="blue"))
    assert preview.returncode == 0 and "blue" in preview.stdout, preview.stdout + preview.stderr
    assert colours(lab) == {"red"}
    done = playbook("site", **shared(colour="blue"))
    assert done.returncode == 0, done.stdout + done.stderr
    # No file has changed.
    assert len(re.findall(r"^changed: ", done.stdout, re.MULTILINE)) == 1, done.stdout
    assert colours(lab) == {"blue"} and processes() == before


def test_a_refused_value_changes_nothing(lab, playbook):
    for macros in ({"shard": "09"}, {"colour": "bl\bue"}):
        done = playbook("site", **shared(**macros))
        assert done.returncode != 0 and "clickhouse_shared_config" in done.stdout, done.stdout
        assert not re.search(r"changed=[1-9]", done.stdout), done.stdout
    assert colours(lab) == {"blue"}


def test_an_earlier_version_comes_back(lab, playbook):
    shown = playbook("config", "-e", "action=diff", "-e", "version=1", **shared(colour="blue"))
    assert shown.returncode == 0 and "red" in shown.stdout and "blue" in shown.stdout, shown.stdout + shown.stderr
    done = playbook("config", "-e", "action=rollback", "-e", "version=1", **shared(colour="blue"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert colours(lab) == {"red"}
    newest = playbook("config", **shared(colour="blue"))
    assert newest.returncode == 0 and "red" in newest.stdout, newest.stdout + newest.stderr


def test_without_the_variable_it_is_gone(lab, playbook, processes):
    before = processes()
    done = playbook("site")
    assert done.returncode == 0, done.stdout + done.stderr
    lab.until(lambda: colours(lab) == {""}, 30, "no server has the macro")
    assert processes() == before
