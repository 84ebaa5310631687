# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""Variables of users, profiles and quotas, as every engine knows them."""

ACCESS = {
    "clickhouse_users": {
        "hashed": {
            "password": "<&>'\" ß",
            "networks": {"ip": ["10.0.0.0/8", "fd00::/8"], "host_regexp": ["^app[0-9]+[.]example[.]com$"]},
            "profile": "short",
            "quota": "hourly",
            "default_database": "demo",
            "allow_databases": ["demo", "other"],
        },
        "mysql": {"password": "open sesame", "password_type": "double_sha1"},
        "ready": {"password_sha256_hex": "AB" * 32, "networks": {"host": ["localhost"]}},
        "open": {"no_password": True, "networks": {"ip": ["127.0.0.1"]}},
        "corporate": {"ldap": {"server": "directory"}},
        "realm": {"kerberos": {"realm": "EXAMPLE.COM"}},
        "certified": {"ssl_certificates": {"common_name": ["a", "b"]}},
        "manager": {"password": "x", "access_management": True, "named_collection_control": True},
        "granted": {"password": "x", "grants": ["GRANT SELECT ON demo.*", "GRANT SHOW ON *.*"]},
        "filtered": {"password": "x", "filters": {"demo": {"hits": "site < 2 AND name != '&'"}}},
    },
    "clickhouse_profiles": {
        "default": {"profile": "short", "settings": {"max_threads": 3}},
        "base": {"settings": {"max_block_size": 4096, "max_execution_time": 20}},
        "short": {
            "profile": ["base"],
            "settings": {
                "max_execution_time": 10,
                "load_balancing": "nearest_hostname",
                "max_replica_delay_for_distributed_queries": 60,
                "fallback_to_stale_replicas_for_distributed_queries": False,
                "prefer_localhost_replica": False,
            },
            "constraints": {
                "max_execution_time": {"min": 1, "max": 30},
                "max_block_size": {"readonly": True},
                "max_threads": {"max": 8},
            },
        },
    },
    "clickhouse_quotas": {
        "default": {"intervals": [{"duration": 60, "queries": 0}]},
        "hourly": {
            "keyed_by": "ip",
            "intervals": [
                {"duration": 3600, "randomize": True, "queries": 100, "errors": 10, "result_rows": 1000},
                {"duration": 86400, "read_rows": 10000, "execution_time": 600, "query_inserts": 5},
            ],
        },
    },
}
