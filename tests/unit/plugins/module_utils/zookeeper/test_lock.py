# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The lock of restarts and its slots, with a real ZooKeeper."""

import threading
import time
from contextlib import ExitStack, suppress

import pytest
from kazoo.client import KazooClient
from kazoo.exceptions import LockTimeout
from zookeeper_server import Proxy, until

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper import lock as module
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.lock import (
    RESTART_LOCK,
    LockError,
    Slot,
    held_lock,
    is_recorded,
    predecessors,
    record,
)

# What runs on hosts, with their Python.
pytestmark = pytest.mark.services


@pytest.fixture
def endpoints(ensemble, client):
    """Where the ensemble is; the queue is empty when a test begins."""
    return [("127.0.0.1", ensemble.port)]


@pytest.fixture
def take(endpoints):
    """take(holder, slot=...) holds a lock until the test ends; it fails at once when it is not free."""
    with ExitStack() as stack:

        def take(holder, slot=None):
            return stack.enter_context(held_lock(endpoints, holder, 0, slot=slot))

        yield take


def slot(shard, slots=2):
    return Slot(f"main/{shard}", slots)


def test_the_whole_lock_is_held_once_and_names_its_holder(take, endpoints):
    lease = take("anna")
    assert lease.is_held()
    with pytest.raises(LockError, match=f"^The lock {RESTART_LOCK} is held by anna.$"):
        take("ben")


def test_it_is_free_again_when_its_holder_ends(take, endpoints, client):
    with held_lock(endpoints, "anna", 0):
        assert len(client.get_children(RESTART_LOCK)) == 1
    assert take("ben").is_held() and len(client.get_children(RESTART_LOCK)) == 1


def test_as_many_shards_as_there_are_slots(take):
    leases = [take("anna", slot("01")), take("ben", slot("02"))]
    assert all(lease.is_held() for lease in leases)
    with pytest.raises(LockError, match="held by anna"):
        take("carl", slot("03"))


def test_never_two_replicas_of_one_shard(take):
    """Whatever the number of slots, also from another run; shards of another cluster are others."""
    take("anna", slot("01", 9))
    with pytest.raises(LockError, match="held by anna"):
        take("ben", slot("01", 9))
    assert take("carl", Slot("other/01", 9)).is_held()


def test_the_whole_lock_and_slots_exclude_each_other(take, endpoints):
    with held_lock(endpoints, "anna", 0), pytest.raises(LockError, match="held by anna"):
        take("ben", slot("01"))
    take("carl", slot("01"))
    with pytest.raises(LockError, match="held by carl"):
        take("dora")


def test_the_run_with_fewer_slots_waits_for_the_others(take):
    take("anna", slot("01", 3))
    take("ben", slot("02", 3))
    with pytest.raises(LockError, match="held by anna"):
        take("carl", slot("03", 2))
    assert take("dora", slot("04", 3)).is_held()


def test_one_that_waits_gets_the_slot_as_soon_as_it_is_free(endpoints, client):
    got = threading.Event()

    def wait():
        with held_lock(endpoints, "carl", 20, slot=slot("03")):
            got.set()

    with ExitStack() as stack:
        stack.enter_context(held_lock(endpoints, "anna", 0, slot=slot("01")))
        with held_lock(endpoints, "ben", 0, slot=slot("02")):
            thread = threading.Thread(target=wait)
            thread.start()
            until(lambda: len(client.get_children(RESTART_LOCK)) == 3, 10, "carl waits")
            assert not got.is_set()
        # The second one ended, the first one did not.
        assert got.wait(4)
    thread.join()


def test_many_at_once_never_hold_more_than_allowed(endpoints):
    """Twelve replicas of four shards and two slots: who runs at the same time is recorded under the lock."""
    unfinished, running, seen, guard = ["a", "b", "c", "d"] * 3, [], [], threading.Lock()

    def restart(shard):
        with held_lock(endpoints, shard, 60, slot=slot(shard)):
            with guard:
                running.append(shard)
                seen.append(sorted(running))
            until(lambda: len(running) > 1 or set(unfinished) == {shard}, 60, "another one runs, or could not")
            with guard:
                running.remove(shard)
                unfinished.remove(shard)

    threads = [threading.Thread(target=restart, args=(shard,)) for shard in list(unfinished)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 12 and max(map(len, seen)) == 2
    assert all(len(set(shards)) == len(shards) for shards in seen)


def test_kazoo_and_earlier_versions_have_the_same_lock(take, client):
    """Also the lock that somebody takes by hand."""
    other = client.Lock(RESTART_LOCK, identifier="by hand")
    with other, pytest.raises(LockError, match="held by by hand"):
        take("anna")
    take("ben")
    with pytest.raises(LockTimeout):
        client.Lock(RESTART_LOCK).acquire(timeout=0.5)


def test_without_an_ensemble_there_is_no_lock():
    text = "needs a session, and no member is serving"
    with pytest.raises(LockError, match=text), held_lock([("127.0.0.1", 1)], "anna", 1):
        raise AssertionError("nobody gave the lock")


def test_a_lease_that_was_lost_is_not_held(ensemble, client, monkeypatch):
    """The holder was cut off for longer than its session: another one has the lock, and the holder learns it."""
    monkeypatch.setattr(module, "SESSION_TIMEOUT", 1.0)
    monkeypatch.setattr(module, "ANSWER_TIMEOUT", 2.0)
    proxy = Proxy(ensemble.port)
    with suppress(LockError), held_lock([("127.0.0.1", proxy.port)], "anna", 5) as lease:
        assert lease.is_held()
        proxy.cut()
        # Nobody answers: it may be lost.
        assert not lease.is_held()
        with held_lock([("127.0.0.1", ensemble.port)], "ben", 30):
            proxy.mend()
            until(lambda: lease.client.connected and client.get_children(RESTART_LOCK), 30, "anna is back")
            # With a session, and without the lock.
            assert not lease.is_held()
    proxy.close()


def test_a_short_cut_loses_nothing(ensemble, client):
    proxy = Proxy(ensemble.port)
    with held_lock([("127.0.0.1", proxy.port)], "anna", 5) as lease:
        proxy.cut()
        proxy.mend()
        assert lease.is_held()
    proxy.close()


def test_records_outlive_the_lock(take, client):
    lease = take("anna")
    assert not is_recorded(lease.client, "/zoohouse/restarts/a/ch1")
    record(lease.client, "/zoohouse/restarts/a/ch1", "anna")
    record(lease.client, "/zoohouse/restarts/a/ch1", "ben")
    assert client.get("/zoohouse/restarts/a/ch1")[0] == b"anna"


def names(*queue):
    """Names of a queue: W is the whole lock, other letters are slots of shards."""
    kinds = {letter: "__lock__" if letter == "W" else f"-{slot(letter).digest}__rlock__" for letter in queue}
    return [f"{index:032x}{kinds[letter]}{index:010}" for index, letter in enumerate(queue)]


@pytest.mark.parametrize(
    ("queue", "waits_for"),
    [
        ("W", ""),
        ("WW", "W"),
        ("aW", "a"),
        ("abW", "ab"),
        ("Wa", "W"),
        ("aWb", "W"),
        ("ab", ""),
        ("aa", "a"),
        ("abc", "ab"),
        ("aba", "a"),
        ("aab", ""),
        ("aabc", "aab"),
    ],
)
def test_whom_the_last_one_of_a_queue_waits_for(queue, waits_for):
    *earlier, own = names(*queue)
    found = predecessors(
        ["of-somebody-else", *reversed([*earlier, own])], own, None if queue[-1] == "W" else slot(queue[-1])
    )
    assert "".join(queue[int(name[-10:])] for name in found) == waits_for


def test_znodes_of_somebody_else_and_later_ones_do_not_count():
    own, *later = names("a", "W", "a")
    assert predecessors([own, *later, "__lock__", "x__lock__y", "0000000000"], own, slot("a")) == []


def test_a_session_is_closed_with_the_lock(endpoints, ensemble):
    watcher = KazooClient(hosts=ensemble.endpoint)
    watcher.start()
    before = watcher.command(b"dump").split("ephemeral nodes")[0].count("0x")
    started = time.monotonic()
    with held_lock(endpoints, "anna", 5), suppress(LockError), held_lock(endpoints, "ben", 0):
        raise AssertionError("ben has the lock, too")
    assert watcher.command(b"dump").split("ephemeral nodes")[0].count("0x") == before
    assert time.monotonic() - started < 15
    watcher.stop()
    watcher.close()
