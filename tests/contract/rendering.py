# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of a replica, rendered from the templates, defaults and variables of the role as in a run."""

from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.zoohouse.cluster.plugins.module_utils.topology import build_topology
from ansible_collections.zoohouse.cluster.plugins.plugin_utils.config_tree import render_tree
from inventories import PASSWORDS

CHECKOUT = Path(__file__).resolve().parents[2]
ROLE = CHECKOUT / "roles" / "clickhouse"
LOADER = DataLoader()
# The directory of config.xml, as the role names it.
CONFIG = "/etc/clickhouse-server"


def load(path):
    return LOADER.load_from_file(str(path), trusted_as_template=True)


def version_variables(version):
    """What tells the role the version of the server: the only place that knows how."""
    return {"__clickhouse_version": version}


def variables_of(inventory, version):
    """The variables of the inventory's host, in the order of Ansible's precedence."""
    defaults = {
        name: value
        for role in ("topology", "clickhouse")
        for name, value in load(CHECKOUT / "roles" / role / "defaults" / "main.yml").items()
    }
    common = {**defaults, **PASSWORDS, **inventory.common}
    nodes = {"clickhouse_zookeeper_nodes": common["clickhouse_zookeeper_nodes"]}
    model = build_topology(
        {**inventory.members, **{host: {**nodes, **own} for host, own in inventory.replicas.items()}},
        list(inventory.members),
        list(inventory.replicas),
        cluster=common["topology_cluster"],
        shards=common["topology_shards"],
        allow_unsafe_size=common["topology_allow_unsafe_size"],
    )
    assert not model["validation_errors"], model["validation_errors"]
    return {
        # Nothing is deployed, unless an inventory says otherwise.
        "hostvars": {},
        **common,
        **inventory.replicas[inventory.host],
        **load(ROLE / "vars" / "main.yml"),
        **version_variables(version),
        "inventory_hostname": inventory.host,
        "topology_model": model,
        "__host_status": {"distribution": "debian-12"},
    }


def config_tree_arguments():
    """The arguments with which the role calls config_tree."""
    (task,) = load(ROLE / "tasks" / "configure.yml")
    return task["zoohouse.cluster.config_tree"]


def render(inventory, version):
    """Text by path of every file that the role writes on the inventory's host."""
    variables = variables_of(inventory, version)
    templar = Templar(LOADER, variables)
    return {
        f"{templar.template(tree['dest'])}/{relative}": text
        for tree in config_tree_arguments()["trees"]
        for relative, text in render_tree(LOADER, templar, str(ROLE / "templates" / tree["src"]), variables)
    }


def resolve(inventory, version, value):
    """A value of the role, with the templates in it, on the inventory's host."""
    return Templar(LOADER, variables_of(inventory, version)).template(value)


def evaluate(inventory, version, name):
    """The value of a variable on the inventory's host."""
    return resolve(inventory, version, trust_as_template("{{ " + name + " }}"))


def write(files, directory):
    """Writes the files of the configuration directory into another directory."""
    for path, text in files.items():
        if path.startswith(f"{CONFIG}/"):
            place = directory / path.removeprefix(f"{CONFIG}/")
            place.parent.mkdir(exist_ok=True)
            place.write_text(text)
