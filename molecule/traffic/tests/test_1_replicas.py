"""What clients see of the balancers while replicas drain, freeze, die and restart."""

import time

import pytest
from clients import BLOCK, KNOWN

ALL = {"ch1", "ch2", "ch3", "ch4"}


@pytest.fixture(autouse=True)
def all_take_queries(lab, answering, traffic):
    """Before and after each test."""
    lab.until(lambda: answering() == ALL, 60, "all replicas take queries")
    yield
    lab.until(lambda: answering() == ALL, 60, "all replicas take queries")
    traffic.advances(lab)


def test_each_port_reaches_its_replicas(answering, ask_native):
    assert answering(8201) == {"ch1", "ch2"} and answering(8202) == {"ch3", "ch4"}
    assert answering(8300) == ALL
    assert {ask_native("lb2", "SELECT hostName()", 9201) for _ in range(6)} == {"ch1", "ch2"}


def test_a_draining_replica_costs_no_query(lab, answering, traffic):
    begin = time.monotonic()
    lab.shell("ch1", "zoohouse-agent drain --wait 30")
    assert answering() == {"ch2", "ch3", "ch4"}
    assert answering(8201) == {"ch2"}
    lab.shell("ch1", "zoohouse-agent undrain --wait 30")
    assert answering(8201) == {"ch1", "ch2"}
    assert traffic.errors(begin) == []


@pytest.mark.parametrize("how", ["server", "host"])
def test_a_frozen_replica_takes_no_query_after_a_few_seconds(lab, answering, traffic, how):
    pid = lab.pid("ch1", "clickhouse-server")
    if how == "server":
        lab.shell("ch1", f"kill -STOP {pid}")
    else:
        lab.docker("pause", "ch1")
    try:
        # A query that the frozen replica gets meanwhile ends when it is down.
        lab.until(lambda: answering() == {"ch2", "ch3", "ch4"} and answering(8201) == {"ch2"}, KNOWN, "it is out")
        known = time.monotonic()
        traffic.advances(lab)
        # What was open ends with an error just then; nothing after that has one.
        assert traffic.errors(known + 2) == []
    finally:
        if how == "server":
            lab.shell("ch1", f"kill -CONT {pid}")
        else:
            lab.docker("unpause", "ch1")


def test_a_killed_server_costs_only_open_queries(lab, traffic):
    begin = time.monotonic()
    lab.shell("ch3", "systemctl kill --signal=KILL clickhouse-server")
    traffic.advances(lab)
    assert traffic.errors(begin + KNOWN) == []


def test_a_rolling_restart_costs_no_query(playbook, traffic):
    begin = time.monotonic()
    playbook("restart", "-e", "service=clickhouse", "-e", "force=true")
    assert traffic.errors(begin) == []


def test_no_acknowledged_row_is_lost(lab, traffic):
    for name, hosts in (("writer 01", ("ch1", "ch2")), ("writer 02", ("ch3", "ch4"))):
        client = traffic.clients[name]
        before = client.done
        for host in hosts:
            # The writer goes on meanwhile.
            query = f"SELECT count() >= {before * BLOCK}, count() = uniqExact(id) FROM demo.hits"
            lab.reads(host, query, "1\t1")
