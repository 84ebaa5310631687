# Copyright (c) Zoohouse contributors
# SPDX-License-Identifier: Apache-2.0
"""The process of replica_server.py: answers over HTTP as captured. Usage: replica_process.py PORT FILE.

FILE contains the name of the situation, the file `open` beside it the number of open queries. Both may change.
"""

import contextlib
import http.server
import json
import sys
from pathlib import Path

CAPTURED = Path(__file__).resolve().parent / "captured" / "clickhouse"


def answer(query, situation, open_queries):
    if not query:
        return "Ok.\n"
    if "system.processes" in query:
        return json.dumps({"data": [{"open": open_queries}]})
    name = "version" if "version()" in query else "replicas"
    return (CAPTURED / situation / f"{name}.200.txt").read_text()


def main(port, file):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            body = answer(query, Path(file).read_text(), Path(file).with_name("open").read_text()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            # Who answered, for those who ask through a balancer.
            self.send_header("X-Port", str(port))
            # A balancer that checks the health reads the status only.
            with contextlib.suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_args):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
