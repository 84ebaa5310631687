"""Users, profiles and quotas on real servers: no restart, no password on a host or in the output, and what they do."""

import re

import pytest

from lab import QueryError

SECRET = "for the reader <&> only"
USERS = {
    "clickhouse_users": {
        "reader": {"password": SECRET, "profile": "short", "quota": "few", "allow_databases": ["default", "system"]},
        "local": {"no_password": True, "networks": {"ip": ["127.0.0.1"]}},
        # 18.16 has a user of this name, with an empty password.
        "readonly": {"password": SECRET, "profile": "readonly"},
    },
    "clickhouse_profiles": {
        "short": {"profile": "readonly", "settings": {"max_execution_time": 7, "load_balancing": "in_order"}},
    },
    "clickhouse_quotas": {"few": {"intervals": [{"duration": 31536000, "queries": 20}]}},
}


def as_reader(lab, host, query):
    return lab.sql(host, query, user="reader", password=SECRET)


def logs_in(lab, host, user, password=SECRET):
    try:
        return lab.sql(host, "SELECT 1", user=user, password=password) == "1"
    except QueryError:
        return False


def test_users_are_taken_over_without_a_restart(lab, playbook, processes):
    before = processes()
    done = playbook("site", "--diff", **USERS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert processes() == before
    for host in before:
        lab.until(lambda host=host: logs_in(lab, host, "reader"), 30, f"reader logs in to {host}")
        assert logs_in(lab, host, "readonly")


def test_passwords_stay_on_the_control_node(lab, playbook):
    again = playbook("site", "--diff", **USERS)
    output = again.stdout + again.stderr
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout
    assert SECRET not in output and "password_sha256_hex" not in output
    for host in lab.hosts("clickhouse"):
        files = lab.on(host).check_output("cat /etc/clickhouse-server/users.d/*.xml")
        assert "for the reader" not in files


def test_users_do_what_they_may(lab):
    for host in lab.hosts("clickhouse"):
        # From another address, and with the password of the packages.
        assert not logs_in(lab, host, "local", "") and not logs_in(lab, host, "readonly", "")
        assert lab.shell(host, "clickhouse-client --user local --query 'SELECT 1'").strip() == "1"
        names = "name IN ('load_balancing', 'max_execution_time', 'readonly')"
        found = as_reader(lab, host, f"SELECT value FROM system.settings WHERE {names} ORDER BY name")
        assert found.split() == ["in_order", "7", "1"]
        with pytest.raises(QueryError, match="demo"):
            as_reader(lab, host, "SELECT count() FROM demo.nothing")
        with pytest.raises(QueryError, match="readonly"):
            as_reader(lab, host, "CREATE TABLE default.t (n Int8) ENGINE = Memory")


def test_a_quota_ends_the_queries_of_its_user(lab):
    for host in lab.hosts("clickhouse"):
        with pytest.raises(QueryError, match=r"Quota for user .reader."):
            for _n in range(30):
                as_reader(lab, host, "SELECT 1")
        assert lab.sql(host, "SELECT 1") == "1"


def test_without_the_users_they_are_gone(lab, playbook, processes):
    before = processes()
    done = playbook("site")
    assert done.returncode == 0, done.stdout + done.stderr
    for host in before:
        lab.until(lambda host=host: not logs_in(lab, host, "reader"), 30, f"no user reader on {host}")
    assert processes() == before
