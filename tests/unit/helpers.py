# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What several test files need: captured text, and small servers that answer from it."""

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

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.reading import WORDS, Reading

CHECKOUT = Path(__file__).resolve().parents[2]
CAPTURED = Path(__file__).resolve().parent / "captured"


# --- ZooKeeper


def words(situation, member="zk1"):
    """The captured answers of one member, by four-letter word."""
    return {word: (CAPTURED / "zookeeper" / situation / f"{member}.{word}.txt").read_text() for word in WORDS}


def reading(situation, member="zk1", host=""):
    return Reading(host or member, words=words(situation, member))


def whole():
    """Three members, zk3 leads."""
    return [reading("whole", member) for member in ("zk1", "zk2", "zk3")]


def changed(one, word, old, new):
    """A reading with one thing changed in the text of one word."""
    assert old in one.words[word]
    return Reading(one.host, one.port, {**one.words, word: one.words[word].replace(old, new)})


def away(host):
    return Reading(host, error="timed out")


@contextlib.contextmanager
def tcp_server(answer):
    """(host, port) of a server on the loopback that calls answer(word, connection) for each connection."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            answer(self.request.recv(4).decode(), self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with _served(Server(("127.0.0.1", 0), Handler)) as server:
        yield server.server_address


# --- ClickHouse


def rows(situation, name="replicas"):
    """The rows of a captured answer."""
    return json.loads((CAPTURED / "clickhouse" / situation / f"{name}.200.txt").read_text())["data"]


def refusal(situation, name):
    """(status, text) of a captured answer that is an error."""
    (path,) = (CAPTURED / "clickhouse" / situation).glob(f"{name}.[45]*.txt")
    return int(path.name.split(".")[-2]), path.read_text()


@contextlib.contextmanager
def http_server(answer):
    """(port, requests) of a server on the loopback: answer(query) returns the body, or a pair of status and body.

    requests: what was asked, each as (path, headers, body).
    """
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            requests.append((self.path, self.headers, body))
            told = "Ok.\n" if self.path == "/ping" else answer(body)
            status, text = told if isinstance(told, tuple) else (200, told)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST

        def log_message(self, *_args):
            pass

    with _served(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield server.server_address[1], requests


def replaying(situation):
    """An answer for http_server: what a server said in a captured situation."""
    told = {}
    for path in (CAPTURED / "clickhouse" / situation).glob("*.txt"):
        name, status, _suffix = path.name.split(".")
        told[name] = (int(status), path.read_text())

    def answer(query):
        if "version()" in query:
            return told["version"]
        return told["replicas"] if "system.replicas" in query else told["session"]

    return answer


@contextlib.contextmanager
def _served(server):
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
