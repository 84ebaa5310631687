"""The program `clickhouse local` of an engine, of which the library is a build: it takes the same arguments.

Usage: clickhouse_local.py local --config-file FILE --query QUERY, with the Python of the engine's virtual environment.
"""

import sys
import tempfile

from runner import open_engine


def main() -> None:
    _program, subcommand, config_option, config, query_option, query = sys.argv
    assert (subcommand, config_option, query_option) == ("local", "--config-file", "--query")
    # The program makes such a directory itself.
    with tempfile.TemporaryDirectory() as data:
        print(open_engine(config, data).query(query, "TSV"))


if __name__ == "__main__":
    main()
