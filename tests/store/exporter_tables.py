"""Fills a folder as an OpenTelemetry Collector with its ClickHouse exporter would: see `exporter_tables.sql`.

Run as a program with the folder's path: one process can have one folder open, and a collector is to open it afterwards.
"""

import sys
from contextlib import closing
from pathlib import Path

TRACE = "0af7651916cd43dd8448eb211c80319c"
OTHER = "1bf7651916cd43dd8448eb211c80319c"


def fill(folder: str) -> None:
    import chdb

    with closing(chdb.connect(folder)) as connection:
        for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n"):
            connection.query(statement)


if __name__ == "__main__":
    fill(sys.argv[1])
