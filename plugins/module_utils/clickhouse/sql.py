# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""SQL text as statements and their words. It knows what quotes and comments are, and nothing else. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
    (?P<comment>--[^\n]*|\#[ !][^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.)*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<name>`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*")
    |(?P<word>\w+)
    |(?P<end>;)
    |(?P<space>\s+)
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
UNFINISHED = {"'": "a text", "`": "a name", '"': "a name"}


@dataclass(frozen=True)
class Statement:
    """text: as it is sent. tokens: without comments and spaces."""

    text: str
    tokens: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(token.upper() for token in self.tokens)

    def after(self, *words: str) -> str | None:
        """The token after the first place of these words; None when they are not there."""
        length = len(words)
        for place in range(len(self.tokens) - length):
            if self.words[place : place + length] == words:
                return self.tokens[place + length]
        return None


def split_statements(sql: str) -> list[Statement]:
    """The statements of a text. Raises ValueError for quotes and comments that do not end."""
    statements: list[Statement] = []
    tokens: list[str] = []
    start = 0
    for match in TOKEN.finditer(sql):
        kind, token = match.lastgroup, match[0]
        if kind == "end":
            statements.append(Statement(sql[start : match.start()].strip(), tuple(tokens)))
            start, tokens = match.end(), []
        elif kind == "other" and (token in UNFINISHED or sql.startswith("/*", match.start())):
            line = sql.count("\n", 0, match.start()) + 1
            raise ValueError(f"{UNFINISHED.get(token, 'a comment')} that begins in line {line} does not end")
        elif kind not in ("comment", "space"):
            tokens.append(token)
    statements.append(Statement(sql[start:].strip(), tuple(tokens)))
    return [statement for statement in statements if statement.tokens]
