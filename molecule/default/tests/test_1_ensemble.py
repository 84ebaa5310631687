"""The ensemble as its clients see it."""

import uuid

from kazoo.protocol.states import KazooState


def metrics(lab, host):
    return dict(line.split("\t", 1) for line in lab.word(host, "mntr").splitlines() if "\t" in line)


def test_one_leader_and_two_synced_followers(lab):
    modes = {host: lab.mode(host) for host in lab.hosts("zookeeper")}
    assert sorted(modes.values()) == ["follower", "follower", "leader"]
    leader = next(host for host, mode in modes.items() if mode == "leader")
    assert metrics(lab, leader)["zk_synced_followers"] == "2"


def test_a_znode_written_through_one_member_is_read_through_each_other(lab):
    members = lab.hosts("zookeeper")
    for writer in members:
        path, value = f"/test-{uuid.uuid4()}", f"written through {writer}".encode()
        with lab.zookeeper(writer) as client:
            client.create(path, value)
            for reader in members:
                with lab.zookeeper(reader) as other:
                    other.sync(path)
                    assert other.get(path)[0] == value
            client.delete(path)


def test_the_gates_words_are_open_and_no_others(lab):
    for host in lab.hosts("zookeeper"):
        assert lab.word(host, "ruok") == "imok"
        assert "not executed because it is not in the whitelist" in lab.word(host, "dump")


def test_members_run_as_services_that_come_back(lab):
    for host in lab.hosts("zookeeper"):
        service = lab.on(host).service("zookeeper")
        assert service.is_running and service.is_enabled
        lab.shell(host, f"kill -9 {lab.pid(host, 'zookeeper')}")
        lab.until(lambda host=host: lab.mode(host) in ("leader", "follower"), 60, f"{host} serves again")
    lab.until(lambda: metrics(lab, lab.leader()).get("zk_synced_followers") == "2", 60, "all followers in step")


def test_a_client_of_all_members_keeps_its_session(lab):
    with lab.zookeeper(*lab.hosts("zookeeper")) as client:
        assert client.state == KazooState.CONNECTED
