# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What has to be written so that ZooKeeper has the shared configuration that is wanted, with a version for it. Pure."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .elements import CURRENT, HISTORY

# Below an element, so that it cannot be deleted by itself: servers include it.
IN_USE = "in_use"
# A request must be smaller than jute.maxbuffer, 1 MiB by default. Bytes, and those of one operation beside its data.
REQUEST_BYTES = 1_000_000
OPERATION_BYTES = 128
CREATE, SET, DELETE = "create", "set", "delete"


class SharedConfigError(Exception):
    """Nothing was written; the text says why."""


@dataclass(frozen=True)
class Version:
    """A version of the shared configuration: the content of all elements, and who wrote it."""

    number: int
    elements: Mapping[str, str]
    written: str = ""
    by: str = ""
    note: str = ""

    def encode(self) -> bytes:
        return json.dumps({**self.__dict__, "elements": dict(self.elements)}, indent=1, sort_keys=True).encode()

    def summary(self) -> dict[str, Any]:
        return {"version": self.number, "written": self.written, "by": self.by, "note": self.note}


def decode(data: bytes) -> Version:
    """Raises SharedConfigError for what this module has not written."""
    try:
        found = json.loads(data)
        texts = {str(path): str(text) for path, text in found["elements"].items()}
        return Version(int(found["number"]), texts, *(str(found[key]) for key in ("written", "by", "note")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SharedConfigError(f"A version in ZooKeeper cannot be read: {data[:80]!r}.") from error


@dataclass(frozen=True)
class Operation:
    """One operation of a transaction. path: below the place of the shared configuration, empty for itself.

    version: of the data that was read; the transaction fails when it is another one.
    """

    kind: str
    path: str
    data: bytes = b""
    version: int = -1


@dataclass(frozen=True)
class Stored:
    """What ZooKeeper has. znodes: version of the data by path below the place, for what exists; the place is empty.

    current: content of the elements. versions: by number. number: of the newest version, 0 when there is none.
    """

    znodes: Mapping[str, int] = field(default_factory=dict)
    current: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[int, Version] = field(default_factory=dict)
    number: int = 0

    @property
    def newest(self) -> Version:
        return self.versions.get(self.number) or Version(self.number, {})


@dataclass(frozen=True)
class Plan:
    """operations: none when nothing changes. written: paths of elements. version: afterwards."""

    operations: tuple[Operation, ...]
    written: tuple[str, ...]
    version: Version


def plan(stored: Stored, wanted: Mapping[str, str], keep: int, written: str = "", by: str = "", note: str = "") -> Plan:
    """The transaction that makes `wanted` a new version, of which the last `keep` stay.

    An element that is not wanted any more keeps its znode: servers that are not configured yet include it.
    Raises SharedConfigError for more than fits into a request.
    """
    changed = tuple(path for path in sorted(wanted) if not _is_current(stored, path, wanted[path]))
    if not changed and dict(stored.newest.elements) == dict(wanted):
        return Plan((), (), stored.newest)
    version = Version(stored.number + 1, dict(wanted), written, by, note)
    operations = [*_parents(stored, wanted, version), *_elements(stored, wanted, changed)]
    operations.append(Operation(CREATE, history_path(version.number), version.encode()))
    gone = sorted([*stored.versions, version.number])[:-keep]
    operations += [Operation(DELETE, history_path(number)) for number in gone]
    size = sum(len(item.data) + OPERATION_BYTES for item in operations)
    if size > REQUEST_BYTES:
        raise SharedConfigError(f"Found {size} bytes to write at once, expected at most {REQUEST_BYTES}.")
    return Plan(tuple(operations), changed, version)


def history_path(number: int) -> str:
    return f"{HISTORY}/{number:010}"


def element_path(path: str) -> str:
    return f"{CURRENT}/{path}"


def _is_current(stored: Stored, path: str, text: str) -> bool:
    return stored.current.get(path) == text and f"{element_path(path)}/{IN_USE}" in stored.znodes


def _parents(stored: Stored, wanted: Iterable[str], version: Version) -> Iterator[Operation]:
    """The place has the number of the version: whoever has read another one cannot write."""
    number = str(version.number).encode()
    yield Operation(SET, "", number, stored.znodes[""]) if "" in stored.znodes else Operation(CREATE, "", number)
    sections = sorted({element_path(path.partition("/")[0]) for path in wanted if "/" in path})
    for path in (CURRENT, HISTORY, *sections):
        if path not in stored.znodes:
            yield Operation(CREATE, path)


def _elements(stored: Stored, wanted: Mapping[str, str], changed: Iterable[str]) -> Iterator[Operation]:
    for path in changed:
        place, data = element_path(path), wanted[path].encode()
        if place not in stored.znodes:
            yield Operation(CREATE, place, data)
        elif stored.current.get(path) != wanted[path]:
            yield Operation(SET, place, data, stored.znodes[place])
        if f"{place}/{IN_USE}" not in stored.znodes:
            yield Operation(CREATE, f"{place}/{IN_USE}", b"Servers include the znode above.")


def chosen(stored: Stored, number: int) -> Version:
    """A version by its number. Raises SharedConfigError when it is not kept."""
    if number not in stored.versions:
        kept = ", ".join(str(known) for known in sorted(stored.versions)) or "none"
        raise SharedConfigError(f"version: found {number}, expected one that is kept: {kept}.")
    return stored.versions[number]


def rolled_back(stored: Stored, number: int) -> Version:
    """A version to go back to. Raises SharedConfigError when servers include other elements than it has."""
    version = chosen(stored, number)
    newest = stored.newest
    other = sorted(set(version.elements) ^ set(newest.elements))
    if other:
        raise SharedConfigError(
            f"Version {number} has other elements than version {newest.number}, which the servers include: "
            f"{', '.join(other)}. Change clickhouse_shared_config and run site.yml, which changes the servers, too."
        )
    return version


def as_text(elements: Mapping[str, str]) -> str:
    """The elements as text, to compare them."""
    return "".join(f"{path}: {_indented(text)}\n" for path, text in sorted(elements.items()))


def _indented(text: str) -> str:
    lines = text.splitlines()
    return text if len(lines) < 2 else "".join(f"\n    {line}" for line in lines)


def compare(before: Version, after: Mapping[str, str], name: str) -> list[str]:
    """The lines of a unified diff; none when both are equal."""
    one, other = (as_text(item).splitlines() for item in (before.elements, after))
    return list(difflib.unified_diff(one, other, f"version {before.number}", name, lineterm=""))
