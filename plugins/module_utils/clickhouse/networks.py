# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Networks in a form that every ClickHouse version understands."""

from __future__ import annotations

import ipaddress


def network_pattern(text: str) -> str:
    """An address or a network for <ip>; empty when the text is neither.

    IPv4 networks get a netmask: 18.16 reads 10.0.0.0/8 as a prefix of the mapped IPv6 address, which every IPv4 address
    has, and lets everyone in.
    """
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return ""
    if network.prefixlen == network.max_prefixlen:
        return str(network.network_address)
    return network.with_netmask if network.version == 4 else network.with_prefixlen
