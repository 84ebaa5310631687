"""Prints what a zookeeper.jar reads: keys that its configuration parser knows, and its own system properties.

Usage: zookeeper_keys.py JAR > tests/unit/captured/zookeeper/keys/VERSION.txt
"""

from __future__ import annotations

import re
import struct
import sys
import zipfile

# Bytes that follow the tag of each kind of constant in a class file; text (1) and strings (8) are handled below.
SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}


def strings(data: bytes) -> list[str]:
    """The string constants of a class file."""
    count = struct.unpack(">H", data[8:10])[0]
    texts, found, place, index = {}, [], 10, 1
    while index < count:
        tag = data[place]
        if tag == 1:
            length = struct.unpack(">H", data[place + 1 : place + 3])[0]
            texts[index] = data[place + 3 : place + 3 + length].decode("utf-8", "replace")
            place += 3 + length
        elif tag == 8:
            found.append(struct.unpack(">H", data[place + 1 : place + 3])[0])
            place += 3
        else:
            place += 1 + SIZES[tag]
        # A long or double takes two places in the table.
        index += 2 if tag in (5, 6) else 1
    return [texts[one] for one in found]


def main() -> None:
    properties, parsed = set(), set()
    with zipfile.ZipFile(sys.argv[1]) as jar:
        for name in jar.namelist():
            if name.endswith(".class"):
                constants = strings(jar.read(name))
                properties |= {text for text in constants if re.fullmatch(r"zookeeper\.[\w.-]+", text)}
                if name.endswith("/QuorumPeerConfig.class"):
                    parsed |= {text for text in constants if re.fullmatch(r"[A-Za-z][\w.-]+", text)}
    print("\n".join(sorted(properties | {f"parsed {text}" for text in parsed})))


if __name__ == "__main__":
    main()
