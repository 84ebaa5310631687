#!/usr/bin/python
# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: one znode, as it should be."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zookeeper_znode
short_description: Create, change or delete a znode
version_added: 0.1.0
description:
  - Converges on the bytes of the value; a second run changes nothing. Parents are created as empty znodes.
author:
  - Zoohouse contributors (@zoohouse)
extends_documentation_fragment:
  - zoohouse.cluster.zookeeper
options:
  path:
    description: Absolute path of the znode.
    type: str
    required: true
  state:
    description: Whether it should be there.
    type: str
    choices: [present, absent]
    default: present
  value:
    description:
      - What it should hold. Without it a znode that is there keeps what it holds, and a new one is empty.
    type: str
  value_encoding:
    description: How O(value) is written; V(base64) for values that are no text.
    type: str
    choices: [utf-8, base64]
    default: utf-8
  recursive:
    description: With O(state=absent), delete its children too. Without it, a znode with children is refused.
    type: bool
    default: false
requirements:
  - kazoo on the host that runs the module
attributes:
  check_mode:
    support: full
    description: It says what it would change.
  diff_mode:
    support: full
    description: It shows the value before and after.
"""

EXAMPLES = r"""
- name: Create a chroot
  zoohouse.cluster.zookeeper_znode:
    hosts: [zk1, zk2, zk3]
    path: /clickhouse/main

- name: Delete a subtree
  zoohouse.cluster.zookeeper_znode:
    hosts: [zk1, zk2, zk3]
    path: /scratch
    state: absent
    recursive: true
"""

RETURN = r"""
path:
  description: The path that was asked for.
  returned: always
  type: str
  sample: /clickhouse/main
created:
  description: Whether the znode was created (would be, in check mode).
  returned: when O(state=present)
  type: bool
  sample: true
version:
  description: Version of its data afterwards; -1 when it does not exist.
  returned: always
  type: int
  sample: 0
"""

import base64
import binascii
import traceback

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.zoohouse.cluster.plugins.module_utils.zookeeper.options import endpoints, zookeeper_options

try:
    from kazoo.client import KazooClient
    from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError, NotEmptyError
    from kazoo.handlers.threading import KazooTimeoutError

    KAZOO_ERROR = None
except ImportError:
    KAZOO_ERROR = traceback.format_exc()


def wanted_bytes(value: str | None, encoding: str) -> bytes | None:
    """Raises binascii.Error when a base64 value is not one."""
    if value is None:
        return None
    return base64.b64decode(value, validate=True) if encoding == "base64" else value.encode()


def shown(value: bytes | None) -> str:
    return "" if value is None else value.decode("utf-8", "backslashreplace") + "\n"


def converge(client, params: dict, value: bytes | None, dry: bool) -> dict:
    """Bring the znode to its state; returns the module's results."""
    path = params["path"]
    try:
        before, stat = client.get(path)
    except NoNodeError:
        before, stat = None, None
    result = {"path": path, "changed": False, "version": stat.version if stat else -1}
    if params["state"] == "absent":
        return absent(client, result, before, stat, params["recursive"], dry)
    result["created"] = before is None
    after = (before or b"") if value is None else value
    if before == after:
        return result
    result.update(changed=True, diff={"before_header": path, "before": shown(before), "after": shown(after)})
    if not dry:
        try:
            if stat is None:
                client.create(path, after, makepath=True)
                result["version"] = 0
            else:
                result["version"] = client.set(path, after, version=stat.version).version
        except NodeExistsError:
            return converge(client, params, value, dry)
    return result


def absent(client, result: dict, before: bytes | None, stat, recursive: bool, dry: bool) -> dict:
    if stat is None:
        return result
    if stat.numChildren and not recursive:
        raise NotEmptyError()
    result.update(
        changed=True, version=-1, diff={"before_header": result["path"], "before": shown(before), "after": ""}
    )
    if not dry:
        client.delete(result["path"], recursive=recursive)
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec=zookeeper_options(
            path={"type": "str", "required": True},
            state={"type": "str", "choices": ["present", "absent"], "default": "present"},
            value={"type": "str"},
            value_encoding={"type": "str", "choices": ["utf-8", "base64"], "default": "utf-8"},
            recursive={"type": "bool", "default": False},
        ),
        supports_check_mode=True,
    )
    path = module.params["path"]
    if KAZOO_ERROR:
        module.fail_json(msg=missing_required_lib("kazoo"), exception=KAZOO_ERROR)
    if not path.startswith("/") or "//" in path or path == "/" or f"{path}/".startswith("/zookeeper/"):
        module.fail_json(msg=f"path: found {path!r}, expected an absolute path below / and outside /zookeeper")
    try:
        value = wanted_bytes(module.params["value"], module.params["value_encoding"])
        asked = endpoints(module.params["hosts"])
    except (ValueError, binascii.Error) as error:
        module.fail_json(msg=str(error))
    client = KazooClient(
        hosts=",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in asked),
        timeout=10.0,
    )
    try:
        client.start(timeout=max(10.0, module.params["connect_timeout"] * len(asked)))
        result = converge(client, module.params, value, module.check_mode)
    except KazooTimeoutError:
        module.fail_json(msg=f"No session: none of {', '.join(module.params['hosts'])} serves clients.")
    except NotEmptyError:
        module.fail_json(msg=f"{path} has children, and recursive is false: nothing was deleted.")
    except KazooException as error:
        module.fail_json(msg=f"{path}: {type(error).__name__} {error}")
    finally:
        client.stop()
        client.close()
    module.exit_json(**result)


if __name__ == "__main__":
    main()
