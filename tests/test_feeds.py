"""Feeds, read by programs that do not know ours: complete, valid, the same on any day, and silent before an announcement."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import feedparser
import jsonschema
import pytest

from ikz_award import build, dates, planning, routes

# https://www.jsonfeed.org/version/1.1/: what is required there, and the forms of what we use.
TEXT = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "pattern": "^https://"}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
ITEM = {
    "type": "object",
    "required": ["id", "title", "content_text", "date_modified"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^urn:uuid:[0-9a-f-]{36}$"},
        "url": ADDRESS,
        "title": TEXT,
        "content_text": TEXT,
        "date_published": MOMENT,
        "date_modified": MOMENT,
        "tags": {"type": "array", "items": TEXT, "minItems": 1},
    },
}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": TEXT,
        "home_page_url": ADDRESS,
        "feed_url": ADDRESS,
        "description": TEXT,
        "language": {"const": "de"},
        "authors": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["name"]}},
        "items": {"type": "array", "items": ITEM, "minItems": 1},
    },
}
TOPICS = {"mitteilungen", "kooperationen", "muster", "empfehlungen"}
SITE = "https://preis.example"
BEFORE = datetime.fromisoformat("2026-06-15T10:59:59+02:00")
AFTER = datetime.fromisoformat("2026-12-01T12:00+01:00")


def read(site: Path, topic: str):
    parsed = feedparser.parse((site / routes.feed(topic, "xml")).read_bytes())
    assert not parsed.bozo, parsed.bozo_exception
    assert parsed.version == "atom10"
    return parsed


def read_json(site: Path, topic: str) -> dict:
    return json.loads((site / routes.feed(topic, "json")).read_text(encoding="utf-8"))


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_feed_is_valid_and_both_forms_say_the_same(site_produktion, topic):
    atom, other = read(site_produktion, topic), read_json(site_produktion, topic)
    jsonschema.validate(other, JSON_FEED)
    assert atom.feed.id.startswith("urn:uuid:")
    assert atom.feed.title == other["title"]
    assert atom.feed.author == other["authors"][0]["name"] == "Probestelle für Veröffentlichungen"
    assert {one.href for one in atom.feed.links if one.rel == "self"} == {f"{SITE}/feeds/{topic}.xml"}
    assert other["feed_url"] == f"{SITE}/feeds/{topic}.json"
    assert [(one.id, one.link, one.title, one.summary) for one in atom.entries] == [
        (one["id"], one["url"], one["title"], one["content_text"]) for one in other["items"]
    ]
    assert [list(one.updated_parsed)[:6] for one in atom.entries] == [
        list(feedparser.datetimes._parse_date(one["date_modified"]))[:6] for one in other["items"]
    ]
    assert len({one.id for one in atom.entries}) == len(atom.entries)
    assert max(one.updated for one in atom.entries) == atom.feed.updated


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_entries_lead_to_pages_of_the_site(site_produktion, topic):
    for one in read(site_produktion, topic).entries:
        assert (site_produktion / one.link.removeprefix(f"{SITE}/") / "index.html").is_file(), one.link


def test_a_json_feed_that_lacks_something_is_seen(site_produktion):
    value = read_json(site_produktion, "muster")
    for broken in (
        {**value, "version": "1"},
        {key: one for key, one in value.items() if key != "title"},
        {**value, "items": [{**value["items"][0], "id": ""}]},
        {**value, "items": [{**value["items"][0], "date_modified": "gestern"}]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, JSON_FEED)


def test_every_page_tells_readers_of_the_feeds(site_entwurf, seiten):
    for address in ("", "muster/zweigstelle/", "mitteilungen/sammlung-ist-online/"):
        html = seiten.html(site_entwurf, address)
        up = "../" * address.count("/")
        for topic in TOPICS:
            assert 'type="application/atom+xml" title="' in html
            assert any(f'href="{root}feeds/{topic}.xml"' in html for root in (up, f"./{up}"))
            assert any(f'href="{root}feeds/{topic}.json"' in html for root in (up, f"./{up}"))


def test_while_nobody_knows_the_site_links_are_relative_and_names_are_the_same(site_entwurf, site_produktion):
    for topic in TOPICS:
        draft = (site_entwurf / routes.feed(topic, "xml")).read_text(encoding="utf-8")
        assert "https://preis.example" not in draft
        parsed = feedparser.parse(draft, response_headers={"content-location": f"{SITE}/feeds/{topic}.xml"})
        assert [one.link for one in parsed.entries] == [
            one.link for one in read(site_produktion, topic).entries
        ]
        assert [one.id for one in parsed.entries] == [one.id for one in read(site_produktion, topic).entries]
        assert all("url" not in one for one in read_json(site_entwurf, topic)["items"])


# --- time, and what must not be told


@pytest.fixture(scope="module")
def example(projekt_kopie, frueher) -> Path:
    project = frueher(projekt_kopie(fast=True))
    operator = project / "data/reference/betreiber.yml"
    text = operator.read_text(encoding="utf-8").replace('website: ""', f"website: {SITE}")
    operator.write_text(text, encoding="utf-8")
    return project


def feeds_of(outcome: build.Outcome) -> dict[str, bytes]:
    return {one.address: one.data for one in outcome.assets if one.address.startswith("feeds/")}


@pytest.fixture(scope="module")
def after(example) -> build.Outcome:
    return build.build(example, "beispiel", AFTER)


def test_a_result_is_news_from_its_announcement_on_and_not_before(example, after):
    before = build.build(example, "beispiel", BEFORE)
    cases = feedparser.parse(feeds_of(after)["feeds/kooperationen.xml"]).entries
    submissions = [one for one in cases if "/preistraeger/beispiel/" in one.link]
    assert len(submissions) >= 3
    assert {one.published for one in submissions} == {"2026-06-15T11:00:00+02:00"}
    assert {one.updated for one in submissions} == {"2026-06-15T11:00:00+02:00"}
    told = b"".join(feeds_of(before).values()).decode()
    assert len(feeds_of(before)) == 6, "the news of the project are younger"
    for one in submissions:
        assert one.title not in told
        assert one.link not in told
        assert one.id not in told


def test_a_feed_changes_only_with_what_it_tells(example, after):
    a_day_later = build.build(example, "beispiel", datetime.fromisoformat("2026-12-02T07:00+01:00"))
    assert feeds_of(after) == feeds_of(a_day_later)


def test_with_the_month_comes_a_recommendation_that_is_new_even_if_the_pattern_is_not(wurzel):
    def recommended(moment: str):
        planned = planning.plan(wurzel, "entwurf", datetime.fromisoformat(moment))
        return next(
            one for one in build.feeds.of(planned.catalogue, ()) if one.topic == "empfehlungen"
        ).items[0]

    last = recommended("2026-12-31T23:59+01:00")
    first = recommended("2027-01-01T00:00+01:00")
    assert last.updated == datetime(2026, 12, 1, tzinfo=dates.BERLIN)
    assert first.updated == datetime(2027, 1, 1, tzinfo=dates.BERLIN)
    assert last.key != first.key
    assert last.address != first.address


def test_titles_with_signs_of_html_come_out_as_they_are(after):
    item = build.feeds.Item("a", "a/", "A <b> & „C“", "1 < 2 & <script>x</script>", AFTER)
    feed = build.feeds.Feed("probe", "Probe", "Probe", "", (item,))
    data = dict(build.feeds.files(after.catalogue, [feed]))
    entry = feedparser.parse(data["feeds/probe.xml"], sanitize_html=False).entries[0]
    assert entry.title == "A <b> & „C“"
    # The summary is declared to be HTML, so readers undo the escapes once more.
    assert entry.summary == "1 &lt; 2 &amp; &lt;script&gt;x&lt;/script&gt;"
    other = json.loads(data["feeds/probe.json"])["items"][0]
    assert (other["title"], other["content_text"]) == (item.title, item.summary)


def test_a_feed_with_nothing_in_it_is_none(after):
    assert {one.topic for one in build.feeds.of(after.catalogue, ())} == TOPICS - {"mitteilungen"}
