# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of this host that a service must be able to read."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence

MISSING = "does not exist"
USER = "clickhouse"


def unreadable(paths: Sequence[str], user: str = USER) -> dict[str, str]:
    """What is wrong with each path that the user cannot read.

    Before the packages have created the user, and without the rights of root, only what does not exist is found.
    """
    found = {path: MISSING for path in paths if not os.path.exists(path)}
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        return found
    rest = [path for path in paths if path not in found]
    if rest and os.geteuid() == 0:
        groups = os.getgrouplist(user, account.pw_gid)
        for path in rest:
            # Directories above it count, and access lists; only the kernel knows all of them.
            command = ["test", "-r", path]
            as_user = subprocess.run(command, user=account.pw_uid, group=account.pw_gid, extra_groups=groups, cwd="/")
            if as_user.returncode:
                found[path] = f"cannot be read by the user {user}"
    return found
