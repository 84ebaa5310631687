# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""How members are asked: plain or TLS, and the AdminServer's port. One question on one connection, with a deadline."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Bytes. A healthy member answers with less than 100 kB; more is not an answer.
ANSWER_LIMIT = 1 << 20
TLS_FILES = ("tls_ca_file", "tls_cert_file", "tls_key_file")


@dataclass(frozen=True)
class Transport:
    """tls: for four-letter words; None sends them as plain text. admin_port: 0 does not ask the AdminServer.

    previous_port: where a member is asked that does not listen on its port; 0 does not ask it again.
    """

    tls: ssl.SSLContext | None = None
    admin_port: int = 0
    previous_port: int = 0


PLAIN = Transport()


def transport_options() -> dict[str, Any]:
    """Argument spec of the options that the fragment zookeeper_transport documents."""
    return {
        "tls": {"type": "bool", "default": False},
        "tls_ca_file": {"type": "path"},
        "tls_cert_file": {"type": "path"},
        "tls_key_file": {"type": "path", "no_log": False},
        "tls_check_hostname": {"type": "bool", "default": True},
        **admin_server_options(),
    }


def admin_server_options() -> dict[str, Any]:
    """Argument spec of the option that the fragment zookeeper_admin_server documents."""
    return {"admin_port": {"type": "int", "default": 0}}


def transport_of(params: Mapping[str, Any]) -> Transport:
    """The transport that the options of a module ask for; plain text if it has no options of TLS.

    Raises ValueError for options that contradict each other.
    """
    tls = _tls_context(params) if "tls" in params else None
    return Transport(tls, optional_port(params, "admin_port"), optional_port(params, "previous_port"))


def optional_port(params: Mapping[str, Any], name: str) -> int:
    """The value of an option that may be 0. Raises ValueError for what is no port."""
    port = params[name]
    if not 0 <= port < 65536:
        raise ValueError(f"{name}: found {port}, expected a port, or 0 for none")
    return port


def _tls_context(params: Mapping[str, Any]) -> ssl.SSLContext | None:
    ca_file, cert_file, key_file = (params[name] for name in TLS_FILES)
    if not params["tls"]:
        for name in TLS_FILES:
            if params[name]:
                raise ValueError(f"{name}: set tls to true to use it")
        return None
    if key_file and not cert_file:
        raise ValueError("tls_key_file: set tls_cert_file too")
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        raise ValueError(f"tls_ca_file: cannot read certificates from {ca_file}: {error}") from error
    # Python 3.13 rejects certificates of private authorities that ZooKeeper, and every Python before, accepts.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = params["tls_check_hostname"]
    if cert_file:
        try:
            # An empty password: OpenSSL would ask for the one of an encrypted key on the terminal.
            context.load_cert_chain(cert_file, key_file or None, password="")
        except (OSError, ValueError) as error:
            files = " and ".join(filter(None, (cert_file, key_file)))
            raise ValueError(f"tls_cert_file: cannot read a certificate and its key from {files}: {error}") from error
    return context


def exchange(
    host: str,
    port: int,
    question: bytes,
    deadline: float,
    tls: ssl.SSLContext | None = None,
    limit: int = ANSWER_LIMIT,
) -> bytes:
    """What a server answers until it closes the connection, at most `limit` bytes.

    Raises OSError when there is no answer before `deadline` (of time.monotonic), ValueError for an invalid host name.
    """
    with _connect(host, port, deadline, tls) as connection:
        connection.settimeout(remaining(deadline))
        connection.sendall(question)
        answer = bytearray()
        while len(answer) < limit:
            connection.settimeout(remaining(deadline))
            chunk = connection.recv(min(65536, limit - len(answer)))
            if not chunk:
                break
            answer += chunk
    return bytes(answer)


def _connect(host: str, port: int, deadline: float, tls: ssl.SSLContext | None) -> socket.socket:
    """A connection to the first address of a host that accepts one: all addresses share one deadline."""
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            connection = socket.socket(family, kind, protocol)
        except OSError as error:
            failure = error
            continue
        try:
            connection.settimeout(remaining(deadline))
            connection.connect(address)
            return connection if tls is None else _handshake(connection, host, deadline, tls)
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _handshake(connection: socket.socket, host: str, deadline: float, tls: ssl.SSLContext) -> socket.socket:
    connection.settimeout(remaining(deadline))
    try:
        return tls.wrap_socket(connection, server_hostname=host)
    except socket.timeout as error:
        raise OSError("the TLS handshake timed out") from error
    except ssl.SSLError:
        raise
    except ValueError as error:
        raise OSError(f"no certificate can be valid for {host!r}: {error}") from error


def remaining(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)
