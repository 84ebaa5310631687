# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The files of the role balancer, as Ansible renders them, and what HAProxy, the updater and systemd say about them."""

import json
import re
import shutil
import subprocess

import pytest
import yaml
from helpers import CHECKOUT, inventory, run_ansible
from installed_balancer import VARIABLES

from ansible_collections.zoohouse.cluster.plugins.module_utils.balancer.settings import parse_settings

ROLE = CHECKOUT / "roles" / "balancer"
PLAY = """\
- hosts: balancer
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {{name: zoohouse.cluster.balancer, tasks_from: preflight, public: true}}
    - ansible.builtin.include_role:
        name: zoohouse.cluster.balancer
        tasks_from: configure
        apply: {{check_mode: true}}
    - ansible.builtin.copy:
        content: "{{{{ __balancer_tree.changed_paths | to_json }}}}"
        dest: "{directory}/{{{{ inventory_hostname }}}}.paths"
    - ansible.builtin.copy:
        content: "{{{{ lookup('ansible.builtin.template', '{role}/templates/' ~ item) }}}}"
        dest: "{directory}/{{{{ inventory_hostname }}}}.{{{{ item | basename }}}}"
      loop:
        - etc/balancer.json.j2
        - haproxy/haproxy.cfg.j2
        - sbin/zoohouse-balancer.j2
        - systemd/zoohouse-balancer.service.j2
"""


def play(directory, **variables):
    hosts = {**inventory(), "lb1": {"ansible_host": "10.0.0.31"}, "lb2": {"ansible_host": "10.0.0.32"}}
    groups = {
        group: {"hosts": {host: hosts[host] for host in hosts if host.startswith(prefix)}}
        for group, prefix in (("zookeeper", "zk"), ("clickhouse", "ch"), ("balancer", "lb"))
    }
    shared = {"discovery_enabled": True, "discovery_check_port": 9999, **variables}
    (directory / "hosts.json").write_text(json.dumps({"all": {"vars": shared, "children": groups}}))
    (directory / "play.yml").write_text(PLAY.format(role=ROLE, directory=directory))
    arguments = ("-i", str(directory / "hosts.json"), str(directory / "play.yml"))
    return run_ansible(directory, "ansible-playbook", *arguments, check=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The text of a rendered file of lb1, by name."""
    directory = tmp_path_factory.mktemp("balancer")
    extra = "frontend to_more\n    mode tcp\n    bind :9010\n    default_backend any_native\n"
    # As -e passes a number.
    done = play(directory, balancer_timeout="7200", balancer_write_policy="per_shard", balancer_extra_config=extra)
    assert done.returncode == 0, done.stdout
    return lambda name: (directory / f"lb1.{name}").read_text()


def test_haproxy_accepts_its_file(files, tmp_path):
    (tmp_path / "haproxy.cfg").write_text(files("haproxy.cfg.j2"))
    done = subprocess.run(
        ["haproxy", "-c", "-f", str(tmp_path / "haproxy.cfg")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    # The states of an earlier HAProxy, which are not there yet.
    assert [line for line in done.stderr.splitlines() if "WARNING" in line and "server state file" not in line] == []


def test_haproxy_has_all_replicas_ports_and_balancers(files):
    text = files("haproxy.cfg.j2")
    shard = text.partition("\nbackend shard_02_native\n")[2].partition("\n\n")[0]
    assert re.findall(r"server (\S+) (\S+) port (\d+) agent-port (\d+)", shard) == [
        ("ch3", "10.0.0.23:9000", "8123", "9999"),
        ("ch4", "10.0.0.24:9000", "8123", "9999"),
    ]
    ports = {int(port) for port in re.findall(r"bind \*:(\d+)", text)}
    assert ports == {8123, 9000, 8201, 8202, 9201, 9202, 8301, 8302, 9301, 9302}
    assert "server lb2 10.0.0.32:8406" in text and "localpeer lb1" in text
    assert "timeout server 7200s" in text


def test_the_updater_accepts_its_file(files):
    settings = parse_settings(files("balancer.json.j2"))
    assert settings.path == "/zoohouse/main"
    assert settings.zookeeper == ["zk1:2181", "zk2:2181", "zk3:2181"]
    shards = {backend["name"]: (backend["shard"], backend["hosts"]) for backend in settings.backends}
    assert shards["write_02_http"] == ("02", ["ch3", "ch4"])
    assert shards["any_native"] == ("", ["ch1", "ch2", "ch3", "ch4"])


def test_all_files_of_the_updater_are_installed(files):
    library = "/usr/local/lib/zoohouse/zoohouse_balancer"
    modules = (CHECKOUT / "plugins" / "module_utils" / "balancer").glob("*.py")
    expected = {f"{library}/balancer/{path.name}" for path in modules}
    expected |= {f"{library}/discovery/{name}.py" for name in ("__init__", "entry", "states")}
    expected |= {"/etc/zoohouse/balancer.json", "/usr/local/sbin/zoohouse-balancer", "/etc/haproxy/haproxy.cfg"}
    expected |= {"/etc/systemd/system/zoohouse-balancer.service"}
    paths = json.loads(files("paths"))
    assert {path for path in paths if "." in path or path.endswith("zoohouse-balancer")} == expected


def test_the_command_is_that_of_the_unit(files):
    variables = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    library = variables["__balancer_library"]
    assert f'"{library.rpartition("/")[0]}"' in files("zoohouse-balancer.j2")
    assert f"from {library.rpartition('/')[2]}.balancer.command" in files("zoohouse-balancer.j2")
    unit = files("zoohouse-balancer.service.j2")
    assert f"ExecStart={variables['__balancer_command']} run\n" in unit
    settings = parse_settings(files("balancer.json.j2"))
    directory = f"/run/{re.search('RuntimeDirectory=(.+)', unit)[1]}"
    assert settings.runtime_dir == directory and settings.state_file.startswith(f"{directory}/")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_knows_every_line_of_the_unit(files, tmp_path):
    text = files("zoohouse-balancer.service.j2")
    # A command and a user that exist here.
    text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text).replace("=zoohouse-balancer\n", "=daemon\n")
    (tmp_path / "zoohouse-balancer.service").write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "zoohouse-balancer.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "zoohouse-balancer.service" in line] == []


def test_wrong_variables_are_validation_errors(tmp_path):
    done = play(tmp_path, balancer_http_port=9000, discovery_enabled=False, balancer_stats_port=70000)
    assert done.returncode != 0 and "no host was changed" in done.stdout
    assert "balancer_native_port: found 9000, which is a port of balancer_http_port" in done.stdout
    assert "balancer_stats_port: found 70000, expected a port from 1 to 65535" in done.stdout
    assert "ch1: discovery_enabled: found false, expected true" in done.stdout


def test_the_tests_use_the_defaults_of_the_role():
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    expected = {name.removeprefix("balancer_"): value for name, value in defaults.items()}
    ours = {**VARIABLES, "listen_address": "*"}
    assert {name: ours[name] for name in ours if name in expected} == {
        name: value for name, value in expected.items() if name not in ("group", "health_check_timeout")
    }
