# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The picture of the topology: which box is where. The template of the page draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.zoohouse.cluster.plugins.module_utils.report.questions import UNKNOWN, hosts_with

# Units of the picture, which are pixels at its natural width.
BOX_WIDTH = 158
BOX_HEIGHT = 74
GAP = 10
TITLE = 26
BETWEEN = 34
NAME_LENGTH = 19


@dataclass(frozen=True)
class Box:
    """A member or a replica. lines: what is written below its name."""

    x: int
    y: int
    name: str
    severity: str
    lines: tuple[str, ...]
    leads: bool = False

    @property
    def short_name(self) -> str:
        return shorten(self.name)


@dataclass(frozen=True)
class Frame:
    """The ensemble or a shard."""

    x: int
    y: int
    width: int
    height: int
    title: str
    severity: str
    boxes: tuple[Box, ...] = ()


@dataclass
class Picture:
    width: int
    height: int = 0
    frames: list[Frame] = field(default_factory=list)
    # Where the line between ensemble and cluster starts and ends; its text.
    link: tuple[int, int] = (0, 0)
    link_x: int = 0
    link_text: str = ""
    link_severity: str = "unknown"


def shorten(text: str, length: int = NAME_LENGTH) -> str:
    return text if len(text) <= length else text[: length - 1] + "\u2026"


def draw(report: Mapping[str, Any], width: int, unknown: str = "unknown") -> Picture:
    """The ensemble above, the shards below it, as many beside each other as fit into the width."""
    picture = Picture(width)
    leader = report["ensemble"]["leader"]
    members = [_member(row, leader, unknown) for row in report["ensemble"]["members"]]
    title = f"Ensemble \u00b7 leader {leader or _no_leader(report) or unknown}"
    y = 0
    if members:
        y = _row(picture, [(title, report["ensemble"]["severity"], members)], y)
    shards = [
        (f"Shard {shard['name']}", shard["severity"], [_replica(row, unknown) for row in shard["replicas"]])
        for shard in report["cluster"]["shards"]
    ]
    if members and shards:
        # Beside the middle, so that the text has room in a narrow picture.
        picture.link_x = width // 8
        picture.link = (y - GAP, y - GAP + BETWEEN)
        picture.link_severity, picture.link_text = _link(report)
        y = picture.link[1]
    row: list[tuple[str, str, list[dict]]] = []
    for shard in shards:
        if row and _width([*row, shard]) > width:
            y, row = _row(picture, row, y), []
        row.append(shard)
    if row:
        y = _row(picture, row, y)
    picture.height = max(0, y - GAP)
    return picture


def _no_leader(report: Mapping[str, Any]) -> str:
    """What was found instead of one leader: none, or several."""
    return next((str(item["found"]) for item in report["findings"] if item["check"] == "one_leader"), "")


def _link(report: Mapping[str, Any]) -> tuple[str, str]:
    replicas = sum(len(shard["replicas"]) for shard in report["cluster"]["shards"])
    count, severity = hosts_with(report["findings"], "session")
    text = "sessions unknown" if severity == UNKNOWN else f"{count} of {replicas} replicas have a session"
    return severity, text


def _figure(value: Any, unit: str, unknown: str) -> str:
    return unknown if value is None else f"{value:g}{unit}"


def _member(row: Mapping[str, Any], leader: str | None, unknown: str) -> dict:
    figures = row["figures"]
    mode = figures["mode"] or "mode unknown"
    lines = (
        f"{mode} {figures['version'] or ''}".strip(),
        f"latency {_figure(figures['avg_latency'], ' ms', unknown)}",
    )
    return {
        "name": row["host"],
        "severity": row["severity"],
        "lines": lines,
        "leads": mode == "leader" or row["host"] == leader,
    }


def _replica(row: Mapping[str, Any], unknown: str) -> dict:
    figures = row["figures"]
    lines = (
        f"lag {_figure(figures['max_delay_s'], ' s', unknown)}",
        f"queue {_figure(figures['queue_size'], '', unknown)}"
        + (f" \u00b7 {figures['readonly_tables']:g} readonly" if figures["readonly_tables"] else ""),
    )
    return {"name": row["host"], "severity": row["severity"], "lines": lines}


def _columns(boxes: int, width: int) -> int:
    return max(1, min(boxes, (width - GAP) // (BOX_WIDTH + GAP)))


def _width(frames: Sequence[tuple]) -> int:
    return sum(len(boxes) * (BOX_WIDTH + GAP) + 2 * GAP for _title, _severity, boxes in frames) - GAP


def _row(picture: Picture, frames: Sequence[tuple[str, str, list[dict]]], y: int) -> int:
    """Draws frames beside each other in the full width; returns where the next row starts."""
    spare = picture.width - _width(frames)
    x, bottom = 0, y
    for number, (title, severity, boxes) in enumerate(frames):
        natural = len(boxes) * (BOX_WIDTH + GAP) + GAP
        width = picture.width - x if number == len(frames) - 1 else natural + max(0, spare) // len(frames)
        columns = _columns(len(boxes), width)
        lines = -(-len(boxes) // columns)
        # The boxes stand in the middle of the frame.
        left = x + (width - columns * (BOX_WIDTH + GAP) + GAP) // 2
        placed = tuple(
            Box(
                left + index % columns * (BOX_WIDTH + GAP),
                y + TITLE + index // columns * (BOX_HEIGHT + GAP),
                **box,
            )
            for index, box in enumerate(boxes)
        )
        height = TITLE + lines * (BOX_HEIGHT + GAP)
        title = shorten(title, max(8, width // 9 - 10))
        picture.frames.append(Frame(x, y, width, height, title, severity, placed))
        x += width + GAP
        bottom = max(bottom, y + height)
    # Frames of one row have one height.
    picture.frames[-len(frames) :] = [
        Frame(item.x, item.y, item.width, bottom - y, item.title, item.severity, item.boxes)
        for item in picture.frames[-len(frames) :]
    ]
    return bottom + GAP
