# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Shared by the tests: captured text, and small servers that answer with it."""

import contextlib
import http.server
import json
import os
import socketserver
import subprocess
import sys
import threading
from pathlib import Path

from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import build_topology
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import WORDS, MemberStatus

CHECKOUT = Path(__file__).resolve().parents[2]
CAPTURED = Path(__file__).resolve().parent / "captured"


# --- Topology


# The beginning of a play that evaluates variables of the role clickhouse, on hosts that it does not read.
ROLE_VARIABLES = """\
  gather_facts: false
  vars: {__host_status: {distribution: debian-12}}
  tasks:
    - ansible.builtin.import_role: {name: zoohouse.cluster.clickhouse, tasks_from: rolling_restart}
      when: false
    - ansible.builtin.include_role: {name: zoohouse.cluster.topology, tasks_from: build}
"""


def inventory(changes=None, gone=()):
    """Inventory variables of three members and two shards of two replicas, with changes by host."""
    hosts = {f"zk{n}": {"ansible_host": f"10.0.0.1{n}", "zookeeper_id": n} for n in (1, 2, 3)}
    for n, shard in enumerate(["01", "01", "02", "02"], 1):
        hosts[f"ch{n}"] = {"ansible_host": f"10.0.0.2{n}", "clickhouse_shard": shard}
    for host, variables in (changes or {}).items():
        hosts[host] = {**hosts.get(host, {}), **variables}
    return {host: variables for host, variables in hosts.items() if host not in gone}


def model_of(hostvars, **options):
    """The topology model of hosts named zk... and ch..."""
    zookeeper = [host for host in hostvars if host.startswith("zk")]
    clickhouse = [host for host in hostvars if host.startswith("ch")]
    return build_topology(hostvars, zookeeper, clickhouse, **options)


def errors(model):
    """(variable, host, found, expected) of each validation error."""
    return [
        (error["check"], error["subject"], error["found"], error["expected"]) for error in model["validation_errors"]
    ]


# --- ZooKeeper


def words(situation, member="zk1"):
    """The captured answers of one member, by four-letter word."""
    return {word: (CAPTURED / "zookeeper" / situation / f"{member}.{word}.txt").read_text() for word in WORDS}


def status(situation, member="zk1", host=""):
    return MemberStatus(host or member, words=words(situation, member))


def healthy_ensemble():
    """Three members, zk3 leads. They were captured 180 s after their start, and run for longer here."""
    texts = {member: words("healthy", member) for member in ("zk1", "zk2", "zk3")}
    for answers in texts.values():
        assert "\nzk_uptime\t179" in answers["mntr"]
        answers["mntr"] = answers["mntr"].replace("\nzk_uptime\t179", "\nzk_uptime\t279")
    return [MemberStatus(member, words=answers) for member, answers in texts.items()]


def changed(member, word, old, new):
    """A status with one thing changed in the text of one word."""
    assert old in member.words[word]
    return MemberStatus(member.host, member.port, {**member.words, word: member.words[word].replace(old, new)})


def down(host):
    return MemberStatus(host, error="timed out")


@contextlib.contextmanager
def tcp_server(answer, tls=None):
    """(host, port) of a server on the loopback that calls answer(word, connection) for each connection.

    tls: the context of a server that speaks TLS; it closes connections whose handshake fails.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            if tls is None:
                answer(self.request.recv(4).decode(), self.request)
                return
            with contextlib.suppress(OSError), tls.wrap_socket(self.request, server_side=True) as connection:
                answer(connection.recv(4).decode(), connection)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with serve(Server(("127.0.0.1", 0), Handler)) as server:
        yield server.server_address


def closed_port():
    """A port on which nothing listens any more."""
    with tcp_server(lambda _word, _connection: None) as (_host, port):
        return port


@contextlib.contextmanager
def member_endpoints(*members):
    """The endpoints of members on the loopback that answer as captured in (situation, member)."""
    with contextlib.ExitStack() as stack:
        yield ["{}:{}".format(*stack.enter_context(tcp_server(_replay(*member)))) for member in members]


def _replay(situation, member):
    """Anything but a four-letter word, such as the start of a session, only closes the connection."""
    answers = words(situation, member)

    def answer(word, connection):
        if word in answers:
            connection.sendall(answers[word].encode())
        elif word.isalpha():
            connection.sendall(f"{word} is not executed because it is not in the whitelist.\n".encode())

    return answer


def admin_answers(situation, member="zk1"):
    """The captured answers of the AdminServer of one member, by command: status and text."""
    directory = CAPTURED / "zookeeper" / "admin_server" / situation
    answers = {path.name.split(".")[1]: (200, path.read_text()) for path in directory.glob(f"{member}.*.json")}
    for path in directory.glob(f"{member}.*.500.txt"):
        answers[path.name.split(".")[1]] = (500, path.read_text())
    return answers


@contextlib.contextmanager
def admin_server(answers, host="127.0.0.1", port=0):
    """(port, paths) of an AdminServer on the loopback with these answers; paths: what was asked."""
    paths = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            paths.append(self.path)
            command = self.path.removeprefix("/commands/")
            unknown = json.dumps({"command": command, "error": f"Unknown command: {command}"})
            status, text = answers.get(command, (200, unknown))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_args):
            pass

    with serve(http.server.ThreadingHTTPServer((host, port), Handler)) as server:
        yield server.server_address[1], paths


# --- ClickHouse


def rows(situation, name="replicas"):
    """The rows of a captured answer."""
    return json.loads((CAPTURED / "clickhouse" / situation / f"{name}.200.txt").read_text())["data"]


def error_answer(situation, name):
    """(status, text) of a captured answer that is an error."""
    (path,) = (CAPTURED / "clickhouse" / situation).glob(f"{name}.[45]*.txt")
    return int(path.name.split(".")[-2]), path.read_text()


@contextlib.contextmanager
def http_server(answer):
    """(port, requests) of a server on the loopback: answer(query) returns the body, or a pair of status and body.

    A body is text or bytes. requests: what was asked, each as (path, headers, body).
    """
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            requests.append((self.path, self.headers, body))
            result = "Ok.\n" if self.path == "/ping" else answer(body)
            status, text = result if isinstance(result, tuple) else (200, result)
            body = text if isinstance(text, bytes) else text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_args):
            pass

    with serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield server.server_address[1], requests


def replaying(situation):
    """An answer for http_server: what a server said in a captured situation."""
    result = {}
    for path in (CAPTURED / "clickhouse" / situation).glob("*.txt"):
        name, status, _suffix = path.name.split(".")
        result[name] = (int(status), path.read_text())

    def answer(query):
        if "version()" in query:
            return result["version"]
        for name in ("replicas", "macros", "tables"):
            if f"system.{name}" in query:
                # Situations that were captured before the query existed have no such rows.
                return result.get(name, '{"data": []}')
        return result["session"]

    return answer


@contextlib.contextmanager
def serve(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- Modules and commands


class Ended(Exception):
    """A module ended; `result` is what it returned."""

    def __init__(self, result):
        super().__init__(result)
        self.result = result


def run_module(monkeypatch, main, args, check=False, tmp=None):
    """What a module's main() returns for these arguments, run in this process. tmp: its temporary directory."""

    def exit_json(_self, **result):
        raise Ended(result)

    def fail_json(_self, **result):
        raise Ended({**result, "failed": True})

    monkeypatch.setattr(basic.AnsibleModule, "exit_json", exit_json)
    monkeypatch.setattr(basic.AnsibleModule, "fail_json", fail_json)
    mask = os.umask(0o022)
    os.umask(mask)
    try:
        own = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_tmpdir": str(tmp) if tmp else None}
        with patch_module_args({**args, **own}):
            main()
    except Ended as ended:
        return ended.result
    finally:
        os.umask(mask)
    raise AssertionError("the module returned nothing")


def systemctl(monkeypatch, directory):
    """Puts a systemctl on the PATH. Returns the paths of the log of its calls and of what `show` prints."""
    script, log, state = directory / "systemctl", directory / "systemctl.log", directory / "systemctl.state"
    log.touch()
    state.touch()
    script.write_text(f'#!/bin/sh\necho "$*" >> {log}\n[ "$1" != show ] || cat {state}\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")
    return log, state


def run_ansible(tmp_path, command, *args, check=True):
    """One of Ansible's commands of this interpreter's environment, in the checkout, with settings of its own."""
    config = tmp_path / "ansible.cfg"
    config.touch()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".ansible" / "collections"),
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(tmp_path / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
        "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
        "ANSIBLE_NOCOLOR": "1",
        # Not the newest that the PATH has, which a version manager may refuse to start.
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        [str(Path(sys.executable).parent / command), *args],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done
