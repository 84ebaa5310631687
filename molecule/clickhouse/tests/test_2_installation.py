"""One cluster, each replica installed with another method: none starts before it is configured, apt changes nothing."""

import re

import pytest

PACKAGES = ("clickhouse-client", "clickhouse-common-static", "clickhouse-server")
OLD, NEW = "18.16.101", "18.16.102"
STATUS = "dpkg-query --show --showformat '${Package} ${db:Status-Abbrev} ${Version}\\n' 'clickhouse-*' | grep -v ' un '"


def unchanged(done):
    return done.returncode == 0 and not re.search(r"changed=[1-9]", done.stdout)


def assert_installed(lab, version):
    """Every replica has the version, and it is that of the process that runs."""
    held = "\n".join(f"{name} hi  {version}" for name in PACKAGES)
    for host in ("deb1", "file1"):
        assert lab.shell(host, STATUS) == held
    assert lab.on("tgz1").run(STATUS).stdout.strip() == ""
    for host in lab.hosts("clickhouse"):
        assert f"version {version} " in lab.shell(host, "clickhouse-server --version")
        environment = lab.shell(host, f"tr '\\0' '\\n' < /proc/{lab.pid(host, 'clickhouse-server')}/environ")
        assert f"LD_LIBRARY_PATH=/usr/lib/clickhouse-{version}" in environment.splitlines()
        assert (
            lab.shell(host, "test ! -e /usr/sbin/policy-rc.d && test ! -e /var/cache/zoohouse-clickhouse && echo gone")
            == "gone"
        )


def processes(lab):
    return {host: lab.pid(host, "clickhouse-server") for host in lab.hosts("clickhouse")}


def test_all_methods_install_one_cluster(lab, playbook):
    done = playbook("site")
    assert done.returncode == 0, done.stdout + done.stderr
    assert_installed(lab, OLD)


def test_no_server_was_started_before_it_was_configured(lab):
    for host in lab.hosts("clickhouse"):
        starts = lab.shell(
            host, "journalctl --unit=clickhouse-server --no-pager --output=cat | grep --count '^Started '"
        )
        assert starts == "1", host


def test_the_next_run_changes_nothing(playbook):
    again = playbook("site")
    assert unchanged(again), again.stdout


def test_rows_are_replicated_between_all_methods(lab):
    lab.sql("deb1", "CREATE DATABASE demo ON CLUSTER main", distributed_ddl_task_timeout=60)
    lab.sql(
        "deb1",
        "CREATE TABLE demo.hits ON CLUSTER main (day Date, id UInt64) ENGINE = "
        "ReplicatedMergeTree('/tables/{shard}/demo/hits', '{replica}') PARTITION BY day ORDER BY id",
        distributed_ddl_task_timeout=60,
    )
    lab.sql("deb1", "INSERT INTO demo.hits SELECT today(), number FROM numbers(1000)")
    for host in lab.hosts("clickhouse"):
        lab.reads(host, "SELECT count() FROM demo.hits", "1000")


def test_an_upgrade_of_the_host_changes_no_package(lab):
    for host in lab.hosts("clickhouse"):
        lab.shell(host, "apt-get update")
        changes = lab.shell(host, "apt-get --simulate dist-upgrade").splitlines()
        assert not [line for line in changes if line.startswith("Inst clickhouse")]


def test_a_package_of_the_distribution_does_not_replace_an_archive(lab):
    done = lab.on("tgz1").run("apt-get --simulate --yes install clickhouse-server")
    assert done.rc != 0 and "no installation candidate" in done.stdout + done.stderr


def test_a_hold_that_was_removed_is_set_again(lab, playbook):
    lab.shell("deb1", "apt-mark unhold clickhouse-server")
    before = processes(lab)
    done = playbook("site")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "clickhouse-server" in lab.shell("deb1", "apt-mark showhold").splitlines()
    assert processes(lab) == before


def test_a_later_version_is_installed_with_one_rolling_restart(lab, playbook):
    before = processes(lab)
    # Until here from the control node.
    done = playbook(
        "site", hosts={"file1": {"clickhouse_files_url": "{{ __packages }}/deb/pool"}}, clickhouse_version=NEW
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(re.findall(r"Restart the replica\] \*+\nchanged: \[(\w+)\]", done.stdout)) == sorted(before)
    assert_installed(lab, NEW)
    assert all(pid != before[host] for host, pid in processes(lab).items())
    lab.sql("tgz1", "INSERT INTO demo.hits SELECT today(), number FROM numbers(1000, 10)")
    for host in lab.hosts("clickhouse"):
        lab.reads(host, "SELECT count() FROM demo.hits", "1010")
    again = playbook("site", clickhouse_version=NEW)
    assert unchanged(again), again.stdout


@pytest.mark.parametrize(
    ("version", "text"),
    [(OLD, f"{OLD}, but {NEW} is installed, expected {NEW} or later"), ("25.8.2.29", "Deploy a new cluster beside it")],
)
def test_a_version_that_the_data_does_not_survive(lab, playbook, version, text):
    before = processes(lab)
    done = playbook("site", hosts={"deb1": {"clickhouse_version": version}}, clickhouse_version=NEW)
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0 and f"deb1: clickhouse_version: found {version}" in output and text in output
    assert "changed: [" not in done.stdout
    assert processes(lab) == before
