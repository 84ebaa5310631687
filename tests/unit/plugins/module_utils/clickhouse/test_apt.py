# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of apt, and public keys."""

import base64

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.apt import preferences, read_key, sources

# A packet of a public key in the old and in the new form, and one of a signature.
OLD, NEW, SIGNATURE = b"\x98\x33key", b"\xc6\x33key", b"\xc2\x33signature"


def armoured(packets, headers="", checksum="=abcd\n"):
    body = base64.b64encode(packets).decode()
    begin, end = "-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"
    return f"{begin}\n{headers}\n{body}\n{checksum}{end}\n"


def test_a_repository():
    assert sources("https://mirror.example.com/deb", "lts", "arm64", "/keys/site.asc").splitlines() == [
        "# Written by zoohouse.cluster.clickhouse. Key: /keys/site.asc",
        "Types: deb",
        "URIs: https://mirror.example.com/deb",
        "Suites: lts",
        "Components: main",
        "Architectures: arm64",
        "Signed-By: /etc/apt/keyrings/zoohouse-clickhouse.asc",
    ]


def test_pins_by_version_and_origin():
    text = preferences("25.8.2.29", "https://mirror.example.com:8443/deb")
    assert [line for line in text.splitlines() if line.startswith("Pin")] == [
        "Pin: version 25.8.2.29",
        "Pin-Priority: 990",
        'Pin: origin "mirror.example.com"',
        "Pin-Priority: 50",
        "Pin: version *",
        "Pin-Priority: -1",
    ]
    assert "Pin: version *\nPin-Priority: -1\n" in preferences() and "origin" not in preferences()


@pytest.mark.parametrize("packets", [OLD, NEW, OLD + NEW])
def test_a_key_in_any_form_becomes_armoured_text(packets):
    expected = read_key(packets)
    assert expected.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n") and "PUBLIC" in expected.splitlines()[-1]
    assert read_key(armoured(packets).encode()) == expected
    assert read_key(armoured(packets, "Version: 1\n", "").replace("\n", "\r\n").encode()) == expected
    assert read_key(b"some words before it\n" + armoured(packets).encode()) == expected


def test_several_keys_in_one_file():
    assert read_key((armoured(OLD) + armoured(NEW)).encode()) == read_key(OLD + NEW)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n<html>\n", "a web page"),
        (b"secret words", "other text or data"),
        (SIGNATURE, "other text or data"),
        (b"\x00\x01", "other text or data"),
        (armoured(SIGNATURE).encode(), "other text or data"),
        (armoured(OLD).replace("=abcd", "!abcd").encode(), "other text or data"),
        (b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nabcd\n", "a private key"),
    ],
)
def test_anything_else_is_no_key(content, reason):
    with pytest.raises(ValueError, match=reason):
        read_key(content)
