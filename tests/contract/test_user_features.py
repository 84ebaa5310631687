# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The feature table says about elements of users.xml what each engine shows."""

import pytest
from engines import EngineFailure

from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.features import has
from ansible_collections.zoohouse.cluster.plugins.module_utils.clickhouse.http import ClickHouseError

PASSWORD = "<password_sha256_hex>" + "0" * 64 + "</password_sha256_hex>"


def shown(table, condition, found="count() > 0"):
    return f"SELECT throwIf(not ({found})) FROM system.{table} WHERE {condition}"


def user(content, condition="1", login=PASSWORD):
    """A user that the engine shows with the condition. {name} stands for its name."""
    return f"<users><{{name}}>{login}{content}</{{name}}></users>", shown("users", f"name = '{{name}}' AND {condition}")


def login(content, condition):
    return user("", condition, login=content)


def grants(content, found):
    return user(content)[0], shown("grants", "user_name = '{name}'", found)


def profile(content, condition):
    fragment = f"<profiles><other/><{{name}}>{content}</{{name}}></profiles>"
    return fragment, shown("settings_profile_elements", f"profile_name = '{{name}}' AND {condition}")


def balanced(policy):
    return profile(f"<load_balancing>{policy}</load_balancing>", f"value = '{policy}'")


def limit(element):
    interval = f"<interval><duration>60</duration><{element}>7</{element}></interval>"
    fragment = f"<quotas><{{name}}>{interval}</{{name}}></quotas>"
    return fragment, shown("quota_limits", f"quota_name = '{{name}}' AND max_{element} = 7")


# A fragment of users.d, and a statement that succeeds with it where a feature is known.
USERS = {
    "users_double_sha1": login(
        f"<password_double_sha1_hex>{'0' * 40}</password_double_sha1_hex>",
        "toString(auth_type) LIKE '%double_sha1_password%'",
    ),
    "users_no_password": login("<no_password/>", "toString(auth_type) LIKE '%no_password%'"),
    "users_ldap": login("<ldap><server>s</server></ldap>", "toString(auth_type) LIKE '%ldap%'"),
    "users_kerberos": login("<kerberos/>", "toString(auth_type) LIKE '%kerberos%'"),
    "users_certificates": login(
        "<ssl_certificates><common_name>n</common_name></ssl_certificates>", "toString(auth_params) LIKE '%\"n\"%'"
    ),
    "users_certificate_alt_names": login(
        "<ssl_certificates><subject_alt_name>DNS:n</subject_alt_name></ssl_certificates>",
        "toString(auth_params) LIKE '%\"DNS:n\"%'",
    ),
    "users_several_methods": login(
        f"<auth_methods><m>{PASSWORD}</m><n>{PASSWORD}</n></auth_methods>",
        "toString(auth_type) LIKE '%sha256_password%,%sha256_password%'",
    ),
    "users_default_database": user("<default_database>d</default_database>", "default_database = 'd'"),
    "users_grants": grants("<grants><query>GRANT SELECT ON d.*</query></grants>", "count() = 1"),
    "users_named_collection_control": grants(
        "<named_collection_control>1</named_collection_control>",
        "has(groupArray(toString(access_type)), 'CREATE NAMED COLLECTION')"
        " OR has(groupArray(toString(access_type)), 'NAMED COLLECTION ADMIN')",
    ),
    "users_filters": (
        user("<databases><d><t><filter>x = 1</filter></t></d></databases>")[0],
        shown("row_policies", "short_name = '{name}' AND select_filter = 'x = 1'"),
    ),
    "profiles_constraints": profile("<constraints><max_threads><max>4</max></max_threads></constraints>", "max = '4'"),
    "profiles_several_parents": profile(
        "<profile>default</profile><profile>other</profile>", "inherit_profile = 'other'"
    ),
    "profiles_first_or_random": balanced("first_or_random"),
    "profiles_round_robin": balanced("round_robin"),
    "profiles_levenshtein_distance": balanced("hostname_levenshtein_distance"),
    "quotas_forwarded_ip": (
        "<quotas><{name}><keyed_by_forwarded_ip/></{name}></quotas>",
        shown("quotas", "name = '{name}' AND toString(keys) LIKE '%forwarded_ip_address%'"),
    ),
    "quotas_kinds_of_queries": limit("query_selects"),
    "quotas_written_bytes": limit("written_bytes"),
    "quotas_failed_authentications": limit("failed_sequential_authentications"),
}


def named(feature):
    return [text.replace("{name}", feature) for text in USERS[feature]]


@pytest.fixture(scope="session")
def knowing(version, started):
    """An engine with everything that the table says it knows."""
    return started(version, {f"users.d/{feature}.xml": named(feature)[0] for feature in USERS if has(version, feature)})


@pytest.mark.parametrize("feature", USERS)
def test_an_engine_understands_an_element_where_the_table_says(version, start, knowing, feature):
    fragment, statement = named(feature)
    if has(version, feature):
        knowing.query(statement)
        return
    with pytest.raises((EngineFailure, ClickHouseError)):
        start(version, {"users.d/a.xml": fragment}).query(statement)


def test_without_control_a_user_does_not_create_collections(version, start):
    fragment, statement = named("users_named_collection_control")
    engine = start(version, {"users.d/a.xml": fragment.replace(">1<", ">0<")})
    with pytest.raises(ClickHouseError):
        engine.query(statement)
