"""`healthcheck.py URL`: exit code 0 if what the URL names is well. An http:// URL must answer below 400 within 3 s;
of a tcp://HOST:PORT the port must be open. For images without curl.
"""

import socket
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

_TIMEOUT_S = 3.0


def main(url: str) -> int:
    try:
        _ask(url)
    except OSError as error:  # of which HTTPError, for 400 and above, is one
        print(f"{url}: {error}", file=sys.stderr)
        return 1
    return 0


def _ask(url: str) -> None:
    if url.startswith("tcp://"):
        place = urlsplit(url)
        socket.create_connection((place.hostname or "", place.port or 0), _TIMEOUT_S).close()
        return
    own = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this container is behind no proxy
    own.open(url, timeout=_TIMEOUT_S).close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
