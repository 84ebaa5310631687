# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""How the status of members is read; the argument spec is zookeeper/transport.py."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tls:
    description:
      - Send four-letter words over TLS. The ports of O(hosts) are then those of C(secureClientPort), or client ports
        with C(client.portUnification).
    type: bool
    default: false
  tls_ca_file:
    description:
      - Certificates of the authorities that sign the certificates of the members, as PEM, on the host that the module
        runs on. Without it, those that the host trusts.
    type: path
  tls_cert_file:
    description:
      - Certificate that the module presents, as PEM, on the host that the module runs on. ZooKeeper requires one unless
        C(ssl.clientAuth) is C(none) or C(want).
    type: path
  tls_key_file:
    description:
      - Key of O(tls_cert_file), as PEM without a password. Without it, O(tls_cert_file) has the key too.
    type: path
  tls_check_hostname:
    description:
      - Whether the certificate of a member must be valid for its name or address in O(hosts).
    type: bool
    default: true
"""
