"""Balancers that change: replicas that come at run time, a reload, a restart."""

import re
import time

from clients import BALANCERS, KNOWN

ALL = {"ch1", "ch2", "ch3", "ch4"}


def servers(lab, balancer):
    """Names of the servers of any_http in haproxy.cfg."""
    text = lab.shell(balancer, "cat /etc/haproxy/haproxy.cfg")
    section = text.partition("\nbackend any_http\n")[2].partition("\n\n")[0]
    return set(re.findall(r"^\s+server (\S+)", section, re.MULTILINE))


def test_a_replica_of_the_registry_takes_queries_without_being_in_the_configuration(lab, playbook, answering, traffic):
    begin = time.monotonic()
    playbook("balancer", "-e", "topology_clickhouse_group=three")
    assert {name for balancer in BALANCERS for name in servers(lab, balancer)} == {"ch1", "ch2", "ch3"}
    lab.until(lambda: answering() == ALL, KNOWN, "ch4 takes queries")
    # Neither the reload nor the missing server costs one.
    assert traffic.errors(begin) == []
    lab.shell("ch4", "zoohouse-agent drain --wait 30")
    assert answering() == {"ch1", "ch2", "ch3"}
    lab.shell("ch4", "zoohouse-agent undrain --wait 30")
    assert answering() == ALL


def test_a_restarted_haproxy_gets_its_servers_back(lab, answering, traffic):
    begin = time.monotonic()
    lab.shell("lb2", "systemctl restart haproxy")
    lab.until(lambda: answering() == ALL, KNOWN, "ch4 is back")
    traffic.advances(lab)
    assert traffic.errors(begin + KNOWN) == []


def test_without_the_ensemble_reads_go_on(lab, traffic, answering):
    members = lab.hosts("zookeeper")
    for member in members:
        lab.shell(member, "systemctl stop zookeeper")
    begin = time.monotonic()
    try:
        readonly = "SELECT min(is_readonly) FROM system.replicas"
        lab.until(lambda: lab.sql("ch1", readonly) == lab.sql("ch3", readonly) == "1", 90, "all sessions are lost")
        assert answering() == ALL
        assert [error for error in traffic.errors(begin) if "reader" in error or "native" in error] == []
    finally:
        for member in members:
            lab.shell(member, "systemctl start zookeeper")
    # Servers look for a new session once a minute.
    traffic.advances(lab, 120)


def test_the_inventory_brings_it_back_into_the_configuration(lab, playbook, answering, traffic):
    begin = time.monotonic()
    playbook("balancer")
    assert servers(lab, "lb1") == ALL
    assert answering() == ALL and traffic.errors(begin) == []
    again = playbook("balancer")
    assert not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_prometheus_and_status(lab):
    assert "haproxy_server_status" in lab.shell(
        "lb1",
        "python3 -c \"import urllib.request as r; print(r.urlopen('http://127.0.0.1:8405/metrics').read().decode())\"",
    )
    assert '"connected": true' in lab.shell("lb1", "zoohouse-balancer status")
