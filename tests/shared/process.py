# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A server that tests start as a process of their own."""

import subprocess


class ServerProcess:
    """What it writes goes to the file output of its directory."""

    def __init__(self, directory):
        self.directory, self.process = directory, None

    def launch(self, command, **options):
        """Starts the process, and does not wait."""
        with open(self.directory / "output", "ab") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=self.directory, **options
            )

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
