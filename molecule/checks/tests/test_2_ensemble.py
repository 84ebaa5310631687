"""Faults of the ensemble."""

import json
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from disk import slow_writes
from problems import down

from lab import descendants

pytestmark = pytest.mark.usefixtures("healthy_again")
ZOO_CFG = "/etc/zookeeper/zoohouse/zoo.cfg"
# Seconds that health.yml waits for a service: more than the time of a run differs on a busy machine.
TIMEOUT = 20
DATA = "/var/lib/zookeeper/data"
LOG = "/var/lib/zookeeper/log"


def one_down(host):
    """The problems of an ensemble of three one of which does not serve."""
    return [
        ("critical", host, "serving"),
        ("critical", host, "unit"),
        ("critical", "ensemble", "synced_followers"),
        ("warning", "ensemble", "safe_to_stop"),
    ]


def serving(lab, *hosts):
    for host in hosts or lab.hosts("zookeeper"):
        lab.until(lambda host=host: lab.mode(host), 60, f"{host} serves")


def followers(lab):
    return [host for host in lab.hosts("zookeeper") if lab.mode(host) == "follower"]


def test_healthy_members_are_checked_within_a_second(lab):
    """With the canary. The time is that of the module on its host, the best of five: the machine does other work."""
    arguments = {
        "hosts": lab.hosts("zookeeper"),
        "member": "zk1",
        "config_dir": str(Path(ZOO_CFG).parent),
        "canary": True,
        "report_only": True,
    }
    module = "zoohouse.cluster.zookeeper_health"
    seconds = []
    for _run in range(5):
        done = lab.ansible("ansible", "zk1", "--one-line", "--module-name", module, "--args", json.dumps(arguments))
        assert done.returncode == 0, done.stdout + done.stderr
        result = json.loads(done.stdout.partition("=> ")[2])
        assert {"quorum", "canary"} <= {item["check"] for item in result["findings"]}
        assert "disk_used" in {item["check"] for item in result["local_findings"]}
        seconds.append(result["clock"][1] - result["clock"][0])
    assert min(seconds) < 1, seconds


def test_a_leader_that_was_killed(lab, report, wait_in_sync):
    leader = lab.leader()
    lab.shell(leader, "systemctl kill --signal=KILL zookeeper; systemctl stop zookeeper")
    lab.until(lambda: any(lab.mode(host) == "leader" for host in lab.hosts("zookeeper")), 30, "another leader")
    wait_in_sync()
    done = report()
    lab.shell(leader, "systemctl start zookeeper")
    serving(lab)
    assert done.returncode != 0
    done.assert_only(*one_down(leader))
    assert "zookeeper.service is inactive" in done.output or "zookeeper.service is failed" in done.output, done.output
    assert done.data["ensemble"]["leader"] not in (None, leader)


def timed(report):
    """A report, and the seconds that it took."""
    start = time.monotonic()
    done = report("-e", f"topology_service_timeout={TIMEOUT}")
    return done, time.monotonic() - start


def test_a_frozen_member_and_a_frozen_replica_cost_one_timeout_together(lab, report):
    frozen = {followers(lab)[0]: "zookeeper", "ch3": "clickhouse-server"}
    _healthy, usual = timed(report)
    for host, service in frozen.items():
        lab.shell(host, f"kill -STOP {lab.pid(host, service)}")
    done, seconds = timed(report)
    for host, service in frozen.items():
        lab.shell(host, f"kill -CONT {lab.pid(host, service)}")
    serving(lab)
    lab.until(lambda: lab.serves("ch3"), 60, "ch3 answers")
    for host, check in zip(frozen, ("unit", "ping")):
        assert "stopped by a signal" in done.finding(host, check)["found"]
    # The leader and ZooKeeper notice it within their own timeouts; so do replicas with a session through that member.
    lost = {("critical", host, "session") for host in lab.hosts("clickhouse")} | {
        ("critical", f"{host} demo.hits", check)
        for host in lab.hosts("clickhouse")
        for check in ("writable", "active_replicas")
    }
    assert set(done.problems()) <= {*one_down(next(iter(frozen))), *down("ch3", "ch4")} | lost, done.output
    assert TIMEOUT <= seconds < usual + 1.5 * TIMEOUT


def test_a_quorum_that_is_lost(lab, report):
    stopped = followers(lab)
    for host in stopped:
        lab.shell(host, "systemctl stop zookeeper")
    done = report()
    for host in stopped:
        lab.shell(host, "systemctl start zookeeper")
    serving(lab)
    # The leader does not serve without the others either, and no replica has a session.
    done.assert_only(
        *(("critical", "ensemble", check) for check in ("quorum", "one_leader")),
        *(("critical", host, check) for host in lab.hosts("zookeeper") for check in ("serving", "unit")),
        *(("critical", host, "session") for host in lab.hosts("clickhouse")),
        *(("critical", f"{host} demo.hits", "writable") for host in lab.hosts("clickhouse")),
        ("critical", "/clickhouse/main", "zookeeper"),
    )
    lab.until(lambda: report().returncode == 0, 90, "the replicas have their sessions again")


def test_a_member_that_runs_alone(lab, report):
    """Its server lines are lost, so it is an ensemble of its own, with all the data."""
    alone = followers(lab)[0]
    edit = f"sed -i '/^server/d; /^standaloneEnabled/d' {ZOO_CFG}"
    lab.shell(alone, f"cp {ZOO_CFG} /run/zoo.cfg && {edit} && systemctl restart zookeeper")
    lab.until(lambda: lab.mode(alone) == "standalone", 30, f"{alone} runs alone")
    done = report()
    # Alone it has closed sessions of replicas: its tree has diverged, and an election would not notice.
    aside = f"rm -r {DATA}/version-2 {LOG}/version-2"
    lab.shell(alone, f"systemctl stop zookeeper && {aside} && cp /run/zoo.cfg {ZOO_CFG} && systemctl start zookeeper")
    serving(lab)
    # What is written through the others is not found there.
    critical = [(alone, "serving"), *(("ensemble", check) for check in ("one_leader", "synced_followers", "canary"))]
    warnings = [("warning", "ensemble", check) for check in ("safe_to_stop", "config_skew")]
    done.assert_only(*(("critical", *item) for item in critical), *warnings)
    assert done.returncode != 0


def test_a_member_with_the_id_of_another_one(lab, report, wait_in_sync):
    """It has no address of that member, so it cannot listen for the others and ends, again and again."""
    host = followers(lab)[0]
    own = lab.shell(host, f"cat {DATA}/myid").strip()
    other = "2" if own == "1" else "1"
    lab.shell(host, f"systemctl stop zookeeper && echo {other} > {DATA}/myid && systemctl start zookeeper")
    failed = "journalctl --unit=zookeeper --since=-20s | grep 'Cannot assign requested address'"
    lab.until(lambda: lab.on(host).run(failed).rc == 0, 30, f"{host} has failed")
    wait_in_sync()
    done = report()
    lab.shell(host, f"systemctl stop zookeeper && echo {own} > {DATA}/myid && systemctl start zookeeper")
    serving(lab)
    found = done.finding(host, "server_id")
    assert (found["severity"], found["found"]) == ("critical", f"id {other} in myid"), done.output
    assert "does not have an address that it should listen on" in done.finding(host, "unit")["found"], done.output
    done.assert_only(*one_down(host), ("critical", host, "server_id"))


def test_a_member_that_is_cut_off_from_the_others(lab, report, wait_in_sync):
    """Clients still reach it, and it serves none of them."""
    cut, *others = [*followers(lab), lab.leader()]
    process = lab.main_process(cut)
    for other in others:
        lab.network(process, "add", lab.address(other))
    lab.until(lambda: not lab.mode(cut), 60, f"{cut} does not serve")
    wait_in_sync()
    done = report()
    for other in others:
        lab.network(process, "del", lab.address(other))
    serving(lab)
    done.assert_only(*one_down(cut))
    assert done.data["ensemble"]["leader"] in others


def test_a_setting_of_one_member_that_was_changed_by_hand(lab, report, wait_in_sync):
    host = followers(lab)[0]
    lab.shell(host, f"cp {ZOO_CFG} /run/zoo.cfg && sed -i 's/^syncLimit=.*/syncLimit=9/' {ZOO_CFG}")
    lab.shell(host, "systemctl restart zookeeper")
    serving(lab)
    wait_in_sync()
    done = report()
    lab.shell(host, f"cp /run/zoo.cfg {ZOO_CFG} && systemctl restart zookeeper")
    serving(lab)
    done.assert_only(("warning", "ensemble", "config_skew"))
    found = done.finding("ensemble", "config_skew")["found"]
    assert found.startswith("syncLimit: ") and f"9 on {host}" in found, found


def test_a_full_disk(lab, report, wait_in_sync):
    host = followers(lab)[0]
    lab.shell(
        host,
        f"systemctl stop zookeeper && cp -a {DATA} /run/kept && mount -t tmpfs -o size=1m tmpfs {DATA} "
        f"&& cp -a /run/kept/myid {DATA}/ && chown --reference=/run/kept {DATA} "
        f"&& (head -c 2m /dev/zero > {DATA}/fill || true) && systemctl start zookeeper",
    )
    lab.until(lambda: not lab.mode(host), 30, f"{host} does not serve")
    wait_in_sync()
    done = report()
    lab.shell(host, f"systemctl stop zookeeper && umount {DATA} && rm -r /run/kept && systemctl start zookeeper")
    serving(lab)
    assert f"the disk of {DATA} is full" in done.output, done.output
    disk = [("critical", host, "disk_full"), *(("warning", host, name) for name in ("disk_used", "disk_reserve"))]
    done.assert_only(*one_down(host), *disk)


@contextmanager
def writes(lab, host):
    """Writes all the time, each after the last one."""
    ended = threading.Event()

    def write(client):
        while not ended.is_set():
            client.set("/written", b"")

    with lab.zookeeper(host) as client:
        client.create("/written", ephemeral=True)
        thread = threading.Thread(target=write, args=[client])
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def process(lab, host):
    """The number of the member's process on this machine."""
    (found,) = [
        pid
        for pid in descendants(lab.main_process(host))
        if b"QuorumPeerMain" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    return found


def test_a_slow_disk(lab, report, wait_in_sync):
    """A follower syncs each write before it acknowledges it; the leader goes on with the other one."""
    host = followers(lab)[0]
    # Everything here has one disk, so the other members may be slower than on hosts of their own; this one only waits.
    usual = yaml.safe_load((lab.checkout / "inventories/lab/group_vars/zookeeper.yml").read_text())
    limits = {"zookeeper_health_limits": {**usual["zookeeper_health_limits"], "fsync_time": 500}}
    with slow_writes(process(lab, host), per_second=10), writes(lab, lab.leader()):
        done = report("--tags", "ensemble", "-e", "zookeeper_health_window=5", "-e", json.dumps(limits))
    serving(lab)
    wait_in_sync()
    done.assert_only(("warning", host, "fsync_time"))


NEXT = "/opt/next"
DROP_IN = "/run/systemd/system/zookeeper.service.d"


def test_a_member_of_another_version(lab, report, wait_in_sync):
    """One member runs the ZooKeeper of the next release of the distribution, as in the middle of an upgrade."""
    host = followers(lab)[0]
    options = f"-o Dir::Etc::sourcelist={NEXT}/list -o Dir::Etc::sourceparts=- -o Dir::State::lists={NEXT}/lists"
    # In this order: the first one found counts, and zookeeper.jar names the other one where the packages have it.
    jars = f"{NEXT}/usr/share/java/zookeeper-jute.jar:{NEXT}/usr/share/java/zookeeper.jar"
    lab.shell(
        host,
        f"mkdir -p {NEXT}/lists/partial {DROP_IN} && cd {NEXT} "
        "&& sed -n '1s/bookworm/trixie/p' /etc/apt/sources.list > list "
        f"&& apt-get {options} update && apt-get {options} download libzookeeper-java && dpkg-deb -x *.deb . "
        f"&& start=$(systemctl cat zookeeper | sed -n '/^ExecStart=/,/[^\\\\]$/p' | sed 's#-cp #-cp {jars}:#') "
        f'&& printf "[Service]\\nExecStart=\\n%s\\n" "$start" > {DROP_IN}/next.conf '
        "&& systemctl daemon-reload && systemctl restart zookeeper",
    )
    serving(lab)
    wait_in_sync()
    done = report()
    lab.shell(host, f"rm -r {NEXT} {DROP_IN} && systemctl daemon-reload && systemctl restart zookeeper")
    serving(lab)
    done.assert_only(("warning", "ensemble", "version_skew"))
    found = done.finding("ensemble", "version_skew")["found"]
    assert f"on {host}" in found and "3.8.0" in found, found
