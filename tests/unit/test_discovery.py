# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of the role discovery, as Ansible renders them, and what the agent and systemd say about them."""

import json
import re
import shutil
import subprocess
from dataclasses import fields

import pytest
import yaml
from helpers import CHECKOUT, inventory, run_ansible

from ansible_collections.zoohouse.cluster.plugins.module_utils.discovery.settings import Settings, parse_settings
from ansible_collections.zoohouse.cluster.plugins.module_utils.registry.variables import TUNED

ROLE = CHECKOUT / "roles" / "discovery"
PLAY = """\
- hosts: clickhouse
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {{name: zoohouse.cluster.discovery, tasks_from: preflight, public: true}}
    - ansible.builtin.include_role:
        name: zoohouse.cluster.discovery
        tasks_from: configure
        apply: {{check_mode: true}}
    - ansible.builtin.copy:
        content: "{{{{ __discovery_config.changed_paths | to_json }}}}"
        dest: "{directory}/{{{{ inventory_hostname }}}}.paths"
    - ansible.builtin.copy:
        content: "{{{{ lookup('ansible.builtin.template', '{role}/templates/' ~ item) }}}}"
        dest: "{directory}/{{{{ inventory_hostname }}}}.{{{{ item | basename }}}}"
      loop: [etc/discovery.json.j2, systemd/zoohouse-agent.service.j2, sbin/zoohouse-agent.j2]
"""


def play(directory, **variables):
    hosts = inventory()
    groups = {
        group: {"hosts": {host: hosts[host] for host in hosts if host.startswith(prefix)}}
        for group, prefix in (("zookeeper", "zk"), ("clickhouse", "ch"))
    }
    shared = {"clickhouse_cluster_password": 'se"cret', **variables}
    (directory / "hosts.json").write_text(json.dumps({"all": {"vars": shared, "children": groups}}))
    (directory / "play.yml").write_text(PLAY.format(role=ROLE, directory=directory))
    arguments = ("-i", str(directory / "hosts.json"), str(directory / "play.yml"))
    return run_ansible(directory, "ansible-playbook", *arguments, check=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The text of a rendered file of ch2, by name."""
    directory = tmp_path_factory.mktemp("discovery")
    # As -e passes them.
    done = play(directory, discovery_weight="50", discovery_agent='{"max_delay": 60}')
    assert done.returncode == 0, done.stdout
    return lambda name: (directory / f"ch2.{name}").read_text()


def test_the_agent_accepts_its_file(files):
    settings = parse_settings(files("discovery.json.j2"))
    assert settings.path == "/zoohouse/main/01/ch2"
    assert (settings.weight, settings.max_delay, settings.timeout) == (50, 60, 2)
    assert (settings.login_user, settings.login_password) == ("cluster", 'se"cret')


def test_all_files_of_the_agent_are_installed(files):
    """And nothing else, such as what Python compiles."""
    library = "/usr/local/lib/zoohouse/zoohouse_agent"
    modules = (CHECKOUT / "plugins" / "module_utils" / "discovery").glob("*.py")
    expected = {f"{library}/discovery/{path.name}" for path in modules} | {f"{library}/clickhouse/http.py"}
    expected |= {"/etc/zoohouse/discovery.json", "/usr/local/sbin/zoohouse-agent"}
    expected |= {"/etc/systemd/system/zoohouse-agent.service"}
    paths = json.loads(files("paths"))
    assert {path for path in paths if "." in path or path.endswith("zoohouse-agent")} == expected


def test_the_command_is_that_of_the_unit(files):
    variables = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    library = variables["__discovery_library"]
    assert f'"{library.rpartition("/")[0]}"' in files("zoohouse-agent.j2")
    assert f"from {library.rpartition('/')[2]}.discovery.command" in files("zoohouse-agent.j2")
    assert f"ExecStart={variables['__discovery_command']} run\n" in files("zoohouse-agent.service.j2")
    assert "Group=zoohouse-agent\n" in files("zoohouse-agent.service.j2")
    for place in ("/run", "/var/lib"):
        name = "runtime_dir" if place == "/run" else "state_dir"
        directory = next(item.default for item in fields(Settings) if item.name == name)
        assert directory == f"{place}/zoohouse-discovery"
    assert files("zoohouse-agent.service.j2").count("Directory=zoohouse-discovery\n") == 2


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_knows_every_line_of_the_unit(files, tmp_path):
    text = files("zoohouse-agent.service.j2")
    # A command and a user that exist here.
    text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text).replace("=zoohouse-agent\n", "=daemon\n")
    (tmp_path / "zoohouse-agent.service").write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "zoohouse-agent.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "zoohouse-agent.service" in line] == []


def test_wrong_variables_are_validation_errors(tmp_path):
    done = play(tmp_path, discovery_check_port=9000, discovery_agent={"fal": 1})
    assert done.returncode != 0
    assert "discovery_check_port: found 9000, which is the tcp port of ClickHouse" in done.stdout
    assert "discovery_agent.fal: found an unknown key" in done.stdout
    assert 'se\\"cret' not in done.stdout and "no host was changed" in done.stdout


def test_every_setting_is_documented_with_its_default():
    text = (CHECKOUT / "docs" / "discovery.md").read_text().partition("## Settings of the agent")[2]
    rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", text, re.MULTILINE)
    defaults = parse_settings(json.dumps(MINIMAL))
    assert {name: json.loads(value) for name, value in rows} == {name: getattr(defaults, name) for name in TUNED}


MINIMAL = {
    "cluster": "main",
    "shard": "01",
    "replica": "ch1",
    "host": "ch1",
    "addresses": ["ch1"],
    "ports": {"http": 8123, "tcp": 9000, "interserver": 9009, "check": 9180},
    "zookeeper": ["zk1:2181"],
    "login_user": "",
    "login_password": "",
}
