"""The ensemble as its clients see it."""

import uuid


def metrics(lab, host):
    return dict(line.split("\t", 1) for line in lab.word(host, "mntr").splitlines() if "\t" in line)


def test_services_were_started_once_and_only_when_they_were_configured(lab):
    for service, group in (("zookeeper", "zookeeper"), ("clickhouse-server", "clickhouse")):
        for host in lab.hosts(group):
            starts = lab.shell(host, f"journalctl --no-pager --output=cat --unit={service} --grep=^Started")
            assert len(starts.splitlines()) == 1, f"{host}: {starts}"


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


def test_only_the_four_letter_words_of_the_health_checks_and_of_the_inventory_are_allowed(lab):
    for host in lab.hosts("zookeeper"):
        assert lab.word(host, "ruok") == "imok"
        # zookeeper_extra_words of the lab.
        assert "SessionTracker dump" in lab.word(host, "dump")
        assert "not executed because it is not in the whitelist" in lab.word(host, "envi")


def test_members_are_services_that_start_with_the_host(lab):
    for host in lab.hosts("zookeeper"):
        service = lab.on(host).service("zookeeper")
        assert service.is_running and service.is_enabled
