"""A first deployment that is killed in any step is completed by the next run."""

import re

import pytest

# The first one needs hosts without the packages, so it is the first.
STEPS = [
    "Install ZooKeeper",
    "Configure the member",
    "Allow an empty start in a new ensemble only",
    "Start all members together",
    "changed: [box",
    "Wait until the ensemble is healthy",
    "Mark the tree of a new ensemble",
    "Record that this ensemble has run",
]
START = "Start all members together"


def reaches(step):
    """A condition for lines: the header of a task, or the first result of the task that starts the members."""
    started = False

    def condition(line):
        nonlocal started
        started = started or START in line
        return step in line and (started or not step.startswith("changed"))

    return condition


@pytest.mark.parametrize("step", STEPS)
def test_the_next_run_completes_a_killed_first_deployment(lab, command, playbook, remove, step):
    remove()
    lab.run_until(command("zookeeper", {}), reaches(step))
    done = playbook("zookeeper", {})
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(lab.mode(host) for host in lab.hosts("zookeeper")) == ["follower", "follower", "leader"]
    again = playbook("zookeeper", {})
    assert again.returncode == 0 and not re.search(r"changed=[1-9]", again.stdout), again.stdout + again.stderr


def test_an_ensemble_that_no_client_has_written_to_is_not_empty(lab, playbook):
    with lab.zookeeper(*lab.hosts("zookeeper")) as client:
        assert client.get("/zoohouse")[0] == b"ensemble"
    for host in lab.hosts("zookeeper"):
        lab.shell(host, "systemctl stop zookeeper")
    done = playbook("zookeeper", {})
    assert done.returncode == 0, done.stdout + done.stderr
