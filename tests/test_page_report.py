"""The report on pages: what it measures on a tiny site, and that it fails where it has to."""

from __future__ import annotations

import json
import math
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

import looking
import page_report

GOOD = """<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Probe</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>
<body><main><h1>Probe</h1><p>Ein Absatz.</p></main></body></html>"""
BAD = GOOD.replace(
    "<p>",
    '<img src="http://127.0.0.2:9/x.png"><script>setTimeout(() => {'
    " const box = document.createElement('div'); box.style.height = '500px'; document.body.prepend(box);"
    ' missing(); }, 300)</script><p style="color:#ccc;background:#fff">Blass.</p><p>',
)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A site with a home page and one case; looked at once and in one look, to save time."""
    monkeypatch.setattr(page_report, "_VISITS", 1)
    monkeypatch.setattr(page_report, "WIDTHS", {390: 844})
    monkeypatch.setattr(page_report, "SCHEMES", ("light",))
    # How fast this machine is does not matter here.
    monkeypatch.setattr(page_report, "MAX_PAINT", math.inf)
    (tmp_path / "kooperationen/probe").mkdir(parents=True)
    (tmp_path / "index.html").write_text(GOOD, encoding="utf-8")
    (tmp_path / "kooperationen/probe/index.html").write_text(GOOD, encoding="utf-8")
    return tmp_path


def apart(work, *arguments, **options):
    """In a thread of its own: the browser of the other tests keeps this one busy."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work, *arguments, **options).result()


@pytest.mark.browser
def test_a_small_sound_site_is_within_the_budget(tiny, capsys):
    assert apart(page_report.report, tiny) == 0
    said = capsys.readouterr()
    rows = said.out.splitlines()[2:]
    assert [one.split(" | ")[0] for one in rows] == ["| Start", "| Fall"]
    assert all(" | 0 | " in one and " | 0 | 0 |" in one for one in rows)
    assert said.err == ""


@pytest.mark.browser
def test_every_kind_of_trouble_breaks_the_budget(tiny, monkeypatch, capsys):
    monkeypatch.setattr(page_report, "FIRST_BYTES", 100)
    monkeypatch.setattr(page_report, "NEXT_BYTES", 100)
    (tiny / "kooperationen/probe/index.html").write_text(BAD, encoding="utf-8")
    assert apart(page_report.report, tiny, as_json=True) == 1
    said = capsys.readouterr()
    home, case = json.loads(said.out)
    assert home["axe"] == home["foreign"] == home["errors"] == 0
    assert case["shift"] > 0.1
    assert case["foreign"] >= 1
    # The paleness and the picture without a text.
    assert case["axe"] == 2
    assert any("missing" in one for one in case["details"])
    names = [one.partition(":")[0] for one in case["over"]]
    assert names == [
        *("axe", "Bytes beim ersten Besuch", "Bytes auf der nächsten Seite", "CLS", "fremde Abrufe"),
        "Fehler in der Konsole",
    ]
    assert "Über dem Budget" in said.err
    assert "Fall (/kooperationen/probe/): axe: 2, erlaubt 0" in said.err


def test_a_page_whose_content_never_appears_breaks_the_budget():
    assert any(one.startswith("LCP") for one in page_report.Measured("Fall", "x/").over)


def test_what_was_sent_is_packed_and_carries_the_headers_of_the_site(tmp_path):
    (tmp_path / "index.html").write_text("x" * 5000, encoding="utf-8")
    (tmp_path / "_headers").write_text(
        "/*\n  X-Probe: a: b\n/assets/*\n  Cache-Control: x\n", encoding="utf-8"
    )
    with looking.served(tmp_path) as base:
        asked = urllib.request.Request(f"{base}/", headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(asked) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert answer.headers["X-Probe"] == "a: b"
            assert answer.headers["Cache-Control"] == "max-age=300"
            assert len(answer.read()) < 100


@pytest.mark.parametrize("name", ["page_report.py", "screenshots.py"])
def test_without_a_site_the_command_says_what_helps(starte, tmp_path, name):
    done = starte(looking.ROOT / "scripts" / name, "--site", tmp_path)
    assert done.returncode == 2
    assert "make site" in done.stdout
    assert "Traceback" not in done.stdout
