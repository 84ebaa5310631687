"""An ensemble that something else installed is adopted without losing anything, or left alone."""

import re

import pytest

ADOPT = {
    "zookeeper_adopt_existing": True,
    "zookeeper_data_dir": "/var/lib/zookeeper",
    "zookeeper_data_log_dir": "/var/lib/zookeeper",
}
CONFIG = """\
tickTime=2000
initLimit=10
syncLimit=5
dataDir=/var/lib/zookeeper
clientPort=2181
server.1=box1:2888:3888
server.2=box2:2888:3888
server.3=box3:2888:3888
"""


def all_hosts(**variables):
    return {"all": {"vars": variables}}


def processes(lab):
    return {host: lab.shell(host, "pgrep java").strip() for host in lab.hosts("zookeeper")}


@pytest.fixture(scope="module", autouse=True)
def ensemble(lab, remove):
    """Debian's own ensemble with its init script, and 100 znodes."""
    remove()
    hosts = lab.hosts("zookeeper")
    for number, host in enumerate(hosts, start=1):
        lab.shell(host, "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends zookeeperd")
        lab.shell(
            host, f"printf '%s' '{CONFIG}' > /etc/zookeeper/conf/zoo.cfg && echo {number} > /etc/zookeeper/conf/myid"
        )
        # Installing started a standalone member, which the init script does not stop.
        lab.shell(host, "systemctl stop zookeeper; pkill java; rm -rf /var/lib/zookeeper/version-2")
    for host in hosts:
        lab.until(lambda host=host: not lab.on(host).process.filter(comm="java"), 30, f"java has ended on {host}")
        lab.shell(host, "systemctl start zookeeper")
    lab.until(lambda: sorted(map(lab.mode, hosts)) == ["follower", "follower", "leader"], 60, "the ensemble serves")
    with lab.zookeeper(*hosts) as client:
        for number in range(100):
            client.create(f"/theirs/{number}", b"kept", makepath=True)


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_it_is_not_replaced(lab, playbook, options):
    before = processes(lab)
    done = playbook("zookeeper", {}, *options)
    assert done.returncode != 0
    output = " ".join((done.stdout + done.stderr).split())
    for host in lab.hosts("zookeeper"):
        assert f"{host}: zookeeper_adopt_existing: found a running ZooKeeper that this role did not deploy" in output
    assert "data in /var/lib/zookeeper, expected none, while the role would use /var/lib/zookeeper/data" in output
    assert "changed: [" not in done.stdout
    assert processes(lab) == before


def test_other_directories_are_not_adopted(lab, playbook):
    before = processes(lab)
    done = playbook("zookeeper", all_hosts(zookeeper_adopt_existing=True))
    assert done.returncode != 0
    assert "the data of the member is in /var/lib/zookeeper" in " ".join((done.stdout + done.stderr).split())
    assert processes(lab) == before


def test_it_is_adopted_with_one_rolling_restart_and_nothing_is_lost(lab, playbook):
    before = processes(lab)
    done = playbook("zookeeper", all_hosts(**ADOPT))
    assert done.returncode == 0, done.stdout + done.stderr
    restarted = re.findall(r"Restart the member\] \*+\nchanged: \[(\w+)\]", done.stdout)
    assert sorted(restarted) == lab.hosts("zookeeper")
    after = processes(lab)
    assert all(len(after[host].split()) == 1 and after[host] != before[host] for host in after)
    with lab.zookeeper(*lab.hosts("zookeeper")) as client:
        assert len(client.get_children("/theirs")) == 100
    again = playbook("zookeeper", all_hosts(**ADOPT))
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout


def test_health_says_what_is_wrong_with_hosts_of_both_groups(playbook):
    done = playbook("health", all_hosts(**ADOPT))
    assert done.returncode != 0
    for host in ("box1", "box2", "box3", "box4"):
        assert re.search(rf"critical +{host} +ping ", done.stdout), done.stdout
    assert "undefined" not in done.stdout + done.stderr and "connection" not in done.stdout
