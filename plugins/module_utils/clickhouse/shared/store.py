# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads the shared configuration from ZooKeeper, and writes it in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any

from .elements import CURRENT, HISTORY
from .plan import CREATE, IN_USE, SET, Operation, SharedConfigError, Stored, decode, element_path

# The module reports it, with KAZOO_ERROR of znode.py.
with contextlib.suppress(ImportError):
    from kazoo.exceptions import (
        BadVersionError,
        KazooException,
        NoAuthError,
        NodeExistsError,
        NoNodeError,
        RolledBackError,
        RuntimeInconsistency,
    )
    from kazoo.security import OPEN_ACL_UNSAFE, make_acl, make_digest_acl

# The user of the digest that may write.
USER = "zoohouse"
PASSWORD = "clickhouse_shared_config_password"
LOST = "Another run has changed the shared configuration at the same time. Run it again."
UNKNOWN = "The ensemble has not answered: whether it was written is not known. Run it again."
PROTECTED = f"Its znodes may be changed with another password only: expected in {PASSWORD} the one that protects them."


def acl_of(password: str) -> list[Any]:
    """Who may do what: without a password everybody, otherwise everybody may read, as the servers do."""
    if not password:
        return list(OPEN_ACL_UNSAFE)
    return [make_digest_acl(USER, password, all=True), make_acl("world", "anyone", read=True)]


class Store:
    """The znodes below one path. password: of those who may write; empty for everybody. Raises SharedConfigError."""

    def __init__(self, client: Any, path: str, password: str = "") -> None:
        self._client, self._path, self._acl = client, path.rstrip("/"), acl_of(password)
        if password:
            client.add_auth("digest", f"{USER}:{password}")

    def read(self, wanted: Iterable[str]) -> Stored:
        """Everything that a plan for these elements needs."""
        try:
            return self._read(sorted(wanted))
        except KazooException as error:
            raise SharedConfigError(f"{self._path}: {type(error).__name__} {error}") from error

    def _read(self, wanted: Sequence[str]) -> Stored:
        numbers = self._children(HISTORY)
        history = [f"{HISTORY}/{name}" for name in numbers]
        places = [element_path(path) for path in wanted]
        sections = sorted({place.rpartition("/")[0] for place in places} - {CURRENT})
        found = self._get(["", CURRENT, HISTORY, *sections, *places, *(f"{place}/{IN_USE}" for place in places)])
        versions = [decode(data) for data, _version in self._get(history).values()]
        text = found.get("", (b"0", 0))[0].decode("utf-8", "replace")
        if not text.isdigit():
            raise SharedConfigError(f"{self._path}: found {text!r}, expected the number of a version.")
        return Stored(
            {path: version for path, (_data, version) in found.items()},
            {path: found[place][0].decode("utf-8", "replace") for path, place in zip(wanted, places) if place in found},
            {version.number: version for version in versions},
            int(text),
        )

    def _children(self, path: str) -> list[str]:
        try:
            return sorted(self._client.get_children(self._absolute(path)))
        except NoNodeError:
            return []

    def _get(self, paths: Sequence[str]) -> dict[str, tuple[bytes, int]]:
        """Data and its version of the znodes that exist, asked for at the same time."""
        asked = [(path, self._client.get_async(self._absolute(path))) for path in paths]
        found = {}
        for path, answer in asked:
            with contextlib.suppress(NoNodeError):
                data, stat = answer.get()
                found[path] = (data, stat.version)
        return found

    def _absolute(self, path: str) -> str:
        return f"{self._path}/{path}".rstrip("/")

    def is_protected_as_wanted(self) -> bool:
        """Whether the znodes have the access control that is wanted; true when there are none."""
        try:
            return set(self._client.get_acls(self._path)[0]) == set(self._acl)
        except NoNodeError:
            return True
        except NoAuthError:
            return False
        except KazooException as error:
            raise SharedConfigError(f"{self._path}: {type(error).__name__} {error}") from error

    def protect(self) -> None:
        """Gives all znodes the access control that is wanted."""
        try:
            self._protect(self._path)
        except NoAuthError as error:
            raise SharedConfigError(PROTECTED) from error
        except KazooException as error:
            raise SharedConfigError(f"{self._path}: {type(error).__name__} {error}") from error

    def _protect(self, path: str) -> None:
        # The place comes last: an interrupted run is noticed by its access control.
        for name in self._client.get_children(path):
            self._protect(f"{path}/{name}")
        self._client.set_acls(path, self._acl)

    def write(self, operations: Sequence[Operation]) -> None:
        """All operations or none of them."""
        try:
            self._client.ensure_path(self._path.rpartition("/")[0] or "/")
            transaction = self._client.transaction()
            for item in operations:
                path = self._absolute(item.path)
                if item.kind == CREATE:
                    transaction.create(path, item.data, acl=self._acl)
                elif item.kind == SET:
                    transaction.set_data(path, item.data, version=item.version)
                else:
                    transaction.delete(path)
            results = transaction.commit()
        except KazooException as error:
            raise SharedConfigError(f"{UNKNOWN} ({type(error).__name__})") from error
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, (RolledBackError, RuntimeInconsistency)):
                raise SharedConfigError(_reason(result)) from result


def _reason(error: Exception) -> str:
    if isinstance(error, NoAuthError):
        return PROTECTED
    if isinstance(error, (BadVersionError, NodeExistsError, NoNodeError)):
        return LOST
    return f"{type(error).__name__} {error}"
