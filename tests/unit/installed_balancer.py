# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""A real HAProxy with the configuration of the role, and the updater installed like the role does it."""

import contextlib
import http.client
import json
import re
import shutil
import signal
import subprocess
import sys

from helpers import CHECKOUT, inventory, model_of
from zookeeper_server import free_ports, until

from ansible_collections.zoohouse.cluster.plugins.module_utils.balancer.runtime import STATISTICS, Runtime, parse_rows
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.haproxy_cfg import haproxy_cfg
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.plan import plan_of
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.balancer.updater import updater_settings

MODULE_UTILS = CHECKOUT / "plugins" / "module_utils"
SCRIPT = CHECKOUT / "roles" / "balancer" / "templates" / "sbin" / "zoohouse-balancer.j2"
LIBRARY = "/usr/local/lib/zoohouse"
VARIABLES = {
    "listen_address": "127.0.0.1",
    "http_port": 8123,
    "native_port": 9000,
    "http_shard_port": 8200,
    "native_shard_port": 9200,
    "http_write_port": 8300,
    "native_write_port": 9300,
    "write_policy": "any",
    "algorithm": "leastconn",
    "maxconn": 10000,
    "replica_maxconn": 1000,
    "timeout": 3600,
    "queue_timeout": 10,
    "connect_timeout": 2,
    "hold": 60,
    "stats_port": 8404,
    "metrics_address": "127.0.0.1",
    "metrics_port": 8405,
    "peer_port": 8406,
    "extra_config": "",
    "socket": "/run/haproxy/admin.sock",
    "state_file": "/run/zoohouse-balancer/servers",
}
AGENTS = {f"ch{n}": {"discovery_enabled": True} for n in (1, 2, 3, 4)}


class Balancer:
    """replicas: {host: (shard, port of its server, port of its agent)}. The server answers in both protocols."""

    def __init__(self, directory, zookeeper, replicas, **changes):
        self.directory, self.process, self.updater = directory, None, None
        self.names = {str(port): host for host, (_shard, port, _check) in replicas.items()}
        first = free_ports(16)
        ports = ("http_port", "native_port", "http_shard_port", "native_shard_port", "http_write_port")
        ports += ("native_write_port", "stats_port", "metrics_port", "peer_port")
        # Two shards have the ports above that of their kind.
        offsets = dict(zip(ports, (0, 1, 1, 3, 6, 8, 12, 13, 14)))
        self.variables = {
            **VARIABLES,
            **{name: first + offset for name, offset in offsets.items()},
            "socket": str(directory / "socket"),
            "state_file": str(directory / "servers"),
            # As many as a user may have.
            "maxconn": 200,
            **changes,
        }
        hosts = {
            host: {
                "ansible_host": "127.0.0.1",
                "clickhouse_shard": shard,
                "clickhouse_http_port": port,
                "clickhouse_tcp_port": port,
            }
            for host, (shard, port, _check) in replicas.items()
        }
        self.agents = {host: {"discovery_check_port": check} for host, (_shard, _port, check) in replicas.items()}
        self.model = model_of({**inventory(gone=("ch1", "ch2", "ch3", "ch4")), **hosts})
        self.plan = plan_of(self.model, self.variables, self.agents)
        text = haproxy_cfg(self.plan, "lb1", self.variables, {"lb1": "127.0.0.1"})
        # Only root may change these.
        text = re.sub(r"^ +(chroot|user|group) .*\n", "", text, flags=re.MULTILINE)
        text = text.replace(" user haproxy group haproxy", "")
        (directory / "haproxy.cfg").write_text(text)
        self._install(zookeeper)

    def _install(self, zookeeper):
        library = self.directory / "library" / "zoohouse_balancer"
        for package, names in (("balancer", ["*.py"]), ("discovery", ["__init__.py", "entry.py", "states.py"])):
            (library / package).mkdir(parents=True)
            for name in names:
                for path in (MODULE_UTILS / package).glob(name):
                    shutil.copy(path, library / package)
        script = SCRIPT.read_text()
        assert LIBRARY in script
        (self.directory / "zoohouse-balancer").write_text(script.replace(LIBRARY, str(library.parent)))
        settings = updater_settings(self.plan, self.model, self.variables)
        settings |= {"zookeeper": [zookeeper], "interval": 0.1, "session_timeout": 1.0}
        settings |= {"runtime_dir": str(self.directory), "haproxy_cfg": str(self.directory / "haproxy.cfg")}
        (self.directory / "settings.json").write_text(json.dumps(settings))

    # --- HAProxy

    def start(self):
        with open(self.directory / "haproxy.log", "ab") as log:
            command = ["haproxy", "-W", "-f", str(self.directory / "haproxy.cfg")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self.rows, 10, "HAProxy answers")

    def reload(self):
        """As systemd does it; the new process answers on the same socket."""
        before = self._pid()
        self.process.send_signal(signal.SIGUSR2)
        until(lambda: self.rows() and self._pid() != before, 10, "HAProxy has been reloaded")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def rows(self):
        """The servers, by backend and name; empty while HAProxy does not answer."""
        assert self.process.poll() is None, (self.directory / "haproxy.log").read_text()
        with contextlib.suppress(OSError):
            return parse_rows(self.runtime.state(), self.runtime.ask(STATISTICS))
        return {}

    @property
    def runtime(self):
        return Runtime(self.variables["socket"])

    def _pid(self):
        with contextlib.suppress(OSError):
            return re.search(r"^Pid: (\d+)", self.runtime.ask("show info"), re.MULTILINE)[1]
        return None

    # --- The updater

    def command(self, *arguments):
        script, config = (str(self.directory / name) for name in ("zoohouse-balancer", "settings.json"))
        return [sys.executable, "-I", script, "--config", config, *arguments]

    def start_updater(self):
        with open(self.directory / "updater.log", "ab") as log:
            self.updater = subprocess.Popen(self.command("run"), stderr=log, stdout=log)
        until(lambda: self.status().get("connected") is not None, 20, "the updater runs")

    def stop_updater(self):
        if self.updater:
            self.updater.terminate()
            assert self.updater.wait(20) == 0
            self.updater = None

    def kill_updater(self):
        if self.updater:
            self.updater.kill()
            self.updater.wait()

    def status(self):
        assert self.updater.poll() is None, self.log
        path = self.directory / "status.json"
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def log(self):
        return (self.directory / "updater.log").read_text()

    # --- Clients

    def model_port(self, host):
        return next(port for port, name in self.names.items() if name == host)

    def port(self, name):
        return next(front.port for front in self.plan.frontends if front.name == f"to_{name}")

    def who(self, name="any_http", path="/"):
        """The replica that answers a query; the status when none does, or nothing."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port(name), timeout=10)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            port = answer.getheader("X-Port")
            return self.names.get(port, port) or answer.status
        return None

    def answering(self, name="any_http", path="/", number=8):
        """Who answers some queries, one after the other."""
        return {self.who(name, path) for _ in range(number)}
