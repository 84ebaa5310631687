# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""SQL text as statements."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.sql import split_statements


def texts(sql):
    return [statement.text for statement in split_statements(sql)]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", []),
        (" ;; \n-- nothing; here\n/* nor; here */;", []),
        ("A; B;\nC", ["A", "B", "C"]),
        ("A ';' B; C", ["A ';' B", "C"]),
        (r"A 'it\'s; ''so''; \\'; C", [r"A 'it\'s; ''so''; \\'", "C"]),
        (r"A `a\`;` ; B " "x;y" "", [r"A `a\`;`", "B x", "y"]),
        ('A "a;b"; B', ['A "a;b"', "B"]),
        ("A -- ;'\n B; C # ;'\n D; E #!; \nF", ["A -- ;'\n B", "C # ;'\n D", "E #!; \nF"]),
        ("A /* ; ' */ B; C", ["A /* ; ' */ B", "C"]),
        ("A $$ ; ' $$; B $tag$ $$;' $tag$; C", ["A $$ ; ' $$", "B $tag$ $$;' $tag$", "C"]),
        ("-- first\nA", ["-- first\nA"]),
    ],
)
def test_statements(sql, expected):
    assert texts(sql) == expected


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("A;\nB 'c;", "a text that begins in line 2 does not end"),
        ("A `b", "a name that begins in line 1 does not end"),
        ('A\n\n "b', "a name that begins in line 3 does not end"),
        ("A /* b", "a comment that begins in line 1 does not end"),
    ],
)
def test_what_does_not_end(sql, error):
    with pytest.raises(ValueError, match=error):
        split_statements(sql)


def test_tokens_are_without_comments_and_spaces():
    (statement,) = split_statements("CREATE TABLE `my t` -- why\n(a UInt8 DEFAULT 'x  y', b/* c */Int8) ;")
    assert statement.tokens == (
        "CREATE",
        "TABLE",
        "`my t`",
        "(",
        "a",
        "UInt8",
        "DEFAULT",
        "'x  y'",
        ",",
        "b",
        "Int8",
        ")",
    )


def test_the_token_after_words():
    (statement,) = split_statements("create table a on Cluster 'main' (b Int8)")
    assert statement.after("ON", "CLUSTER") == "'main'"
    assert statement.after("ON", "SHARD") is None
    (statement,) = split_statements("SELECT 'ON CLUSTER main', a ON CLUSTER")
    assert statement.after("ON", "CLUSTER") is None
