"""The modules as a playbook uses them, on real servers."""

import json

from kazoo.security import READ_ACL_UNSAFE, make_digest_acl

HOSTS = "zk1,zk2,zk3"


def module(lab, host, name, *options, **arguments):
    """(whether it succeeded, its results) of one module on one host, as ansible prints them."""
    text = json.dumps(arguments)
    command = ["ansible", host, "-m", f"zoohouse.cluster.{name}", "-a", text, *options]
    done = lab.ansible(*command, ANSIBLE_CALLBACK_RESULT_FORMAT="json")
    head, _, body = done.stdout.partition("=>")
    assert body, done.stdout + done.stderr
    result = json.JSONDecoder().raw_decode(body.strip())[0]
    return "SUCCESS" in head or "CHANGED" in head, result | {"printed": done.stdout}


def test_info_returns_the_leader_and_the_restart_order(lab):
    success, result = module(lab, "zk1", "zookeeper_info", hosts=HOSTS)
    assert success
    assert result["leader"] == lab.leader() == result["restart_order"][-1]
    assert {member["server_id"] for member in result["members"]} == {1, 2, 3}
    assert {member["version"] for member in result["members"]} == {"3.8.0"}


def test_info_does_not_fail_on_a_member_that_is_down(lab):
    success, result = module(lab, "zk1", "zookeeper_info", hosts="zk1,ch1", connect_timeout=1)
    assert success
    assert [member["reachable"] for member in result["members"]] == [True, False]


def test_health_names_the_member_that_does_not_answer(lab):
    success, result = module(lab, "zk1", "zookeeper_health", hosts=f"{HOSTS},ch1", timeout=0)
    assert not success and not result["healthy"]
    assert [finding["subject"] for finding in result["findings"] if finding["check"] == "serving"] == [
        "zk1",
        "zk2",
        "zk3",
        "ch1",
    ]
    assert "- ch1: serving: found no answer" in result["msg"]


def test_a_znode_converges(lab):
    znode = {"hosts": HOSTS, "path": "/test/modules/one", "value": "a"}
    assert module(lab, "zk1", "zookeeper_znode", "--check", **znode)[1]["changed"]
    with lab.zookeeper("zk2") as client:
        assert not client.exists("/test/modules/one")
    assert module(lab, "zk1", "zookeeper_znode", **znode)[1]["changed"]
    assert not module(lab, "zk2", "zookeeper_znode", **znode)[1]["changed"]
    znode["value"] = "b"
    _success, result = module(lab, "zk1", "zookeeper_znode", "--diff", **znode)
    assert result["changed"] and "-a\n+b\n" in result["printed"]
    with lab.zookeeper("zk3") as client:
        client.sync("/test/modules/one")
        assert client.get("/test/modules/one")[0] == b"b"


def test_a_znode_with_children_goes_only_with_recursive(lab):
    znode = {"hosts": HOSTS, "path": "/test/modules", "state": "absent"}
    success, result = module(lab, "zk1", "zookeeper_znode", **znode)
    assert not success and "has children" in result["msg"]
    assert module(lab, "zk1", "zookeeper_znode", recursive=True, **znode)[1]["changed"]
    assert not module(lab, "zk1", "zookeeper_znode", recursive=True, **znode)[1]["changed"]


def test_a_binary_value_converges(lab):
    znode = {"hosts": HOSTS, "path": "/test/binary", "value": "//4AAQ==", "value_encoding": "base64"}
    assert module(lab, "zk1", "zookeeper_znode", **znode)[1]["changed"]
    assert not module(lab, "zk1", "zookeeper_znode", **znode)[1]["changed"]
    with lab.zookeeper("zk1") as client:
        assert client.get("/test/binary")[0] == b"\xff\xfe\x00\x01"
    assert module(lab, "zk1", "zookeeper_znode", hosts=HOSTS, path="/test/binary", state="absent")[1]["changed"]


def query(lab, *options, **arguments):
    login = {"login_user": "admin", "login_password": lab.variable("ch1", "clickhouse_admin_password")}
    return module(lab, "ch1", "clickhouse_query", *options, **login, **arguments)


def test_a_query_returns_rows_and_changes_nothing(lab):
    success, result = query(lab, query="SELECT number FROM system.numbers LIMIT 2")
    assert success and not result["changed"] and result["rows"] == [{"number": 0}, {"number": 1}]


def test_a_statement_that_writes_does_not_run_in_check_mode(lab):
    statement = {"query": "CREATE DATABASE checked"}
    assert query(lab, "--check", **statement)[1]["changed"]
    assert "checked" not in lab.sql("ch1", "SHOW DATABASES").split()
    assert query(lab, **statement)[1]["changed"]
    assert "checked" in lab.sql("ch1", "SHOW DATABASES").split()
    lab.sql("ch1", "DROP DATABASE checked")


def test_an_invalid_query_fails_with_the_error_of_the_server(lab):
    success, result = query(lab, query="SELECT nonsense")
    assert not success and "nonsense" in result["msg"] and "\n" not in result["msg"]


def test_health_of_a_replica_finds_nothing(lab):
    login = {"login_user": "admin", "login_password": lab.variable("ch1", "clickhouse_admin_password")}
    success, result = module(lab, "ch1", "clickhouse_health", ddl_path="/task_queue/ddl", timeout=30, **login)
    assert success and {finding["severity"] for finding in result["findings"]} == {"ok"}
    assert {"ping", "session", "ddl_queue", "active_replicas"} <= {finding["check"] for finding in result["findings"]}


def test_layout_info_returns_the_tree_that_a_client_sees(lab):
    with lab.zookeeper("zk1") as client:
        for number in range(300):
            client.create(f"/test/layout/parent/{number}", b"x" * number, makepath=True)
        client.create("/test/layout/binary", b"\xff\x00")
        client.create("/test/layout/here", b"ephemeral", ephemeral=True)
        for member in lab.hosts("zookeeper"):
            with lab.zookeeper(member) as other:
                other.sync("/test/layout")
        options = {"hosts": HOSTS, "path": "/test/layout", "top": 2}
        success, result = module(lab, "zk1", "zookeeper_layout_info", **options)
        _success, followers = module(lab, "ch1", "zookeeper_layout_info", **options, followers_only=True)
        owner = f"0x{client.client_id[0]:x}"
    assert success and result["error"] == "" and result["exists"] and not result["truncated"]
    assert (result["znodes"], result["bytes"], result["ephemerals"]) == (304, sum(range(300)) + 2 + 9, 1)
    assert result["tree"]["/test/layout/parent/299"]["data"] == "x" * 299
    assert result["tree"]["/test/layout/binary"]["encoding"] == "base64"
    assert result["tree"]["/test/layout/here"]["ephemeral_owner"] == owner
    assert result["largest"] == [{"path": f"/test/layout/parent/{size}", "bytes": size} for size in (299, 298)]
    assert result["most_children"][0] == {"path": "/test/layout/parent", "children": 300}
    assert followers["tree"] == result["tree"]
    with lab.zookeeper("zk1") as client:
        client.delete("/test/layout", recursive=True)
    _success, result = module(lab, "zk1", "zookeeper_layout_info", **options)
    assert (result["exists"], result["znodes"], result["error"]) == (False, 0, "")


def test_a_layout_is_checked_and_names_what_breaks_it(lab):
    active = {"path": "/test/tables/{table}/replicas/{replica}/is_active", "state": "required", "ephemeral": True}
    rules = [
        # The members of the lab execute dump, so the sessions are known: a list that is missing would be a violation.
        {**active, "session_alive": True},
        {"path": "/test/tables/{table}/replicas/{replica}/host", "data": "{replica}:9009"},
        {"path": "/test/tables/{table}/metadata", "acl": ["world:anyone:cdrwa"]},
        {"path": "/test/tables/{table}/blocks", "max_children": 2, "severity": "warning", "open": True},
    ]
    options = {"hosts": HOSTS, "path": "/test/tables", "layout": rules, "strict": True, "timeout": 0}
    with lab.zookeeper("zk1") as client:
        for table in ("a", "b"):
            client.create(f"/test/tables/{table}/metadata", b"", makepath=True)
            for number in range(3):
                client.create(f"/test/tables/{table}/blocks/{number}", makepath=True)
            for replica in ("r1", "r2"):
                path = f"/test/tables/{table}/replicas/{replica}"
                client.create(f"{path}/host", f"{replica}:9009".encode(), makepath=True)
                client.create(f"{path}/is_active", ephemeral=True)
        client.sync("/test")
        success, result = module(lab, "zk1", "zookeeper_layout", **options)
        assert success and result["healthy"] and result["violations"] == 2, result
        client.delete("/test/tables/a/replicas/r1/is_active")
        client.set("/test/tables/a/replicas/r2/host", b"r9:9009")
        client.set_acls("/test/tables/b/metadata", [make_digest_acl("ann", "secret", all=True), *READ_ACL_UNSAFE])
        client.create("/test/tables/b/strange/below", makepath=True)
        for member in lab.hosts("zookeeper"):
            with lab.zookeeper(member) as other:
                other.sync("/test")
        success, result = module(lab, "zk1", "zookeeper_layout", **options)
        _success, few = module(lab, "zk1", "zookeeper_layout", **options, max_findings=1)
        client.delete("/test/tables", recursive=True)
    assert not success
    assert sorted(
        (item["check"], item["subject"]) for item in result["findings"] if item["severity"] == "critical"
    ) == [
        ("acl", "/test/tables/b/metadata"),
        ("data", "/test/tables/a/replicas/r2/host"),
        ("missing", "/test/tables/a/replicas/r1/is_active"),
        ("unexpected", "/test/tables/b/strange"),
    ]
    assert "/test/tables/a/replicas/r2/host: data: found r9:9009, expected r2:9009." in result["msg"]
    # What is not shown counts.
    assert not few["healthy"] and few["violations"] == 6 and len(few["findings"]) == 2
