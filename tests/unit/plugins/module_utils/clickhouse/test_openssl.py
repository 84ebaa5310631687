# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Certificates and keys; a server of 18.16 serves HTTPS with them."""

import ssl
import subprocess
import urllib.request

import pytest
from clickhouse_server import NEEDS_PACKAGE, ClickHouse
from zookeeper_server import free_port

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError, Server
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.openssl import (
    openssl_files,
    validate_openssl_files,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.server_settings import (
    build_fragments,
    elements_of,
    restart_fragments,
    validate_settings,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import elements_to_xml

FILES = {"certificateFile": "/etc/own/server.pem", "privateKeyFile": "/etc/own/server.key"}
# Nothing listens there.
CLOSED_PORT = 1


def errors(openssl=None, **variables):
    named = {f"clickhouse_{name}": value for name, value in variables.items()}
    found = validate_settings("ch1", "18.16.1", {**named, "clickhouse_openssl": openssl or {}})
    return [(error.check, error.found) for error in found]


def test_the_files_that_must_be_on_the_host():
    server = {**FILES, "dhParamsFile": None, "cipherList": "ALL", "verificationMode": "none"}
    options = {"server": server, "client": {"caConfig": "/etc/ssl/certs"}, "other": {"certificateFile": "/x"}}
    assert openssl_files(options) == {
        "server: certificateFile": "/etc/own/server.pem",
        "server: privateKeyFile": "/etc/own/server.key",
        "client: caConfig": "/etc/ssl/certs",
    }
    assert openssl_files({}) == openssl_files({"server": None}) == openssl_files("text") == {}


def test_a_file_that_the_server_cannot_read():
    options = {"server": FILES, "client": FILES}
    found = validate_openssl_files("ch1", options, {"/etc/own/server.key": "does not exist"})
    assert [(error.check, error.subject, error.found) for error in found] == [
        ("clickhouse_openssl", "ch1", f"{side}: privateKeyFile: /etc/own/server.key, which does not exist")
        for side in ("server", "client")
    ]
    assert list(validate_openssl_files("ch1", {}, {})) == []


def test_nothing_is_set():
    variables = {"clickhouse_https_port": 0, "clickhouse_tcp_secure_port": "0", "clickhouse_openssl": {}}
    assert errors(https_port=0, tcp_secure_port="0") == [] and elements_of(variables) == {}
    assert "openssl" not in build_fragments(variables, "18.16.1")


def test_valid_values():
    client = {"caConfig": "/etc/ssl/certs/", "verificationMode": "none", "verificationDepth": None}
    assert errors({"server": FILES, "client": client}, https_port=8443, tcp_secure_port="9440") == []


def test_what_is_set_belongs_to_its_variable():
    variables = {"clickhouse_https_port": 8443, "clickhouse_openssl": {"server": FILES}}
    assert elements_of(variables) == {
        "https_port": "clickhouse_https_port",
        "openSSL/server/certificateFile": "clickhouse_openssl",
        "openSSL/server/privateKeyFile": "clickhouse_openssl",
        "openSSL/server/dhParamsFile": "clickhouse_openssl",
    }
    assert "openssl" in restart_fragments("26.9.1")


@pytest.mark.parametrize(
    ("openssl", "found"),
    [
        ({"servr": FILES}, "unknown key servr"),
        ({"server": "/etc/own"}, "server: a value of type str"),
        ({"server": {"certificate": "/a"}}, "server: unknown key certificate"),
        ({"server": {"certificateFile": "server.pem"}}, "server: certificateFile: server.pem"),
        ({"client": {"verificationMode": "sometimes"}}, "client: verificationMode: sometimes"),
        ({"client": {"dhParamsFile": "/a"}}, "client: unknown key dhParamsFile"),
        ({"client": {"loadDefaultCAFile": "yes"}}, "client: loadDefaultCAFile: yes"),
    ],
)
def test_values_that_are_none(openssl, found):
    assert errors(openssl) == [("clickhouse_openssl", found)]
    assert isinstance(elements_of({"clickhouse_openssl": openssl}), dict)


@pytest.mark.parametrize("server", [{}, {"certificateFile": "/a"}, {"privateKeyFile": "/a", "certificateFile": None}])
def test_a_port_needs_a_certificate_and_its_key(server):
    assert errors({"server": server}, https_port=8443, tcp_secure_port=9440) == [
        ("clickhouse_https_port", "the port 8443 without a certificate"),
        ("clickhouse_tcp_secure_port", "the port 9440 without a certificate"),
    ]
    # Another variable may have them.
    assert errors(https_port=8443, extra_config={"openSSL": {"server": FILES}}) == []


def test_the_endpoint_for_prometheus_has_another_port():
    found = errors({"server": FILES}, https_port=8443, prometheus={"port": 8443})
    assert ("clickhouse_prometheus", "port: 8443, which is clickhouse_https_port") in found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of the loopback, and its key."""
    files = [tmp_path_factory.mktemp("tls") / name for name in ("server.pem", "server.key")]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", *subject]
    subprocess.run([*request, "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


def _answers(server):
    try:
        return Server(port=server.port).execute("SELECT 1") == "1\n"
    except ClickHouseError:
        return False


@NEEDS_PACKAGE
def test_a_server_that_serves_https(tmp_path, certificate):
    """With the configuration of its package, which names a file that does not exist."""
    port = free_port()
    files = dict(zip(FILES, map(str, certificate)))
    fragment = build_fragments({"clickhouse_openssl": {"server": files}}, "18.16.1")["openssl"]
    server = ClickHouse(tmp_path, CLOSED_PORT, "/", _answers)
    server.write("openssl", f"<https_port>{port}</https_port>{elements_to_xml(fragment, 0)}")
    try:
        server.start()
        context = ssl.create_default_context(cafile=certificate[0])
        with urllib.request.urlopen(f"https://127.0.0.1:{port}/?query=SELECT+1", context=context) as answer:
            assert answer.read() == b"1\n"
    finally:
        server.stop()
