"""What clients see of the balancers while replicas drain, freeze, die and restart."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from clients import BLOCK, KNOWN

ALL = {"ch1", "ch2", "ch3", "ch4"}
WEIGHTS = {"ch1": 100, "ch2": 100, "ch3": 100, "ch4": 50}


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


def test_each_replica_gets_its_share_of_the_queries(ask, measured):
    """Of clients that ask at the same time: an idle replica is asked whatever its weight is."""
    queries = 700
    with ThreadPoolExecutor(14) as clients:
        shares = Counter(
            clients.map(lambda _number: ask("lb1", "SELECT hostName(), sleep(0.1)").split()[0], range(queries))
        )
    measured(", ".join(f"{host} {100 * count / queries:.1f} %" for host, count in sorted(shares.items())))
    for host, weight in WEIGHTS.items():
        assert abs(shares[host] / queries - weight / sum(WEIGHTS.values())) < 0.06, shares


def test_a_draining_replica_costs_no_query(lab, answering, traffic):
    begin = time.monotonic()
    lab.shell("ch1", "zoohouse-agent drain --wait 30")
    assert answering() == {"ch2", "ch3", "ch4"}
    assert answering(8201) == {"ch2"}
    lab.shell("ch1", "zoohouse-agent undrain --wait 30")
    assert answering(8201) == {"ch1", "ch2"}
    assert traffic.errors(begin) == []


def test_a_lagging_replica_takes_no_query_until_it_has_caught_up(lab, answering, traffic, measured):
    """ch2 fetches nothing, while the writers go on."""
    begin = time.monotonic()
    lab.sql("ch2", "SYSTEM STOP FETCHES demo.hits")
    try:
        delay = "SELECT max(absolute_delay) > 5 FROM system.replicas"
        lab.until(lambda: lab.sql("ch2", delay) == "1", 60, "ch2 is behind")
        behind = time.monotonic()
        lab.until(lambda: answering() == {"ch1", "ch3", "ch4"} and answering(8201) == {"ch1"}, KNOWN, "it is out")
        measured(f"lagging: out after {time.monotonic() - behind:.1f} s")
    finally:
        lab.sql("ch2", "SYSTEM START FETCHES demo.hits")
    lab.until(lambda: answering(8201) == {"ch1", "ch2"}, 60, "ch2 has caught up")
    assert traffic.errors(begin) == []


@pytest.mark.parametrize("how", ["server", "host"])
def test_a_frozen_replica_takes_no_query_after_a_few_seconds(lab, answering, traffic, measured, how):
    pid = lab.pid("ch1", "clickhouse-server")
    if how == "server":
        lab.shell("ch1", f"kill -STOP {pid}")
    else:
        lab.docker("pause", "ch1")
    frozen = time.monotonic()
    try:
        # A query that the frozen replica gets meanwhile ends when it is down.
        lab.until(lambda: answering() == {"ch2", "ch3", "ch4"} and answering(8201) == {"ch2"}, KNOWN, "it is out")
        known = time.monotonic()
        measured(f"frozen {how}: out after {known - frozen:.1f} s")
        traffic.advances(lab)
        # What was open ends with an error just then; nothing after that has one.
        assert traffic.errors(known + 2) == []
    finally:
        if how == "server":
            lab.shell("ch1", f"kill -CONT {pid}")
        else:
            lab.docker("unpause", "ch1")


def test_a_killed_server_costs_only_open_queries(lab, traffic, measured):
    begin = time.monotonic()
    lab.shell("ch3", "systemctl kill --signal=KILL clickhouse-server")
    traffic.advances(lab)
    measured(f"killed server: {len(traffic.errors(begin))} queries failed")
    assert traffic.errors(begin + KNOWN) == []


def test_a_rolling_restart_costs_no_query(playbook, traffic):
    begin = time.monotonic()
    playbook("restart", "-e", "service=clickhouse", "-e", "force=true")
    assert traffic.errors(begin) == []


def test_a_rolling_restart_of_the_ensemble_costs_no_query_that_reads(playbook, traffic, measured):
    """Tables of 18.16 are readonly until they have a new session, so inserts may fail then; the writers repeat them."""
    begin = time.monotonic()
    playbook("restart", "-e", "service=zookeeper", "-e", "force=true")
    failed = traffic.errors(begin)
    measured(f"restart of the ensemble: {len(failed)} of the inserts failed, all repeated")
    assert [error for error in failed if "reader" in error or "native" in error] == []


def test_no_acknowledged_row_is_lost(lab, traffic):
    for name, hosts in (("writer 01", ("ch1", "ch2")), ("writer 02", ("ch3", "ch4"))):
        client = traffic.clients[name]
        before = client.done
        for host in hosts:
            # The writer goes on meanwhile.
            query = f"SELECT count() >= {before * BLOCK}, count() = uniqExact(id) FROM demo.hits"
            lab.reads(host, query, "1\t1")
