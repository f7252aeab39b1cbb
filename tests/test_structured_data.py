"""What pages tell search engines: true, complete, and safe whatever a title says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import support
from ikz_award import build, routes, structured_data
from ikz_award.publication import Entry

SITE = "https://preis.example"
SHORT = "1. Probepreis (2031)"
HOSTILE = [
    "</script><script>alert(1)</script>",
    "</SCRIPT\t>",
    "<!-- <script>",
    "-->",
    "]]>",
    "&lt;/script&gt; &amp; &quot;",
    "\"}</script>',",
    "\\",
    "\\u003c/script>",
    "Zeile\u2028eins\u2029zwei",
    "{{ 7 * 7 }} {% raw %}",
    "<!-- ikz: phase -->",
    "Grüße – „Köln“ 🏛",
]


class Scripts(HTMLParser):
    """Elements and their text, as a browser would see them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def read(html: str) -> dict[str, Any]:
    """The data of the one script there is."""
    seen = Scripts(html)
    assert seen.tags == [("script", {"type": "application/ld+json"})]
    assert html.count("</script>") == 1
    assert html.endswith("</script>")
    return json.loads(seen.text)


@pytest.fixture(scope="module")
def entries(tmp_path_factory) -> dict[str, Entry]:
    """Public cases of the small project, by key."""
    root = support.lay_out_base(tmp_path_factory.mktemp("projekt") / "projekt")
    outcome = build.build(root, "entwurf", support.day(support.DEFAULT_DAY))
    assert not outcome.failed
    return {one.key: one for one in outcome.catalogue.entries}


@pytest.fixture(scope="module")
def case(entries) -> Entry:
    source = {"adresse": "https://quelle.example/a", "titel": "Eine Quelle", "gelesen_am": None}
    found = next(one for one in entries.values() if not one.is_winner)
    return changed(found, content={"quellen": (source,)})


@pytest.fixture(scope="module")
def winner(case) -> Entry:
    return changed(case, edition="2031", is_winner=True)


def changed(entry: Entry, *, content: dict[str, Any] | None = None, **values: Any) -> Entry:
    """The entry with other values, as only a test may make one."""
    return replace(entry, content=MappingProxyType({**entry.content, **(content or {})}), **values)


def told(entry: Entry, website: str = SITE, short: str = SHORT) -> dict[str, Any]:
    return read(structured_data.for_entry(entry, routes.entry(entry), website, short))


def test_a_case_tells_its_name_its_sentence_its_place_and_its_sources(case):
    page = told(case)
    assert page["@context"] == "https://schema.org"
    assert page["@type"] == "WebPage"
    assert page["name"] == page["about"]["name"] == case.title
    assert page["description"] == page["about"]["description"] == " ".join(case.content["ein_satz"].split())
    assert page["url"] == f"{SITE}/kooperationen/{case.slug}/"
    source = {"@type": "CreativeWork", "name": "Eine Quelle", "url": "https://quelle.example/a"}
    assert page["isBasedOn"] == [source]
    assert "award" not in page["about"]
    steps = page["breadcrumb"]["itemListElement"]
    assert [(one["position"], one["name"], one["item"]) for one in steps] == [
        (1, "Start", f"{SITE}/"),
        (2, "Kooperationen", f"{SITE}/kooperationen/"),
        (3, case.title, page["url"]),
    ]


def test_a_winner_tells_its_award_and_the_way_through_its_edition(winner):
    page = told(winner)
    assert page["about"]["award"] == f"Preis im {SHORT}"
    steps = page["breadcrumb"]["itemListElement"]
    assert [one["name"] for one in steps] == ["Start", "Preisträger", SHORT, winner.title]
    assert steps[-1]["item"] == page["url"] == f"{SITE}/preistraeger/2031/{winner.slug}/"


def test_a_commendation_is_not_called_a_prize(winner):
    facts = {**winner.content["auszeichnung"], "art": "anerkennung"}
    page = told(changed(winner, content={"auszeichnung": facts}))
    assert page["about"]["award"] == f"Anerkennung im {SHORT}"


def test_as_long_as_nobody_knows_the_site_no_address_is_given(case):
    page = told(case, "")
    assert "url" not in page
    assert all("item" not in one for one in page["breadcrumb"]["itemListElement"])


def test_a_winner_without_consent_tells_nothing(winner):
    limited = replace(winner, limited=True, slug="", source="")
    assert structured_data.for_entry(limited, routes.entry(limited), SITE, SHORT) == ""


def test_what_is_unknown_is_left_out(case):
    page = told(changed(case, content={"ein_satz": None, "quellen": ()}))
    assert not {"description", "isBasedOn"} & (set(page) | set(page["about"]))


def test_only_pages_count_as_sources_and_each_once(case):
    rows = tuple(
        {"adresse": address, "titel": title, "gelesen_am": None}
        for address, title in [
            ("https://a.example/", "A"),
            ("mailto:info@a.example", "B"),
            ("https://a.example/", "C"),
            ("http://b.example/?x=1&y=2", None),
        ]
    )
    assert told(changed(case, content={"quellen": rows}))["isBasedOn"] == [
        {"@type": "CreativeWork", "name": "A", "url": "https://a.example/"},
        {"@type": "CreativeWork", "url": "http://b.example/?x=1&y=2"},
    ]


def test_nothing_but_these_keys_goes_out(winner):
    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(keys, value.values()))
        return set().union(*map(keys, value)) if isinstance(value, list) else set()

    assert keys(told(winner)) == {
        *("@context", "@type", "name", "description", "url", "inLanguage", "about", "award", "isBasedOn"),
        *("breadcrumb", "itemListElement", "position", "item"),
    }


def hostile(entry: Entry, text: str) -> Entry:
    row = {"adresse": f"https://a.example/{text}", "titel": text, "gelesen_am": None}
    return changed(entry, title=text, content={"ein_satz": text, "quellen": (row,)})


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_can_end_the_script(winner, text):
    entry = hostile(winner, text)
    html = structured_data.for_entry(entry, routes.entry(entry), SITE, text)
    inside = html.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert not re.search("[<>&\u2028\u2029\n]", inside)
    page = read(html)
    wanted = " ".join(text.split())
    assert page["name"] == page["about"]["description"] == page["isBasedOn"][0]["name"] == wanted
    assert page["isBasedOn"][0]["url"] == f"https://a.example/{text}"
    assert page["about"]["award"] == f"Preis im {wanted}"


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_whatever_a_text_says_it_comes_out_as_it_is(winner, text):
    page = told(hostile(winner, text), SITE, SHORT)
    assert page["name"] == " ".join(text.split())


def test_a_template_takes_it_as_it_is(winner):
    html = structured_data.for_entry(winner, routes.entry(winner), SITE, SHORT)
    # Templates escape every text that does not say it is HTML already.
    assert html.__html__() == html
