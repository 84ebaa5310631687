# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The action plugin, run by ansible-playbook in check mode, which writes nothing anywhere."""

import json

import pytest
from helpers import run_ansible

PLAYBOOK = """\
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    members: [zk1, zk2]
    password: open sesame
    wanted: false
  tasks:
    - zoohouse.cluster.config_tree:
        name: unit-test-of-zoohouse
        trees:
          - {src: config, dest: DEST, mode: "0640"}
          - {src: code, dest: DEST/code, plain_files: "*.py"}
        secret_paths: ["*/secret.xml"]
      register: tree
    - ansible.builtin.copy:
        content: "{{ {'tree': tree} | to_json }}"
        dest: RESULT
        mode: "0600"
      check_mode: false
"""

# As they are: with what would be a template, and without a line of its own at the end.
CODE = {"a.py": "# {{ members }}", "b.py": "", "c.txt": "not wanted", "deeper/d.py": "not wanted"}
TEMPLATES = {
    "zoo.cfg.j2": "{% for member in members %}\n  {% if true %}\n{{ member }}\n  {% endif %}\n{% endfor %}\n",
    "users.d/secret.xml.j2": "{{ password }}",
    "users.d/unwanted.xml.j2": "{% if wanted %}\n<x/>\n{% endif %}\n",
    "empty.xml": "\n",
    "plain.txt": "{{ not a template }}\n",
    "included.xml.j2": "{% include 'part.inc' %}\n",
    "joined.txt.j2": "{{ members | join('\\n') }}\n",
}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    place = tmp_path_factory.mktemp("play")
    for name, text in TEMPLATES.items():
        path = place / "templates" / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, text in CODE.items():
        path = place / "templates" / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (place / "templates" / "part.inc").write_text("{{ members | last }}")
    result = place / "result.json"
    (place / "play.yml").write_text(
        PLAYBOOK.replace("DEST", str(place / "etc")).replace("RESULT", str(result)), encoding="utf-8"
    )
    done = run_ansible(place, "ansible-playbook", "-i", "localhost,", "--check", "--diff", str(place / "play.yml"))
    return {**json.loads(result.read_text()), "place": place, "output": done.stdout + done.stderr}


def rendered(result):
    return {item["after_header"].partition("/etc/")[2]: item["after"] for item in result["tree"]["diff"]}


def test_every_template_is_rendered_and_the_suffix_is_gone(result):
    assert rendered(result)["zoo.cfg"] == "zk1\nzk2\n"
    assert {"zoo.cfg", "users.d/secret.xml", "included.xml", "joined.txt"} <= set(rendered(result))


def test_a_file_that_is_empty_creates_no_file(result):
    assert "empty.xml" not in rendered(result)


def test_a_template_that_renders_to_nothing_creates_no_file(result):
    assert "users.d/unwanted.xml" not in rendered(result)


def test_a_backslash_means_what_it_means_to_the_template_module(result):
    assert rendered(result)["joined.txt"] == "zk1\nzk2\n"


def test_a_file_without_the_suffix_is_left_out(result):
    assert "plain.txt" not in rendered(result)


def test_a_template_may_include_what_lies_beside_its_tree(result):
    assert rendered(result)["included.xml"] == "zk2\n"


def test_plain_files_are_sent_as_they_are(result):
    code = {name: text for name, text in rendered(result).items() if name.startswith("code/")}
    assert code == {f"code/{name}": CODE[name] for name in ("a.py", "b.py")}


def test_a_secret_is_nowhere_in_the_output(result):
    assert "sesame" not in result["output"]
    assert "sesame" not in json.dumps(result["tree"])
    assert rendered(result)["users.d/secret.xml"].startswith("(secret, ")


def test_check_mode_reports_and_writes_nothing(result):
    assert result["tree"]["changed"] is True
    assert result["tree"]["changed_paths"] == [item["after_header"] for item in result["tree"]["diff"]]
    assert not (result["place"] / "etc").exists()


@pytest.mark.parametrize(
    ("trees", "words"),
    [
        ("[{src: config}]", "trees: each entry needs src and dest"),
        ("[{src: config, dest: /x}, {src: config, dest: /x}]", "two templates render the same file: /x/zoo.cfg"),
    ],
)
def test_invalid_trees_are_errors(tmp_path, trees, words):
    (tmp_path / "templates" / "config").mkdir(parents=True)
    (tmp_path / "templates" / "config" / "zoo.cfg.j2").write_text("x\n")
    play = "".join(line for line in PLAYBOOK.splitlines(True) if "{src:" not in line)
    (tmp_path / "play.yml").write_text(play.replace("trees:\n", f"trees: {trees}\n"))
    done = run_ansible(
        tmp_path, "ansible-playbook", "-i", "localhost,", "--check", str(tmp_path / "play.yml"), check=False
    )
    assert done.returncode != 0
    assert words in done.stdout + done.stderr
