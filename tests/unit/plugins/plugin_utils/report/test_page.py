# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The page as text; tests/browser shows it in a browser."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import HOSTILE, SITUATIONS, finding, hostvars, report, situation

from ansible_collections.zoohouse.cluster.plugins.module_utils.report.collect import REPLICA
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.report.page import (
    UNPRINTABLE,
    clean,
    figure,
    render_html,
    share,
    totals,
)


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_page_needs_no_other_file_and_no_script(name):
    page = render_html(report(name))
    parsed = Elements(page)
    assert not {"script", "img", "iframe", "object", "base", "form"} & set(parsed.tags)
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", page) == ["data:,"]
    assert "url(" not in page and "@import" not in page
    assert parsed.tags.count("svg") == 2


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_any_text_stays_text(subject, found):
    changed = hostvars("healthy")
    changed["ch1"][REPLICA]["findings"] = [finding("writable", "critical", "ch1 x", "y", "z", "w")]
    expected = Elements(render_html(situation(changed))).tags
    changed["ch1"][REPLICA]["findings"] = [
        finding("writable", "critical", "ch1 " + subject, found, found + "z", found + "w")
    ]
    page = render_html(situation(changed))
    assert Elements(page).tags == expected
    assert not UNPRINTABLE.search(page)
    page.encode("utf-8")


def test_hostile_text_is_escaped():
    page = render_html(report("hostile"))
    assert "<script" not in page and "\x1b" not in page and "{{ 7 * 7 }}" in page
    assert "<script" in clean(HOSTILE)


def test_a_page_with_thousands_of_findings_stays_small_and_says_so():
    changed = hostvars("healthy")
    for severity in ("critical", "ok"):
        changed["ch1"][REPLICA]["findings"] += [
            finding("writable", severity, f"ch1 demo.t{severity}{number}") for number in range(5000)
        ]
    page = render_html(situation(changed))
    assert "4500 more findings are in health.json" in page and "more checks are in health.json" in page
    assert len(page) < 1 << 20


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (None, "tables", "unknown"),
        (0, "tables", "0"),
        (1234567, "selects_total", "1,234,567"),
        (0.123456, "avg_latency", "0.1235"),
        (3 * 86400, "uptime_s", "3.0 d"),
        (90_000, "uptime_ms", "1.5 min"),
        (5, "uptime_s", "5 s"),
        (1 << 30, "data_bytes", "1.0 GiB"),
        (12, "data_bytes", "12 B"),
        (0x100000002, "zxid", "0x100000002"),
        ("leader", "mode", "leader"),
    ],
)
def test_a_figure_as_text(value, name, text):
    assert figure(value, name) == text


def test_the_load_of_a_shard_is_the_sum_and_unknown_if_a_replica_is():
    changed = hostvars("healthy")
    changed["ch3"][REPLICA]["replicas"][0]["selects_total"] = None
    first, second = (shard["figures"] for shard in totals(situation(changed)))
    assert (first["selects_total"], second["selects_total"]) == (7300 + 7400, None)
    assert second["queries_running"] == 4


def test_a_share_needs_all_values():
    rows = [{"figures": {"x": value}} for value in (1, 3)]
    assert share(1, "x", rows) == 0.25
    assert share(1, "x", [*rows, {"figures": {"x": None}}]) is None
    assert share(0, "x", [{"figures": {"x": 0}}]) is None
