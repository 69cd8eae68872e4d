"""The wiring: ids, routes, settings."""

import gzip
import re
import subprocess
import sys
import urllib.request

import pytest
from running_dashboard import running_dashboard

from dashboard import ids
from dashboard.bundle import Bundle
from dashboard.time_range import DEFAULT_RANGE, time_range

_NOBODY = "http://127.0.0.1:9"


def test_ids_are_unique():
    values = [value for name, value in vars(ids).items() if name.isupper()]
    assert len(values) == len(set(values))


def test_a_deep_link_works_as_the_very_first_request_and_everything_is_local():
    with running_dashboard(_NOBODY) as url, urllib.request.urlopen(f"{url}/trace/abc") as answer:
        page = answer.read().decode()
    held_back = page[page.index("<template") : page.index("</template>")]
    assert "dash_renderer" in held_back  # until a trace is asked for and drawn
    assert "DashRenderer()" in held_back
    assert page.index("fetch(") < page.index("/assets/all.js?m=")
    assert "_dashprivate_clientside_funcs" in page
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_scripts_are_the_same_compressed_or_not_first_or_again_and_kept_for_good():
    def fetched(address, **headers):
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as answer:
            return answer.read(), answer.headers

    with running_dashboard(_NOBODY) as url:
        page = fetched(url)[0].decode()
        scripts = [f"{url}{path}" for path in re.findall(r'<script src="([^"]+)"', page)]
        assert 8 < len(scripts) < 12
        assert not [
            address for address in scripts if "cytoscape" in address or "ag_grid" in address or "plotly" in address
        ]
        for address in scripts:
            plain, headers = fetched(address)
            assert "Content-Encoding" not in headers
            for _ in range(2):
                packed, headers = fetched(address, **{"Accept-Encoding": "gzip"})
                assert headers["Content-Encoding"] == "gzip"
                assert gzip.decompress(packed) == plain
                assert headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
        assert "immutable" not in str(fetched(f"{url}/assets/map.js")[1]["Cache-Control"])


def test_a_bundle_holds_every_file_once_those_of_subfolders_last(tmp_path):
    (tmp_path / "map").mkdir()
    for name, text in (("b.js", "b"), ("a.js", "a"), ("map/a.js", "of the map ◉"), ("a.css", "no script")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    bundle = Bundle(tmp_path, "js")
    assert bundle.body.decode() == "/* a.js */\na\n/* b.js */\nb\n/* map/a.js */\nof the map ◉"
    (tmp_path / "b.js").write_text("changed")
    assert Bundle(tmp_path, "js").address != bundle.address
    told = Bundle(tmp_path, "js", {"known": {"a": ["</script>"]}})
    assert told.body.decode().startswith('window.known = {"a":["</script>"]};\n/* a.js */')


@pytest.mark.parametrize("arguments", [["--collector", "nonsense"], ["--port", "70000"]])
def test_wrong_settings_end_the_program_with_a_message(arguments):
    ended = subprocess.run([sys.executable, "-m", "dashboard", *arguments], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "dashboard" in ended.stderr


def test_an_unknown_range_is_the_default_one():
    assert time_range("9y") == DEFAULT_RANGE
    assert time_range(None) == DEFAULT_RANGE
    assert time_range("6h").start == "-6h"
