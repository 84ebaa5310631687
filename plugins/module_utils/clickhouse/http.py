# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""ClickHouse over its HTTP interface, with the standard library alone."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

TIMED_OUT = "timed out"
READS = ("SELECT", "SHOW", "DESCRIBE", "DESC", "EXISTS", "WITH", "EXPLAIN")


class ClickHouseError(Exception):
    """The server rejected a query, or no server answered."""


class ClickHouseTimeout(ClickHouseError):
    """The server did not answer in time."""


@dataclass(frozen=True)
class Server:
    """The HTTP interface of one server. Timeout in seconds."""

    host: str = "127.0.0.1"
    port: int = 8123
    user: str = "default"
    password: str = field(default="", repr=False)
    timeout: float = 10.0

    def ping(self) -> None:
        """Raises ClickHouseError unless the server answers Ok."""
        answer = self._request("GET", "/ping", "")
        if answer.strip() != "Ok.":
            raise ClickHouseError(f"/ping answered {answer.strip()[:80]!r}")

    def execute(self, query: str, settings: Mapping[str, str | int] | None = None) -> str:
        """The raw answer to a statement. Settings that are true or false are sent as 1 or 0."""
        values = {name: int(value) if isinstance(value, bool) else value for name, value in (settings or {}).items()}
        return self._request("POST", "/?" + urlencode(values), query)

    def rows(self, query: str, settings: Mapping[str, str | int] | None = None) -> list[dict]:
        """The rows of a query, each as a dict; 64-bit integers are numbers."""
        settings = {"output_format_json_quote_64bit_integers": 0, **(settings or {})}
        # On its own line: the statement may end in a comment.
        text = self.execute(f"{query.rstrip().rstrip(';')}\nFORMAT JSON", settings)
        try:
            rows = json.loads(text)["data"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise ClickHouseError(f"the answer is not JSON: {text[:200]!r}") from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ClickHouseError(f"the answer has no rows: {text[:200]!r}")
        return rows

    def _request(self, method: str, path: str, body: str) -> str:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        # As bytes: http.client would send text as Latin-1, but the server compares UTF-8.
        headers = {"X-ClickHouse-User": self.user.encode(), "X-ClickHouse-Key": self.password.encode()}
        try:
            connection.request(method, path, body=body.encode() or None, headers=headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except socket.timeout as error:
            raise ClickHouseTimeout(f"{self.host}:{self.port}: {TIMED_OUT}") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ClickHouseError(f"{self.host}:{self.port}: {str(error) or type(error).__name__}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise ClickHouseError(first_line(text) or f"HTTP status {response.status}")
        return text


def first_line(text: str) -> str:
    """The server's error message, without the stack trace that may follow."""
    lines = text.strip().splitlines()
    return lines[0][:500] if lines else ""


def is_read(query: str) -> bool:
    """Whether a statement only reads, by its first word after any comments."""
    bare = re.sub(r"\A(?:\s+|--[^\n]*\n|/\*.*?\*/)*", "", query, flags=re.DOTALL)
    word = re.match(r"\(*\s*([A-Za-z]+)", bare)
    return word is not None and word.group(1).upper() in READS
