"""Restarts: only where needed, one after the other, with health checks, and pending after an interruption."""

import json
import re
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack

from lab import QueryError


def invocations(lab, group, service):
    """The systemd invocation id of a service on each host; every start changes it."""
    show = f"systemctl show --property=InvocationID --value {service}"
    return {host: lab.shell(host, show) for host in lab.hosts(group)}


def checksums(lab, group, path):
    return {host: lab.shell(host, f"sha256sum < {path}") for host in lab.hosts(group)}


def running_limit(lab, host):
    return re.search(r"maxClientCnxns=(\d+)", lab.word(host, "conf")).group(1)


LOCK = "/zoohouse/locks/restart"
FRAGMENT = "/etc/clickhouse-server/config.d/logger.xml"
ZOO_CFG = "/etc/zookeeper/zoohouse/zoo.cfg"
DROP_IN = "/etc/systemd/system/clickhouse-server.service.d/zoohouse.conf"


def site(lab, *options):
    return lab.ansible("ansible-playbook", "playbooks/site.yml", *options)


def can_log_in(lab, host):
    try:
        return lab.sql(host, "SELECT 1") == "1"
    except QueryError:
        return False


def test_a_fragment_that_the_server_reloads_restarts_nothing_and_takes_effect(lab):
    before = invocations(lab, "clickhouse", "clickhouse-server")
    done = site(lab, "-e", '{"clickhouse_admin_networks": ["10.255.255.0/24"]}')
    assert done.returncode == 0, done.stdout
    for host in before:
        lab.until(lambda host=host: not can_log_in(lab, host), 30, f"the admin cannot log in to {host}")
    assert site(lab).returncode == 0
    for host in before:
        lab.until(lambda host=host: can_log_in(lab, host), 30, f"the admin can log in to {host} again")
    assert invocations(lab, "clickhouse", "clickhouse-server") == before


def test_check_mode_shows_the_changes_and_makes_none(lab):
    before = invocations(lab, "zookeeper", "zookeeper")
    done = site(lab, "--check", "--diff", "-e", "zookeeper_max_client_cnxns=1234")
    assert done.returncode == 0, done.stdout
    assert "+maxClientCnxns=1234" in done.stdout
    assert invocations(lab, "zookeeper", "zookeeper") == before
    assert "maxClientCnxns=2000" in lab.shell("zk1", "cat /etc/zookeeper/zoohouse/zoo.cfg")


def test_a_restart_that_fails_stops_at_the_first_member_and_puts_its_files_back(lab):
    before = invocations(lab, "zookeeper", "zookeeper")
    files = checksums(lab, "zookeeper", ZOO_CFG)
    leader = lab.leader()
    # A known key with a class that does not exist: the member exits when it starts.
    broken = '{"zookeeper_extra_config": {"metricsProvider.className": "no.such.Provider"}}'
    done = site(lab, "-e", broken, "-e", "zookeeper_health_check_timeout=15")
    assert done.returncode != 0
    after = invocations(lab, "zookeeper", "zookeeper")
    stopped = [host for host in before if after[host] != before[host]]
    assert len(stopped) == 1 and leader not in stopped
    output = " ".join((done.stdout + done.stderr).split())
    assert f"- {stopped[0]}: serving: found no answer" in output
    assert f"The files before the change were put back, and the service is healthy with them: {ZOO_CFG}." in output
    # Every member runs, and none would start with the broken file.
    assert lab.mode(leader) == "leader"
    assert sorted(lab.mode(host) for host in before) == ["follower", "follower", "leader"]
    assert checksums(lab, "zookeeper", ZOO_CFG) == files
    again = site(lab)
    assert not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_a_setting_that_a_server_cannot_start_with_leaves_no_replica_down(lab):
    before = invocations(lab, "clickhouse", "clickhouse-server")
    files = checksums(lab, "clickhouse", DROP_IN)
    done = site(lab, "-e", "clickhouse_nofile=16", "-e", "clickhouse_health_check_timeout=15")
    assert done.returncode != 0
    after = invocations(lab, "clickhouse", "clickhouse-server")
    assert [host for host in before if after[host] != before[host]] == ["ch1"]
    output = " ".join((done.stdout + done.stderr).split())
    assert f"the service is healthy with them: {DROP_IN}." in output
    assert all(lab.serves(host) for host in before)
    assert checksums(lab, "clickhouse", DROP_IN) == files
    again = site(lab)
    assert not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_a_run_after_an_interrupted_one_performs_the_pending_restarts(lab):
    command = lab.command("ansible-playbook", "playbooks/site.yml", "-e", "zookeeper_max_client_cnxns=1999")
    lab.run_until(command, lambda line: "Restart the member" in line)
    assert "2000" in {running_limit(lab, host) for host in lab.hosts("zookeeper") if lab.mode(host)}
    done = site(lab, "-e", "zookeeper_max_client_cnxns=1999")
    assert done.returncode == 0, done.stdout
    assert {running_limit(lab, host) for host in lab.hosts("zookeeper")} == {"1999"}
    again = site(lab, "-e", "zookeeper_max_client_cnxns=1999")
    assert not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_replicas_are_healthy_when_the_playbook_that_restarted_the_ensemble_ends(lab):
    done = lab.ansible("ansible-playbook", "playbooks/zookeeper.yml", "-e", "zookeeper_max_client_cnxns=1998")
    assert done.returncode == 0, done.stdout
    assert len(re.findall(r"changed: \[zk\d\]", done.stdout.partition("Restart the member")[2])) >= 3
    health = lab.ansible("ansible-playbook", "playbooks/health.yml")
    assert health.returncode == 0, health.stdout


def test_replicas_are_restarted_one_after_the_other_under_any_default_strategy(lab):
    before = invocations(lab, "clickhouse", "clickhouse-server")
    options = ["playbooks/site.yml", "-e", "clickhouse_log_level=debug"]
    done = lab.ansible("ansible-playbook", *options, ANSIBLE_STRATEGY="free")
    assert done.returncode == 0, done.stdout
    restarted = re.findall(r"Restart the replica\] \*+\nchanged: \[(\w+)\]", done.stdout)
    assert restarted == lab.hosts("clickhouse")
    after = invocations(lab, "clickhouse", "clickhouse-server")
    assert all(after[host] != before[host] for host in before)
    assert site(lab).returncode == 0


def test_a_restart_waits_for_the_lock_of_another_run_and_names_its_holder(lab):
    before = invocations(lab, "clickhouse", "clickhouse-server")
    options = ["-e", "clickhouse_log_level=debug", "-e", "clickhouse_health_check_timeout=5"]
    with lab.zookeeper("zk1") as client, client.Lock(LOCK, identifier="anna on deploy1"):
        done = site(lab, *options)
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert f"clickhouse-server.service was not restarted. The lock {LOCK} is held by anna on deploy1." in output
    assert invocations(lab, "clickhouse", "clickhouse-server") == before
    # The restarts stay pending, until the next run performs or no longer needs them.
    done = site(lab)
    assert done.returncode == 0, done.stdout + done.stderr


def test_of_two_runs_at_the_same_time_one_says_that_its_settings_were_overwritten(lab):
    shard = lab.hosts("clickhouse")[:2]
    commands = [
        lab.command("ansible-playbook", "playbooks/site.yml", "-e", f"clickhouse_log_level={level}")
        for level in ("debug", "warning")
    ]
    with ThreadPoolExecutor() as pool, ExitStack() as stack:
        runs = []
        client = stack.enter_context(lab.zookeeper("zk1"))
        # Both runs have written their files before either of them restarts a replica.
        with client.Lock(LOCK, identifier="the test"):
            for command in commands:
                runs.append(stack.enter_context(lab.start(command)))
                next(line for line in runs[-1].stdout if "Configure the replica" in line)
        outputs = [pool.submit(run.stdout.read) for run in runs]
        # A client of the shard finds a replica at any time.
        unserved = 0
        while wait(outputs, timeout=0.1).not_done:
            unserved += not any(lab.serves(host) for host in shard)
        codes = [run.wait() for run in runs]
    texts = [" ".join(output.result().split()) for output in outputs]
    assert unserved == 0
    assert [code == 0 for code in codes] == [False, True], "\n".join(texts)
    assert f"{FRAGMENT}: found another content than this run wrote" in texts[0]
    assert "<level>warning</level>" in lab.shell("ch1", f"cat {FRAGMENT}")
    # What runs is what the other run wanted: nothing is pending.
    again = lab.run(commands[1])
    assert not re.search(r"changed=[1-9]", again.stdout), again.stdout
    assert site(lab).returncode == 0


# --- playbooks/restart.yml


RECORDS = "/zoohouse/restarts"
BOTH = {"zookeeper": "zookeeper", "clickhouse": "clickhouse-server"}


def restart(lab, *options):
    return lab.ansible("ansible-playbook", "playbooks/restart.yml", *options)


def all_invocations(lab):
    return {host: text for group, service in BOTH.items() for host, text in invocations(lab, group, service).items()}


def restarted_since(lab, before):
    return [host for host, invocation in all_invocations(lab).items() if invocation != before[host]]


def records(lab):
    with lab.zookeeper("zk1") as client:
        return client.get_children(RECORDS) if client.exists(RECORDS) else []


def test_a_restart_of_nothing_restarts_nothing(lab):
    before = all_invocations(lab)
    done = restart(lab)
    assert done.returncode == 0 and not re.search(r"changed=[1-9]", done.stdout), done.stdout
    preview = restart(lab, "--check")
    assert preview.returncode == 0 and not re.search(r"changed=[1-9]", preview.stdout), preview.stdout
    for wrong in ("target=nobody", "service=haproxy"):
        done = restart(lab, "-e", wrong, "-e", "force=true")
        assert done.returncode != 0 and f"found {wrong.partition('=')[2]}, expected" in " ".join(done.stdout.split())
    assert restarted_since(lab, before) == []


def test_one_replica_is_restarted_out_of_a_load_balancer(lab, tmp_path):
    """The task files see the replica as the role does, before it stops and after it is healthy."""
    hooks = {}
    for name in ("clickhouse_before_stop", "clickhouse_after_start"):
        note = f"echo {name} $(systemctl show --property=InvocationID --value clickhouse-server) >>/run/hooks"
        (tmp_path / f"{name}.yml").write_text(json.dumps([{"name": "Note", "ansible.builtin.shell": note}]))
        hooks[name] = [str(tmp_path / f"{name}.yml")]
    before = all_invocations(lab)
    done = restart(lab, "-e", "target=ch2", "-e", "force=true", "-e", json.dumps(hooks))
    assert done.returncode == 0, done.stdout
    assert restarted_since(lab, before) == ["ch2"]
    after = invocations(lab, "clickhouse", "clickhouse-server")["ch2"]
    noted = lab.shell("ch2", "cat /run/hooks && rm /run/hooks").splitlines()
    assert noted == [f"clickhouse_before_stop {before['ch2']}", f"clickhouse_after_start {after}"]
    assert records(lab) == []


def test_an_interrupted_restart_of_all_goes_on_and_restarts_each_host_once(lab):
    before = all_invocations(lab)
    command = lab.command("ansible-playbook", "playbooks/restart.yml", "-e", "force=true")
    lab.run_until(command, lambda line: line.startswith("changed: [ch1]"))
    first = {host: invocation for host, invocation in all_invocations(lab).items() if invocation != before[host]}
    assert {"zk1", "zk2", "zk3", "ch1"} <= first.keys() and "ch4" not in first
    done = restart(lab, "-e", "force=true")
    assert done.returncode == 0, done.stdout
    after = all_invocations(lab)
    assert {host: after[host] for host in ("zk1", "zk2", "zk3", "ch1")}.items() <= first.items()
    assert restarted_since(lab, before) == list(before)
    assert records(lab) == []
