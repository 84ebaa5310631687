"""What the report says of a fault that several tests make."""

from __future__ import annotations


def down(host: str, peer: str) -> list[tuple[str, str, str]]:
    """The problems of a replica that does not answer, in the eyes of its host, of its peer and of the layout."""
    return [
        ("critical", host, "ping"),
        ("critical", f"{peer} demo.hits", "active_replicas"),
        ("critical", host, "servers"),
        ("critical", host, "is_active"),
    ]
