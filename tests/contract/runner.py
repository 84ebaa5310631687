"""One engine with one configuration, in a process of its own: a crash of the engine ends this process and no other.

Usage: runner.py CONFIG DATA, with the Python of the engine's virtual environment.

Reads objects from stdin, {"query": ...}, and answers each on stdout, {"text": ...} or {"error": ...}; each is a line
of JSON. The first answer tells whether the engine has loaded the configuration.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from unittest.mock import MagicMock

# The engine prints to stdout as well.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def open_engine(config: str, data: str):
    # The package imports it, and only other formats of results need it; it is larger than the engine's own download.
    sys.modules["pyarrow"] = MagicMock()
    return importlib.import_module("chdb.session").Session(f"file:{data}?config-file={config}")


def answer(**values: str) -> None:
    print(json.dumps(values), file=ANSWERS, flush=True)


def main() -> None:
    config, data = sys.argv[1:]
    try:
        session = open_engine(config, data)
        answer(text=str(session.query("SELECT version()", "TSV")).strip())
    # The packages raise different exceptions.
    except Exception as error:
        answer(error=str(error))
        return
    for line in sys.stdin:
        try:
            answer(text=str(session.query(json.loads(line)["query"], "TSV")))
        except Exception as error:
            answer(error=str(error))
    with contextlib.suppress(Exception):
        session.close()


if __name__ == "__main__":
    main()
