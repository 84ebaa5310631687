# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The documentation of modules and filters agrees with their code."""

import importlib
import inspect
import json

import pytest
from helpers import CHECKOUT, run_ansible

MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("[a-z]*.py"))
FILTERS = sorted(path.stem for path in (CHECKOUT / "plugins" / "filter").glob("*.yml"))
PLUGINS = "ansible_collections.zoohouse.cluster.plugins"


@pytest.fixture(scope="module")
def documented(tmp_path_factory):
    """Asks ansible-doc once for all plugins of a kind."""
    answers = {}

    def ask(kind, name):
        if kind not in answers:
            names = [f"zoohouse.cluster.{item}" for item in (MODULES if kind == "module" else FILTERS)]
            answers[kind] = run_ansible(
                tmp_path_factory.mktemp("doc"), "ansible-doc", "--json", "-t", kind, *names
            ).stdout
        return json.loads(answers[kind])[f"zoohouse.cluster.{name}"]

    return ask


class Spec(Exception):
    """Carries what a module hands to AnsibleModule."""


def argument_spec(monkeypatch, name):
    module = importlib.import_module(f"{PLUGINS}.modules.{name}")

    def take(**arguments):
        raise Spec(arguments)

    monkeypatch.setattr(module, "AnsibleModule", take)
    with pytest.raises(Spec) as taken:
        module.main()
    return taken.value.args[0]


def plain(options, suboptions):
    """Options as comparable facts: type, elements, required, default, choices, and the same of their suboptions."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": option.get("required", False),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "options": plain(option.get(suboptions) or {}, suboptions),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("name", MODULES)
def test_a_module_takes_what_is_documented(documented, monkeypatch, name):
    result = plain(documented("module", name)["doc"]["options"], "suboptions")
    taken = plain(argument_spec(monkeypatch, name)["argument_spec"], "options")
    assert result == taken


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_documented_in_full(documented, monkeypatch, name):
    result = documented("module", name)
    assert result["examples"] and result["return"]
    assert result["doc"]["attributes"]["check_mode"]["support"] in ("full", "partial")
    assert argument_spec(monkeypatch, name)["supports_check_mode"] is True
    for key, value in result["return"].items():
        assert {"description", "returned", "type"} <= set(value), key
        assert "sample" in value or "contains" in value, key


def filters():
    """The filters of all files, by name."""
    found = {}
    for path in sorted((CHECKOUT / "plugins" / "filter").glob("[a-z]*.py")):
        found.update(importlib.import_module(f"{PLUGINS}.filter.{path.stem}").FilterModule().filters())
    return found


def test_every_filter_is_documented():
    assert sorted(filters()) == FILTERS


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_takes_what_is_documented(documented, name):
    doc = documented("filter", name)["doc"]
    options = {option: facts for option, facts in doc["options"].items() if option != "_input"}
    _input, *taken = inspect.signature(filters()[name]).parameters.values()
    assert {item.name for item in taken} == set(options)
    for item in taken:
        required = item.default is inspect.Parameter.empty
        assert options[item.name].get("required", False) is required, item.name
        assert options[item.name].get("default") == (None if required else item.default), item.name
    positional = [part.strip() for part in doc.get("positional", "").split(",") if part.strip()]
    assert positional == [item.name for item in taken if item.default is inspect.Parameter.empty]
