"""The agents of the discovery, beside real servers under systemd: registered while healthy, and gone within seconds."""

import json
import re
import shutil
import socket
import time

import pytest

AGENT = "zoohouse-agent"
ENABLED = ("-e", "discovery_enabled=true")
REGISTRY = "/zoohouse/main"
SHARDS = {"ch1": "01", "ch2": "01", "ch3": "02", "ch4": "02"}
# Seconds until a balancer knows that a server is frozen: docs/discovery.md.
KNOWN = 5


def deploy(lab):
    return lab.ansible("ansible-playbook", "playbooks/discovery.yml", *ENABLED)


def answer(lab, host):
    """What a balancer is told about a replica; empty while nothing answers."""
    try:
        with socket.create_connection((lab.address(host), 9180), timeout=5) as connection:
            return connection.recv(100).decode().strip()
    except OSError:
        return ""


@pytest.fixture
def entries(lab):
    """Reads the states of the registered replicas by host."""
    with lab.zookeeper("zk1") as client:

        def read():
            found = {}
            for shard in client.get_children(REGISTRY):
                for replica in client.get_children(f"{REGISTRY}/{shard}"):
                    data, status = client.get(f"{REGISTRY}/{shard}/{replica}")
                    assert status.ephemeralOwner
                    found[replica] = json.loads(data)["state"]
            return found

        yield read


def test_every_replica_is_registered_and_a_second_run_changes_nothing(lab, entries, report):
    done = deploy(lab)
    assert done.returncode == 0, done.stdout + done.stderr
    assert entries() == dict.fromkeys(SHARDS, "up")
    assert {answer(lab, host) for host in SHARDS} == {"up 100%"}
    again = deploy(lab)
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout
    healthy = report(*ENABLED)
    assert healthy.returncode == 0 and healthy.problems() == [], healthy.output


def test_a_frozen_server_takes_no_queries_within_seconds(lab, entries):
    pid = lab.pid("ch3", "clickhouse-server")
    lab.shell("ch3", f"kill -STOP {pid}")
    start = time.monotonic()
    try:
        lab.until(lambda: answer(lab, "ch3").startswith("down"), 30, "the balancer knows")
        seconds = time.monotonic() - start
        lab.until(lambda: "ch3" not in entries(), 30, "the entry is gone")
    finally:
        lab.shell("ch3", f"kill -CONT {pid}")
    # ssh and the two cores of the machine that runs everything take a part of it.
    assert seconds < 2 * KNOWN
    lab.until(lambda: answer(lab, "ch3") == "up 100%" and entries().get("ch3") == "up", 30, "ch3 is back")


def test_an_agent_that_was_killed_comes_back_and_takes_its_name_again(lab, entries):
    pid = lab.pid("ch2", AGENT)
    lab.shell("ch2", f"kill -KILL {pid}")
    lab.until(lambda: lab.pid("ch2", AGENT) not in (0, pid), 30, "systemd has started it")
    lab.until(lambda: answer(lab, "ch2") == "up 100%" and entries().get("ch2") == "up", 60, "ch2 is registered")
    assert lab.serves("ch2")


def test_a_replica_that_is_drained_takes_no_new_queries(lab, entries):
    lab.shell("ch1", "zoohouse-agent drain")
    lab.until(lambda: answer(lab, "ch1") == "up 0%" and entries()["ch1"] == "draining", 15, "ch1 drains")
    assert lab.on("ch1").run("zoohouse-agent status").rc == 1
    lab.shell("ch1", "zoohouse-agent undrain")
    lab.until(lambda: answer(lab, "ch1") == "up 100%" and entries()["ch1"] == "up", 15, "ch1 takes queries")


def test_an_agent_that_is_stopped_is_a_finding(lab, entries, report):
    lab.shell("ch4", f"systemctl stop {AGENT}")
    done = report("--tags", "layout", *ENABLED)
    lab.shell("ch4", f"systemctl start {AGENT}")
    assert [item[2] for item in done.problems()] == ["registry"], done.output
    assert "ch4" in done.problems()[0][1]
    lab.until(lambda: answer(lab, "ch4") == "up 100%" and entries().get("ch4") == "up", 30, "ch4 is back")


@pytest.fixture
def registry(lab, tmp_path):
    """An inventory from the registry; beside it are the passwords, and how a lab is reached."""
    source = tmp_path / "zoohouse.registry.yml"
    members = [f"{lab.address(host)}:2181" for host in lab.hosts("zookeeper")]
    source.write_text(json.dumps({"plugin": "zoohouse.cluster.registry", "zookeeper": members}))
    shutil.copytree(lab.checkout / "inventories/lab/group_vars", tmp_path / "group_vars")
    (tmp_path / "host_vars").mkdir()
    for host in lab.hosts("zookeeper"):
        (tmp_path / "host_vars" / f"{host}.yml").write_text(json.dumps({"ansible_host": lab.address(host)}))
    return source


def test_an_inventory_from_the_registry(lab, registry):
    done = lab.run(["ansible-inventory", "-i", str(registry), "--list"])
    assert done.returncode == 0, done.stdout + done.stderr
    inventory = json.loads(done.stdout)
    assert sorted(inventory["clickhouse"]["hosts"]) == sorted(SHARDS)
    # Ansible marks what comes from outside.
    shards = {
        host: names["clickhouse_shard"] for host, names in inventory["_meta"]["hostvars"].items() if host in SHARDS
    }
    assert {host: shard["__ansible_unsafe"] for host, shard in shards.items()} == SHARDS


def test_the_report_needs_no_other_inventory(lab, registry, tmp_path):
    command = ["ansible-playbook", "-i", str(registry), "playbooks/health.yml", *ENABLED]
    done = lab.run([*command, "-e", f"health_report_dir={tmp_path}"])
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "health.json").read_text())
    assert [item for item in report["findings"] if item["severity"] != "ok"] == []
    assert {item["subject"] for item in report["findings"]} >= {*SHARDS, *lab.hosts("zookeeper")}
