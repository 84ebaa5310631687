# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Compression of parts by their size."""

import pytest

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.compression import (
    compression_element,
    validate_compression,
)
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.xml import to_xml

SMALL = {"method": "lz4"}
LARGE = {"min_part_size": 10000000000, "min_part_size_ratio": 0.01, "method": "zstd", "level": 22}
METHODS = "one of lz4, lz4hc, zstd, none"


def errors(cases, version="25.8.1"):
    return [(error.found, error.expected) for error in validate_compression("ch1", version, cases)]


def test_valid_cases():
    assert errors([]) == errors([SMALL, LARGE]) == errors([{"method": "lz4hc", "level": "12"}]) == []
    assert errors([SMALL, LARGE, {"method": "none"}], "18.16.1") == []


def test_the_cases_replace_those_of_other_files_and_keep_their_order():
    text = to_xml("clickhouse", compression_element([SMALL, LARGE]))
    assert '<compression replace="replace">' in text
    assert text.index("<method>lz4<") < text.index("<min_part_size>10000000000<") < text.index("<level>22<")


def test_a_version_without_a_method():
    found = "case 2: method: lz4hc, which needs ClickHouse 20.1 or later; this is 18.16.1"
    assert errors([SMALL, {"method": "lz4hc"}], "18.16.1") == [(found, "")]


@pytest.mark.parametrize(
    ("case", "found", "expected"),
    [
        ("zstd", "case 1: zstd", "a dict with min_part_size, min_part_size_ratio, method, level"),
        ({"method": "zst"}, "case 1: method: zst", METHODS),
        ({"method": ["zstd"]}, "case 1: method: ['zstd']", METHODS),
        ({"level": 3}, "case 1: no method", METHODS),
        ({**SMALL, "min_size": 1}, "case 1: unknown key min_size", "one of min_part_size, "),
        ({**SMALL, "min_part_size": "10G"}, "case 1: min_part_size: 10G", "a whole number of at least 0"),
        ({**SMALL, "min_part_size_ratio": 1.5}, "case 1: min_part_size_ratio: 1.5", "a number of at least 0 and"),
        ({"method": "zstd", "level": 23}, "case 1: level: 23", "a whole number of at most 22 for zstd"),
        ({"method": "zstd", "level": 0}, "case 1: level: 0", "a whole number of at least 1"),
        ({"method": "lz4hc", "level": 13}, "case 1: level: 13", "a whole number of at most 12 for lz4hc"),
        ({**SMALL, "level": 3}, "case 1: level: 3", "no level: lz4 has none"),
    ],
)
def test_mistakes(case, found, expected):
    ((error_found, error_expected),) = errors([case])
    assert error_found == found and error_expected.startswith(expected)
