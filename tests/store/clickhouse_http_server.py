"""A stand-in for a ClickHouse server: the embedded engine in a process of its own, behind ClickHouse's HTTP interface.

`running_clickhouse` starts it for a test. It does what clickhouse-connect asks of a server: statements in the URL, the
body or a form, bound parameters (`param_x`), settings, `?database=`, inserts with their data in the body, answers in
the asked format, errors with `X-ClickHouse-Exception-Code`. It has no users, sessions, compression, progress or
streaming.

It can also play a cluster of one shard, so that rows really go through Distributed tables. There is no Keeper: a
statement `ON CLUSTER` is run here, and Replicated tables are created as plain ones.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_NOT_SETTINGS = {
    *("query", "query_id", "quota_key", "database", "role", "session_id", "session_timeout", "session_check"),
    *(
        "buffer_size",
        "compress",
        "decompress",
        "enable_http_compression",
        "wait_end_of_query",
        "client_protocol_version",
    ),
    *("send_progress_in_http_headers", "http_headers_progress_interval_ms"),
    "cancel_http_readonly_queries_on_client_close",
}
_INSERT_WITH_DATA = re.compile(
    rb"\s*(INSERT\s+INTO\s.+?)\s+FORMAT\s+(\w+)[ \t\f]*\r?\n(?=.)", re.IGNORECASE | re.DOTALL
)
_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)


CLUSTER = "single"
_CONFIG = f"""<clickhouse><tcp_port>9000</tcp_port><remote_servers><{CLUSTER}><shard><replica>
    <host>127.0.0.1</host><port>9000</port></replica></shard></{CLUSTER}></remote_servers></clickhouse>"""
"""A shard at the engine's own address is reached without a connection: nothing listens at that port."""
_ON_CLUSTER = re.compile(rf"\s+ON CLUSTER `?{CLUSTER}`?".encode())
_REPLICATED = re.compile(rb"Replicated(\w*MergeTree)(\('[^']*', '[^']*'(, )?(\w*)\))?")


@contextmanager
def running_clickhouse(folder: Path, cluster: bool = False) -> Iterator[str]:
    """Yields `host:port` of a server that keeps its data in `folder`. `cluster`: it is the shard of a cluster."""
    command = [sys.executable, __file__, str(folder), *(["cluster"] if cluster else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"TZ": "UTC"})
    try:
        assert process.stdout is not None
        ready = process.stdout.readline().split()
        assert ready[:1] == ["ready"], "the ClickHouse stand-in did not start"
        yield f"127.0.0.1:{ready[1]}"
    finally:
        process.terminate()
        process.wait(60)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    connection_string = ""

    def do_GET(self) -> None:
        if self.path == "/ping":
            self._answer(200, b"Ok.\n", {})
        else:
            self.do_POST()

    def do_POST(self) -> None:
        given, sql = self._request()
        try:
            self._answer(200, *self._run(given, sql))
        except Exception as error:
            text = error.object if isinstance(error, UnicodeDecodeError) else str(error).encode(errors="replace")
            code = re.search(rb"Code: (\d+)", text)
            self._answer(500, text, {"X-ClickHouse-Exception-Code": code[1].decode() if code else "1002"})

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _request(self) -> tuple[dict[str, str], bytes]:
        """What the URL and a form say, and the statement with its data."""
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get_content_type() == "multipart/form-data":
            head = b"Content-Type: " + self.headers["Content-Type"].encode() + b"\r\n\r\n"
            for part in message_from_bytes(head + body).get_payload():
                given[str(part.get_param("name", header="content-disposition"))] = part.get_payload(
                    decode=True
                ).decode()
            body = b""
        return given, b"\n".join(part for part in (given.get("query", "").encode(), body) if part)

    def _run(self, given: Mapping[str, str], sql: bytes) -> tuple[bytes, dict[str, str]]:
        """The answer and its headers. Every request has its own connection, so that nothing is left of its settings."""
        import chdb  # not in the process of the tests: one process can open one folder

        parameters = {name.removeprefix("param_"): value for name, value in given.items() if name.startswith("param_")}
        with closing(chdb.connect(self.connection_string)) as connection:
            if database := given.get("database"):
                connection.query(f"USE `{database}`")
            for name, value in given.items():
                if name not in _NOT_SETTINGS and not name.startswith("param_"):
                    connection.query(f"SET {name} = {_quoted(value)}")
            if _ON_CLUSTER.search(sql):
                sql = _on_one_node(sql)
            if insert := _INSERT_WITH_DATA.match(sql):
                with tempfile.NamedTemporaryFile() as file:
                    file.write(sql[insert.end() :])
                    file.flush()
                    source = b" FROM INFILE %s FORMAT %s" % (_quoted(file.name).encode(), insert[2])
                    connection.query(insert[1] + source, params=parameters)
                return b"", {}
            if asked := _FORMAT.search(sql):
                return connection.query(sql, params=parameters).bytes() or b"", {
                    "X-ClickHouse-Format": asked[1].decode()
                }
            named = connection.query(sql, "TabSeparatedWithNames", params=parameters).bytes() or b""
            return named.partition(b"\n")[2], {"X-ClickHouse-Format": "TabSeparated"} if named else {}

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "X-ClickHouse-Timezone": "UTC", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _on_one_node(sql: bytes) -> bytes:
    """The statement without the cluster, and without the path and replica name of a Replicated table."""
    return _REPLICATED.sub(
        lambda table: table[1] + (b"(%s)" % table[4] if table[4] else b""), _ON_CLUSTER.sub(b"", sql)
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def main(folder: str, cluster: str = "") -> None:
    import chdb

    Handler.connection_string = f"{folder}?format_schema_path={folder}/format_schemas/"
    if cluster:
        config = Path(folder, "cluster.xml")
        config.write_text(_CONFIG)
        Handler.connection_string += f"&config-file={config}"
    with closing(chdb.connect(Handler.connection_string)), ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print("ready", server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
