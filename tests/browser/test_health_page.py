# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""health.html in a real browser: on a screen, on a phone, in the dark and printed."""

import re

import pytest
from reports import MEMBERS, REPLICAS, SITUATIONS, report

from ansible_collections.zoohouse.cluster.plugins.plugin_utils.report.page import render_html

# Name: width, height, colour scheme.
VIEWS = {"light": (1280, 900, "light"), "dark": (1280, 900, "dark"), "phone": (390, 844, "light")}
VISIBLE = "[...document.querySelectorAll('svg')].find(item => item.getBoundingClientRect().width > 0)"

# Texts of the picture that do not fit.
OUTSIDE = f"""(() => {{
    const svg = {VISIBLE};
    const right = item => item.getBoundingClientRect().right;
    return [...svg.querySelectorAll('text')].filter(text => {{
        const node = text.closest('.node');
        return right(text) > right(node ? node.querySelector('rect') : svg) + 1;
    }}).map(text => text.textContent);
}})()"""


@pytest.fixture(scope="module", params=SITUATIONS)
def page(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "health.html"
    path.write_text(render_html(report(request.param)), encoding="utf-8")
    return request.param, path


@pytest.fixture(params=VIEWS)
def opened(request, browser, page, pictures):
    """The situation, the view and the browser that shows the page."""
    name, path = page
    width, height, scheme = VIEWS[request.param]
    browser.open(path, width, height, scheme)
    height = browser.evaluate("document.documentElement.scrollHeight")
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    browser.screenshot(pictures / f"{name}-{request.param}.png")
    return name, request.param, browser


def test_the_page_shows_the_report(opened):
    name, _view, browser = opened
    assert browser.errors() == []
    assert [url for url in browser.requests() if not url.startswith(("file:", "data:"))] == []
    assert browser.evaluate("document.querySelectorAll('script').length") == 0
    result = report(name)
    text = browser.evaluate("document.body.innerText")
    problems = [item for item in result["findings"] if item["severity"] != "ok"]
    assert browser.evaluate("document.querySelectorAll('.findings > li').length") == len(problems)
    for item in problems if name != "hostile" else ():
        assert item["subject"] in text and item["found"] in text and item["hint"] in text
    for question in result["questions"]:
        assert question["title"] in text
    # Nothing is cut off at the right, and all text is large enough to read.
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    drawn = browser.evaluate(f"[...{VISIBLE}.querySelectorAll('.node')].map(node => node.textContent)")
    for host in MEMBERS + REPLICAS:
        assert any(host in text for text in drawn), host
    assert browser.evaluate(OUTSIDE) == [], "a text is wider than the picture or its box"
    assert browser.evaluate(f"{VISIBLE}.querySelector('.node .name').getBoundingClientRect().height") >= 11


def test_text_can_be_read_on_its_background(opened):
    """The contrast of WCAG level AA: 4.5."""
    _name, _view, browser = opened
    measured = browser.evaluate(
        """(() => {
        const luminance = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map(value => {
            value /= 255; return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        const behind = item => { for (; item; item = item.parentElement) {
            const colour = getComputedStyle(item).backgroundColor;
            if (colour !== 'rgba(0, 0, 0, 0)') return colour; } };
        return [...document.querySelectorAll('main *:not(svg *)')].filter(item => item.innerText).map(item => {
            const [high, low] = [getComputedStyle(item).color, behind(item)].map(luminance).sort((a, b) => b - a);
            return (high + 0.05) / (low + 0.05); });
        })()"""
    )
    assert len(measured) > 20 and min(measured) >= 4.5


def test_the_dark_page_is_dark(browser, page):
    _name, path = page
    colours = []
    for scheme in ("light", "dark"):
        browser.open(path, 1280, scheme=scheme)
        colours.append(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    light, dark = (sum(int(part) for part in re.findall(r"\d+", colour)[:3]) for colour in colours)
    assert light > 700 and dark < 120


def test_the_page_can_be_printed(browser, page, pictures):
    name, path = page
    browser.open(path, 1280, scheme="dark")
    pdf = browser.pdf()
    (pictures / f"{name}.pdf").write_bytes(pdf)
    assert pdf.startswith(b"%PDF") and 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 4
    browser.open(path, 794, 1123, scheme="dark", media="print")
    browser.screenshot(pictures / f"{name}-print.png")
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the paper"


def test_hostile_text_stays_text(browser, tmp_path):
    path = tmp_path / "health.html"
    path.write_text(render_html(report("hostile")), encoding="utf-8")
    browser.open(path, 1280)
    assert browser.errors() == []
    text = browser.evaluate("document.body.innerText")
    assert "<script>alert('x')</script>" in text and "{{ 7 * 7 }}" in text
    assert browser.evaluate("document.querySelectorAll('script, main img, main iframe').length") == 0


def test_errors_and_requests_would_be_seen(browser, tmp_path):
    path = tmp_path / "broken.html"
    path.write_text("<img src='missing.png'><script>console.error('logged'); undefined_name()</script>")
    browser.open(path, 400)
    text = " ".join(browser.errors())
    assert "logged" in text and "undefined_name is not defined" in text
    assert any(url.endswith("missing.png") for url in browser.requests())
