"""A disk that writes slowly for the processes of one service of a container."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def device() -> str:
    """The numbers of the whole disk that keeps the files of all containers."""
    command = ["docker", "info", "--format", "{{.DockerRootDir}}"]
    root = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    number = os.stat(root).st_dev
    entry = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve()
    return ((entry.parent if (entry / "partition").exists() else entry) / "dev").read_text().strip()


def write_limit(pid: int) -> tuple[Path, str, str]:
    """The file that limits the writes of a process, a line for a limit, and one for none."""
    lines = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    groups = {controllers: path.lstrip("/") for _number, controllers, path in lines}
    if "blkio" in groups:
        file = CGROUPS / "blkio" / groups["blkio"] / "blkio.throttle.write_iops_device"
        return file, f"{device()} {{}}", f"{device()} 0"
    # The host of a container has the controller, the services in it need not.
    group = CGROUPS / groups[""]
    file = next(place / "io.max" for place in (group, *group.parents) if (place / "io.max").exists())
    return file, f"{device()} wiops={{}}", f"{device()} wiops=max"


@contextmanager
def slow_writes(pid: int, per_second: int) -> Iterator[None]:
    """Lets a process, by its number on this machine, write so many times in a second, and no more."""
    file, limit, none = write_limit(pid)
    file.write_text(limit.format(per_second))
    try:
        yield
    finally:
        file.write_text(none)
