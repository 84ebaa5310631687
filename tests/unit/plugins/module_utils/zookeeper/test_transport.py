# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Four-letter words over TLS, on the loopback and with certificates of an authority of the test."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from helpers import tcp_server, words

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.status import read_ensemble, read_member
from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.transport import (
    PLAIN,
    Transport,
    transport_of,
    transport_options,
)

START, END = datetime.datetime(2000, 1, 1), datetime.datetime(2100, 1, 1)
PEM = serialization.Encoding.PEM


def options(**changes):
    defaults = {name: option.get("default") for name, option in transport_options().items()}
    changes = {name: str(value) if "file" in name else value for name, value in changes.items()}
    return {**defaults, "previous_port": 0, **changes}


def certificate(subject, key, issuer, issuer_key, alternative=None):
    """Without key identifiers, as the command openssl x509 makes them: Python 3.13 is strict about that."""
    builder = x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=START,
        not_valid_after=END,
    )
    extension = alternative or x509.BasicConstraints(ca=True, path_length=None)
    return builder.add_extension(extension, critical=alternative is None).sign(issuer_key, hashes.SHA256())


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def private(key, password=None):
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, encryption)


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """ca.crt; member, other and client, each as .crt and .key. The name of `other` is not that of the loopback."""
    directory = tmp_path_factory.mktemp("pki")
    authority, key = name("authority"), ec.generate_private_key(ec.SECP256R1())
    (directory / "ca.crt").write_bytes(certificate(authority, key, authority, key).public_bytes(PEM))
    stranger = ec.generate_private_key(ec.SECP256R1())
    (directory / "stranger.crt").write_bytes(certificate(authority, stranger, authority, stranger).public_bytes(PEM))
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    for subject, address in (("member", loopback), ("other", x509.DNSName("zk9")), ("client", x509.DNSName("client"))):
        own = ec.generate_private_key(ec.SECP256R1())
        signed = certificate(name(subject), own, authority, key, x509.SubjectAlternativeName([address]))
        (directory / f"{subject}.crt").write_bytes(signed.public_bytes(PEM))
        (directory / f"{subject}.key").write_bytes(private(own))
        (directory / f"{subject}.pem").write_bytes(private(own) + signed.public_bytes(PEM))
        (directory / f"{subject}.locked").write_bytes(private(own, b"secret"))
    return directory


@contextlib.contextmanager
def member(pki, subject="member", client_auth=False):
    """The endpoint of a member with TLS that answers as captured."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / f"{subject}.crt", pki / f"{subject}.key")
    if client_auth:
        context.load_verify_locations(pki / "ca.crt")
        context.verify_mode = ssl.CERT_REQUIRED
    texts = words("healthy", "zk3")
    with tcp_server(lambda word, connection: connection.sendall(texts[word].encode()), context) as endpoint:
        yield endpoint


def read(endpoint, **changes):
    return read_member(*endpoint, 5, transport=transport_of(options(tls=True, **changes)))


def test_a_member_that_answers_over_tls(pki):
    with member(pki) as endpoint:
        status = read(endpoint, tls_ca_file=pki / "ca.crt")
    assert (status.error, status.mode, status.words) == ("", "leader", words("healthy", "zk3"))


def test_a_member_of_an_unknown_authority_is_not_believed(pki):
    with member(pki) as endpoint:
        for changes in ({"tls_ca_file": pki / "stranger.crt"}, {"tls_check_hostname": False}):
            status = read(endpoint, **changes)
            assert not status.reachable
            assert "certificate verify failed" in status.error


def test_a_certificate_for_another_host_is_not_believed(pki):
    with member(pki, "other") as endpoint:
        status = read(endpoint, tls_ca_file=pki / "ca.crt")
        assert (status.reachable, status.refused) == (False, False)
        assert "certificate is not valid for '127.0.0.1'" in status.error
        assert read(endpoint, tls_ca_file=pki / "ca.crt", tls_check_hostname=False).mode == "leader"


def test_a_member_that_requires_a_certificate(pki):
    with member(pki, client_auth=True) as endpoint:
        assert not read(endpoint, tls_ca_file=pki / "ca.crt").reachable
        for files in (
            {"tls_cert_file": pki / "client.crt", "tls_key_file": pki / "client.key"},
            {"tls_cert_file": pki / "client.pem"},
        ):
            assert read(endpoint, tls_ca_file=pki / "ca.crt", **files).mode == "leader"


def test_plain_and_tls_do_not_understand_each_other(pki):
    texts = words("healthy")
    with tcp_server(lambda word, connection: connection.sendall(texts.get(word, "").encode())) as endpoint:
        assert not read(endpoint, tls_ca_file=pki / "ca.crt").reachable
    with member(pki) as endpoint:
        assert not read_member(*endpoint, 1).reachable


def test_a_handshake_that_never_ends_costs_one_timeout(pki):
    over = threading.Event()
    with tcp_server(lambda _word, _connection: over.wait(30)) as endpoint:
        transport = transport_of(options(tls=True, tls_ca_file=pki / "ca.crt"))
        start = time.monotonic()
        (status,) = read_ensemble([endpoint], 0.3, transport=transport)
        took = time.monotonic() - start
        over.set()
    assert status.error == "the TLS handshake timed out"
    assert took < 3


def test_a_host_name_that_no_certificate_can_have_is_an_error(pki, monkeypatch):
    with member(pki) as (host, port):
        address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [address])
        for odd in (".zk1", "zk..1"):
            status = read((odd, port), tls_ca_file=pki / "ca.crt")
            assert status.error.startswith(f"no certificate can be valid for {odd!r}")


def test_the_default_is_plain_text():
    assert transport_of(options()) == PLAIN == Transport(None, 0)
    assert transport_of({"admin_port": 8080, "previous_port": 2181}) == Transport(None, 8080, 2181)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tls_ca_file": "ca.crt"}, "tls_ca_file: set tls to true"),
        ({"tls_key_file": "client.key"}, "tls_key_file: set tls to true"),
        ({"tls": True, "tls_key_file": "client.key"}, "tls_key_file: set tls_cert_file too"),
        ({"tls": True, "tls_ca_file": "none.crt"}, "tls_ca_file: cannot read certificates from .*none.crt"),
        ({"tls": True, "tls_ca_file": "client.key"}, "tls_ca_file: cannot read certificates from .*client.key"),
        ({"tls": True, "tls_cert_file": "client.crt"}, "tls_cert_file: cannot read .*client.crt"),
        ({"tls": True, "tls_cert_file": "client.crt", "tls_key_file": "member.key"}, "tls_cert_file: .* and .*key"),
        ({"tls": True, "tls_cert_file": "client.crt", "tls_key_file": "client.locked"}, "tls_cert_file: cannot read"),
        ({"admin_port": -1}, "admin_port: found -1"),
        ({"admin_port": 65536}, "admin_port: found 65536"),
    ],
)
def test_options_that_cannot_be_used_are_errors(pki, changes, message):
    changes = {option: pki / value if "file" in option else value for option, value in changes.items()}
    with pytest.raises(ValueError, match=f"^{message}"):
        transport_of(options(**changes))
