"""A host that hangs is a finding, and a run ends."""

import time

import pytest

TIMEOUT = 20


@pytest.fixture(scope="module")
def hung(lab):
    """A follower whose host accepts connections and does not answer."""
    host = next(host for host in lab.hosts("zookeeper") if lab.mode(host) == "follower")
    lab.docker("pause", host)
    yield host
    lab.docker("unpause", host)
    health = ["ansible-playbook", "playbooks/health.yml"]
    lab.until(lambda: lab.ansible(*health).returncode == 0, 120, "health.yml reports healthy")


@pytest.mark.parametrize("playbook", ["health", "site"])
def test_a_run_ends_and_names_the_host(lab, hung, playbook):
    start = time.monotonic()
    done = lab.ansible("ansible-playbook", f"playbooks/{playbook}.yml", "-e", f"topology_host_timeout={TIMEOUT}")
    assert done.returncode != 0
    assert hung in done.stdout and "Timed out" in done.stdout + done.stderr
    assert "changed: [" not in done.stdout
    assert time.monotonic() - start < 4 * TIMEOUT
