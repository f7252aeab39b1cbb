"""News: a post comes out on its day and nowhere before, a draft never; in the list, in feeds, in tags and for other hosts."""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import support
from ikz_award import build, routes
from ikz_award.adapters import folder
from test_leaks import leaking_files

WORD = "kanarie"
POSTS = {
    "erschienen": f"title: Erschienen & „gesagt“\ndate: 2030-06-01\ntags: [Archiv, Ämter & Räte, {WORD[:3]}]",
    "heute": "title: Heute\ndate: 2030-07-01",
    "morgen": f"title: {WORD} morgen\ndate: 2030-07-02\ntags: [{WORD}]",
    "entwurf": f"title: {WORD} entwurf\ndate: 2030-06-01\ndraft: true\ntags: [{WORD}]",
}
BODY = """
Siehe [die Startseite](../../index.md), [die andere](heute.md) und [nichts](#abschnitt).

## Abschnitt

![Plan]({name}.png)

<!-- ikz: frist 2030 -->
"""
_stream = BytesIO()
Image.new("RGB", (400, 300)).save(_stream, "PNG")
PICTURE = _stream.getvalue()


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    root = support.lay_out_base(tmp_path_factory.mktemp("mitteilungen") / "projekt")
    posts = root / "content/mitteilungen/posts"
    posts.mkdir(parents=True)
    for name, head in POSTS.items():
        text = f"---\n{head}\ndescription: Satz zu {name}.\n---\n{BODY.format(name=name)}"
        (posts / f"{name}.md").write_text(text, encoding="utf-8")
        (posts / f"{name}.png").write_bytes(PICTURE)
    (root / "content/mehr.md").write_text(
        "---\ntitle: Mehr\ndescription: Mehr.\n---\n\n[Mitteilung](mitteilungen/posts/erschienen.md#abschnitt)\n",
        encoding="utf-8",
    )
    return root


@pytest.fixture(scope="module")
def outcome(project) -> build.Outcome:
    made = build.build(project, "entwurf", support.day("2030-07-01"))
    assert not made.failed, made.findings
    return made


def shown(outcome: build.Outcome) -> set[str]:
    return {
        one.removeprefix(routes.NEWS).strip("/") for one in outcome.addresses if one.startswith(routes.NEWS)
    }


def test_a_post_is_a_page_from_its_day_on(outcome, project):
    assert shown(outcome) == {"", "erschienen", "heute"}
    later = build.build(project, "entwurf", support.day("2030-07-02"))
    assert shown(later) == {"", "erschienen", "heute", "morgen"}


def test_its_day_begins_at_midnight_in_germany(project):
    before = build.build(project, "entwurf", datetime.fromisoformat("2030-07-01T23:59:59+02:00"))
    after = build.build(project, "entwurf", datetime.fromisoformat("2030-07-02T00:00:00+02:00"))
    assert shown(after) - shown(before) == {"morgen"}


def test_the_site_says_that_it_changes_on_that_day(outcome):
    assert outcome.next_change == datetime.fromisoformat("2030-07-02T00:00+02:00")
    # The day of the draft, and that of a post that is out, are no reason to build again.
    told = next(one for one in outcome.assets if one.address == routes.NEXT_CHANGE)
    assert json.loads(told.data)["naechste_aenderung"] == "2030-07-02T00:00:00+02:00"


def test_a_post_that_will_lead_to_a_draft_is_found_today(project):
    file = project / "content/mitteilungen/posts/morgen.md"
    original = file.read_text(encoding="utf-8")
    file.write_text(f"{original}\n[Entwurf](entwurf.md) [Bild](entwurf.png)\n", encoding="utf-8")
    try:
        made = build.build(project, "entwurf", support.day("2030-07-01"))
    finally:
        file.write_text(original, encoding="utf-8")
    # The picture of the draft would come out with this post, which shows it.
    assert [(one.code, one.values["wert"]) for one in made.findings] == [("E417", "entwurf.md")]


def test_the_list_has_the_newest_first_with_day_and_sentence(outcome):
    html = outcome.page(routes.NEWS).html
    assert html.index("Heute") < html.index("Erschienen &amp; „gesagt“")
    assert '<time datetime="2030-06-01">1. Juni 2030</time>' in html
    assert "Satz zu heute." in html


def test_nothing_of_what_waits_goes_out(outcome):
    assert not [one for one in support.published_text(outcome) if WORD in one.lower()]
    assert outcome.withheld == {
        f"mitteilungen/posts/{name}.{kind}" for name in ("morgen", "entwurf") for kind in ("md", "png")
    }


def test_other_hosts_get_posts_at_their_address_with_links_that_are_right_there(outcome, project, tmp_path):
    folder.write(outcome, project, tmp_path)
    news = tmp_path / "docs/mitteilungen"
    assert {one.name for one in news.iterdir()} == {
        *("erschienen.md", "erschienen.png", "heute.md", "heute.png"),
    }
    assert (tmp_path / "docs/mitteilungen.md").is_file()
    text = (news / "erschienen.md").read_text(encoding="utf-8")
    assert "[die Startseite](../index.md), [die andere](heute.md) und [nichts](#abschnitt)" in text
    assert "![Plan](erschienen.png)" in text
    assert "31. März 2030" in text
    more = (tmp_path / "docs/mehr.md").read_text(encoding="utf-8")
    assert "[Mitteilung](mitteilungen/erschienen.md#abschnitt)" in more
    assert not leaking_files(tmp_path)


def test_the_host_builds_the_same_and_nothing_of_what_waits(projekt_kopie, fertig, seiten, tmp_path):
    copy = projekt_kopie(fast=True)
    posts = copy / "content/mitteilungen/posts"
    for name, head in POSTS.items():
        text = f"---\n{head}\ndescription: Satz zu {name}.\n---\n\nText.\n\n![Plan]({name}.png)\n"
        (posts / f"{name}.md").write_text(text, encoding="utf-8")
        (posts / f"{name}.png").write_bytes(PICTURE)
    site = fertig(tmp_path / "site", projekt=copy, moment="2030-07-01T12:00+02:00")
    assert not leaking_files(site)
    found = {one for one in seiten.addresses(site) if one.startswith("mitteilungen/")}
    assert {"mitteilungen/erschienen/", "mitteilungen/heute/"} <= found
    assert not {"mitteilungen/morgen/", "mitteilungen/entwurf/"} & found
    assert not [one for one in found if "posts" in one]
    assert (site / "mitteilungen/erschienen.png").is_file()
    assert seiten.heading(seiten.html(site, "mitteilungen/erschienen/")) == "Erschienen & „gesagt“"
    tags = seiten.article(seiten.html(site, "mitteilungen/schlagworte/"))
    assert 'id="schlagwort-archiv"' in tags
    assert "Ämter &amp; Räte" in tags
    assert "Erschienen &amp; „gesagt“" in tags


def test_every_post_of_the_project_is_in_the_list_and_in_the_tags(site_entwurf, seiten, wurzel):
    posts = {one.stem for one in (wurzel / "content/mitteilungen/posts").glob("*.md")}
    assert len(posts) >= 3
    news = seiten.article(seiten.html(site_entwurf, "mitteilungen/"))
    tags = seiten.article(seiten.html(site_entwurf, "mitteilungen/schlagworte/"))
    for name in posts:
        assert f"mitteilungen/{name}/" in news
        assert f"../{name}/" in tags
