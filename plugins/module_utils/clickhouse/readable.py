# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of this host that a service must be able to read."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Sequence

MISSING = "does not exist"
USER = "clickhouse"


def unreadable(run: Callable[[list[str]], Sequence], paths: Sequence[str], user: str = USER) -> dict[str, str]:
    """What is wrong with each path that the user cannot read.

    Before the packages have created the user, and without the rights of root, only what does not exist is found.
    run: run_command of the module; it returns the exit code first.
    """
    found = {path: MISSING for path in paths if not os.path.exists(path)}
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        return found
    rest = [path for path in paths if path not in found] if os.geteuid() == 0 else []
    as_user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--init-groups"]
    for path in rest:
        # Directories above it count, and access lists; only the kernel knows all of them.
        if run([*as_user, "test", "-r", path])[0]:
            found[path] = f"cannot be read by the user {user}"
    return found
