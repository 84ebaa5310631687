# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of apt for the packages of ClickHouse, and public keys as text. Pure."""

from __future__ import annotations

import base64
import textwrap
from urllib.parse import urlsplit

# In the order in which they depend on each other.
PACKAGES = ("clickhouse-common-static", "clickhouse-server", "clickhouse-client")
SOURCES = "/etc/apt/sources.list.d/zoohouse-clickhouse.sources"
PREFERENCES = "/etc/apt/preferences.d/zoohouse-clickhouse"
KEYRING = "/etc/apt/keyrings/zoohouse-clickhouse.asc"
# Above every package without a pin (500), below a forced downgrade (1000). Other versions of the repository come after
# the one that is installed (100).
WANTED, OTHERS = 990, 50
HEADER = "# Written by zoohouse.cluster.clickhouse."
BEGIN, END = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"
PUBLIC_KEY_PACKET = 6


def sources(url: str, channel: str, architecture: str, key: str, keyring: str = KEYRING) -> str:
    """The repository. key: where the key comes from, so that another one changes the text."""
    return (
        f"{HEADER} Key: {key}\n"
        f"Types: deb\nURIs: {url}\nSuites: {channel}\nComponents: main\n"
        f"Architectures: {architecture}\nSigned-By: {keyring}\n"
    )


def preferences(version: str = "", url: str = "") -> str:
    """Packages of these names come in this version from this repository; without one, from nowhere at all.

    Distributions have packages of the same names. The first pin that matches a version counts.
    """
    pins = [("version *", -1)]
    if url:
        pins = [(f"version {version}", WANTED), (f'origin "{urlsplit(url).hostname}"', OTHERS), *pins]
    names = " ".join(PACKAGES)
    return f"{HEADER}\n" + "\n".join(f"Package: {names}\nPin: {pin}\nPin-Priority: {n}\n" for pin, n in pins)


def read_key(content: bytes) -> str:
    """A public key, or several ones, as armoured text for apt. Raises ValueError for anything else."""
    text = content.decode("latin-1").replace("\r\n", "\n")
    if "-----BEGIN PGP PRIVATE KEY BLOCK-----" in text:
        raise ValueError("a private key")
    packets = _unarmoured(text) if BEGIN in text else content
    if _packet(packets) != PUBLIC_KEY_PACKET:
        # The content is not shown: somebody may have named the wrong file.
        raise ValueError(
            "a web page" if text.lstrip().startswith("<") else "other text or data" if content else "empty"
        )
    encoded = "\n".join(textwrap.wrap(base64.b64encode(packets).decode(), 64))
    return f"{BEGIN}\n\n{encoded}\n{END}\n"


def _unarmoured(text: str) -> bytes:
    """The packets of all armoured blocks; empty when one is damaged."""
    packets = b""
    for block in text.split(BEGIN)[1:]:
        _headers, _empty, body = block.partition(END)[0].partition("\n\n")
        lines = [line.strip() for line in body.splitlines()]
        try:
            # A line that begins with = is the checksum of the block.
            packets += base64.b64decode("".join(line for line in lines if not line.startswith("=")), validate=True)
        except ValueError:
            # Also for text that is not ASCII.
            return b""
    return packets


def _packet(packets: bytes) -> int:
    """The type of the first packet of OpenPGP data; 0 for other data."""
    first = packets[0] if packets else 0
    if not first & 0x80:
        return 0
    return first & 0x3F if first & 0x40 else (first & 0x3C) >> 2
