# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""What ansible-doc says of a module or filter is what its code takes."""

import importlib
import inspect
import json

import pytest
from helpers import CHECKOUT, run_ansible

MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("[a-z]*.py"))
FILTERS = sorted(path.stem for path in (CHECKOUT / "plugins" / "filter").glob("*.yml"))
PLUGINS = "ansible_collections.zoohouse.cluster.plugins"
# Options that an action plugin takes away before the module sees them.
BY_ACTION = {"config_tree": {"trees"}}


@pytest.fixture(scope="module")
def documented(tmp_path_factory):
    """Asks ansible-doc once for all plugins of a kind."""
    asked = {}

    def ask(kind, name):
        if kind not in asked:
            names = [f"zoohouse.cluster.{one}" for one in (MODULES if kind == "module" else FILTERS)]
            asked[kind] = run_ansible(
                tmp_path_factory.mktemp("doc"), "ansible-doc", "--json", "-t", kind, *names
            ).stdout
        return json.loads(asked[kind])[f"zoohouse.cluster.{name}"]

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
    told = plain(documented("module", name)["doc"]["options"], "suboptions")
    taken = plain(argument_spec(monkeypatch, name)["argument_spec"], "options")
    assert {option: facts for option, facts in told.items() if option not in BY_ACTION.get(name, ())} == taken


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_documented_in_full(documented, monkeypatch, name):
    told = documented("module", name)
    assert told["examples"] and told["return"]
    assert told["doc"]["attributes"]["check_mode"]["support"] in ("full", "partial")
    assert argument_spec(monkeypatch, name)["supports_check_mode"] is True
    for key, value in told["return"].items():
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
    assert {one.name for one in taken} == set(options)
    for one in taken:
        required = one.default is inspect.Parameter.empty
        assert options[one.name].get("required", False) is required, one.name
        assert options[one.name].get("default") == (None if required else one.default), one.name
    positional = [part.strip() for part in doc.get("positional", "").split(",") if part.strip()]
    assert positional == [one.name for one in taken if one.default is inspect.Parameter.empty]
