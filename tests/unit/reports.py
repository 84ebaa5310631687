# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Made health reports, for the tests of the report and of its page."""

import copy

from helpers import inventory, model_of

from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import ENSEMBLE, LAYOUT, REPLICA
from ansible_collections.zoohouse.cluster.plugins.module_utils.report.model import build_report

GENERATED = "2026-01-02T03:04:05Z"
MEMBERS = ["zk1", "zk2", "zk3"]
REPLICAS = ["ch1", "ch2", "ch3", "ch4"]
SITUATIONS = ("healthy", "leader_lost", "orphan", "down", "hostile")
LAYOUT_ORPHAN = "/clickhouse/main/tables/01/demo/hits/replicas/ch9"
HOSTILE = "<script>alert('x')</script>\"&\x00\x1b[31m\ud800{{ 7 * 7 }}"


def finding(check, severity="ok", subject="zk1", found="yes", expected="yes", hint=""):
    return {
        "check": check,
        "severity": severity,
        "subject": subject,
        "found": found,
        "expected": expected,
        "hint": hint,
    }


def member_row(host, mode, **figures):
    return {
        "host": host,
        "mode": mode,
        "version": "3.8.0",
        "zxid": 4294967420,
        "uptime_ms": 86_400_000,
        "avg_latency": 0.4,
        "max_latency": 38,
        "outstanding_requests": 0,
        "connections": 5,
        "znodes": 1520,
        "data_bytes": 240_000,
        "synced_followers": 2 if mode == "leader" else None,
        "error": "",
        **figures,
    }


def replica_row(host, number, **figures):
    return {
        "host": host,
        "version": "18.16.1",
        "uptime_s": 3600,
        "error": "",
        "tables": 12,
        "readonly_tables": 0,
        "max_delay_s": number - 1,
        "queue_size": number,
        "queries_running": 2,
        "connections_http": 3,
        "connections_tcp": 4 + number,
        "selects_total": 7200 + 100 * number,
        "inserts_total": 900,
        "zookeeper_sessions": 1,
        "zookeeper_requests_running": 0,
        "zookeeper_avg_latency_ms": 1.2,
        "disk_free_bytes": 700_000_000_000,
        "disk_total_bytes": 1_000_000_000_000,
        "distributed_files": 0,
        **figures,
    }


def hostvars(name):
    """The variables of all hosts after the checks, in a situation."""
    return copy.deepcopy({"healthy": _healthy, **_SITUATIONS}[name]())


def report(name, **options):
    return situation(hostvars(name), **options)


def situation(variables, tags=("all",), skip_tags=()):
    return build_report(variables, MEMBERS, REPLICAS, tags, skip_tags, GENERATED)


def _healthy():
    result = {host: dict(variables) for host, variables in inventory().items()}
    for host in result:
        result[host]["topology_model"] = copy.deepcopy(model_of(inventory()))
    ensemble = {
        "findings": [
            *(finding("serving", subject=host, found="leader" if host == "zk2" else "follower") for host in MEMBERS),
            finding("quorum", subject="ensemble", found="3 of 3 members serving", expected="at least 2"),
            finding("membership", subject="ensemble", found="the same on 3 members", expected="the same"),
            *(finding("avg_latency", subject=host, found="0.4 ms", expected="at most 100 ms") for host in MEMBERS),
        ],
        "members": [member_row(host, "leader" if host == "zk2" else "follower") for host in MEMBERS],
        "leader": "zk2",
    }
    for host in MEMBERS:
        result[host][ENSEMBLE] = copy.deepcopy(ensemble)
    for number, host in enumerate(REPLICAS, 1):
        result[host][REPLICA] = {
            "findings": [
                finding("ping", subject=host, found="18.16.1", expected="Ok."),
                finding("session", subject=host, expected="a session with ZooKeeper"),
                finding("ddl_queue", subject=host, expected="the queue of ON CLUSTER statements"),
                finding("delay", subject=f"{host} demo.hits", found="0 s", expected="at most 300 s"),
                finding("schema_drift", subject=f"{host} demo.hits", found="the same", expected="the same"),
            ],
            "replicas": [replica_row(host, number)],
        }
    result["ch1"][LAYOUT] = {"findings": [finding("orphan_replica", subject="layout", found="none")], "orphans": []}
    return result


def _leader_lost():
    result = _healthy()
    start = "Check `systemctl status zookeeper` on zk2 and the network to port 2181."
    for host in MEMBERS:
        result[host][ENSEMBLE]["findings"] = [
            finding("serving", "critical", "zk2", "no answer: Connection refused", "leader or follower", start),
            finding("serving", subject="zk1", found="follower, 3.8.0"),
            finding("serving", subject="zk3", found="leader, 3.8.0"),
            finding("quorum", subject="ensemble", found="2 of 3 members serving", expected="at least 2"),
            finding("synced_followers", "critical", "ensemble", "1", "2", "A follower is down or still copying."),
            finding("avg_latency", "warning", "zk3", "140 ms", "at most 100 ms", "Check the disk of zk3."),
        ]
        result[host][ENSEMBLE]["members"] = [
            member_row("zk1", "follower"),
            {"host": "zk2", "error": "Connection refused"},
            member_row("zk3", "leader", avg_latency=140, max_latency=2100, outstanding_requests=14),
        ]
        result[host][ENSEMBLE]["leader"] = "zk3"
    return result


def _orphan():
    result = _healthy()
    hint = f"Remove it: playbooks/remove.yml, or delete {LAYOUT_ORPHAN} after its log was checked."
    result["ch1"][LAYOUT] = {
        "findings": [
            finding("orphan_replica", "critical", LAYOUT_ORPHAN, "no host of the inventory", "a replica", hint),
            finding("ddl_queue_age", subject="layout", found="3 entries"),
        ],
        "orphans": [LAYOUT_ORPHAN],
    }
    compare = "Compare SHOW CREATE TABLE demo.hits on ch3 and ch4."
    result["ch4"][REPLICA]["findings"].append(
        finding("schema_drift", "warning", "ch4 demo.hits", "id UInt32", "id UInt64, as on ch3", compare)
    )
    result["ch2"][REPLICA]["replicas"] = [replica_row("ch2", 2, selects_total=400)]
    return result


def _down():
    lead = "Failed to connect to the host via ssh: ssh: connect to host"
    result = {host: dict(variables) for host, variables in inventory().items()}
    for host, variables in result.items():
        unreachable = {"unreachable": True, "msg": f"{lead} {variables['ansible_host']} port 22: No route to host"}
        variables[ENSEMBLE if host in MEMBERS else REPLICA] = unreachable
    return result


def _hostile():
    result = _orphan()
    result["ch1"][REPLICA]["findings"].append(
        finding("writable", "critical", f"ch1 {HOSTILE}", HOSTILE * 3, HOSTILE, HOSTILE)
    )
    result["ch1"][REPLICA]["replicas"][0].update(version=HOSTILE, error=HOSTILE, queue_size="many", tables=None)
    for host in result:
        shard = result[host]["topology_model"]["cluster"]["shards"][0]
        shard["name"], shard["replicas"][0]["replica"] = HOSTILE, HOSTILE
    return result


_SITUATIONS = {"leader_lost": _leader_lost, "orphan": _orphan, "down": _down, "hostile": _hostile}
