"""Feeds: news, cases, patterns and the recommendation of the month as Atom and JSON Feed; **the only module that knows feedgenerator**.

Entries have permanent names (``routes.permanent_id``) that do not depend on where the site lives: a reader that knows them
takes nothing for new when it moves. Times come from the data, so that a feed changes only when they do. While the operator
has not said where the site lives, links in Atom are relative to the feed, and JSON Feed, which knows no relative ones, has none.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from feedgenerator import Atom1Feed

from ikz_award import insights, news, routes
from ikz_award.catalogue import Catalogue
from ikz_award.content import ContentPage
from ikz_award.dates import BERLIN, PartialDate
from ikz_award.model import last_read
from ikz_award.publication import Entry

SITE = "Sammlung zum Landespreis für innovative interkommunale Zusammenarbeit Nordrhein-Westfalen"
# Reading programs keep what they have seen; a feed need not hold more than they may have missed.
_MOST = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed, all of it plain text. ``key`` becomes its permanent name."""

    key: str
    address: str
    title: str
    summary: str
    updated: datetime
    published: datetime | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed and the page that shows the same to visitors; there is none without entries."""

    topic: str
    title: str
    description: str
    page: str
    items: tuple[Item, ...]

    @property
    def updated(self) -> datetime:
        """When its newest entry changed."""
        return max(one.updated for one in self.items)


def of(catalogue: Catalogue, posts: Sequence[ContentPage]) -> tuple[Feed, ...]:
    """All feeds that have something to tell. ``posts`` are the news that are out."""
    found = [
        Feed(
            "mitteilungen",
            "Mitteilungen",
            "Neues zum Landespreis und zur Sammlung",
            routes.NEWS,
            _posts(posts),
        ),
        Feed(
            "kooperationen",
            "Kooperationen",
            "Neue und neu geprüfte Kooperationen und Preisträger",
            routes.CASES,
            _newest(_cases(catalogue)),
        ),
        Feed(
            "muster",
            "Kooperationsmuster",
            "Neue und neu geprüfte Muster der Zusammenarbeit",
            routes.PATTERNS,
            _newest(_patterns(catalogue)),
        ),
        Feed(
            "empfehlungen",
            "Muster des Monats",
            "Jeden Monat ein wenig bekanntes Muster mit einem gut belegten Fall",
            routes.HOME,
            tuple(_recommendation(catalogue)),
        ),
    ]
    return tuple(one for one in found if one.items)


def files(catalogue: Catalogue, feeds: Iterable[Feed]) -> Iterator[tuple[str, bytes]]:
    """Address and content of every file."""
    for feed in feeds:
        yield routes.feed(feed.topic, "xml"), _atom(catalogue, feed)
        yield routes.feed(feed.topic, "json"), _json_feed(catalogue, feed)


def _newest(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda one: (-one.updated.timestamp(), one.key))[:_MOST])


def _posts(posts: Sequence[ContentPage]) -> tuple[Item, ...]:
    return tuple(
        Item(one.address, one.address, one.title, one.description, moment, moment, one.tags)
        for one in posts[:_MOST]
        if (moment := news.begins(one))
    )


def _cases(catalogue: Catalogue) -> Iterator[Item]:
    for entry in catalogue.described_entries.values():
        announced = _announced(catalogue, entry)
        moments = [one for one in (announced, _begin(last_read(entry.content))) if one]
        if moments:
            address = routes.entry(entry)
            tags = tuple(catalogue.patterns[code].title for code in entry.patterns)
            summary = entry.content["ein_satz"] or entry.title
            yield Item(address, address, entry.title, summary, max(moments), announced, tags)


def _announced(catalogue: Catalogue, entry: Entry) -> datetime | None:
    """When a submission became public: it cannot have changed before."""
    edition = catalogue.editions.get(entry.edition)
    return edition.announced.ends.astimezone(BERLIN) if edition and edition.announced else None


def _patterns(catalogue: Catalogue) -> Iterator[Item]:
    for pattern in catalogue.patterns.values():
        read, address = _begin(last_read(pattern.facts)), routes.pattern(pattern.key)
        if read:
            yield Item(address, address, pattern.title, pattern.facts["ein_satz"], read)


def _recommendation(catalogue: Catalogue) -> Iterator[Item]:
    """What the home page puts first this month; a new entry each month, even if a pattern comes back."""
    for pattern, entry in insights.spotlights(catalogue)[:1]:
        month = catalogue.now.astimezone(BERLIN).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        yield Item(
            f"empfehlungen/{month:%Y-%m}/{pattern.key}",
            routes.pattern(pattern.key),
            f"Muster des Monats: {pattern.title}",
            f"{pattern.facts['ein_satz']} Ein Fall dazu: {entry.title}.",
            month,
            month,
        )


def _begin(day: PartialDate | None) -> datetime | None:
    return datetime.combine(day.earliest, time.min, BERLIN) if day else None


def _author(catalogue: Catalogue) -> str:
    return str(catalogue.operator["impressum"]["anbieter"] or SITE)


def _address(catalogue: Catalogue, feed: Feed, address: str) -> str:
    return f"{catalogue.website}/{address}" if catalogue.website else routes.relative(_own(feed), address)


def _own(feed: Feed) -> str:
    return routes.feed(feed.topic, "xml")


def _title(feed: Feed) -> str:
    return f"{feed.title} – Landespreis IKZ NRW"


def _atom(catalogue: Catalogue, feed: Feed) -> bytes:
    writer = Atom1Feed(
        title=_title(feed),
        link=_address(catalogue, feed, feed.page),
        description=feed.description,
        language="de",
        author_name=_author(catalogue),
        feed_url=f"{catalogue.website}/{_own(feed)}" if catalogue.website else None,
        feed_guid=routes.permanent_id(f"feeds/{feed.topic}"),
    )
    for one in feed.items:
        writer.add_item(
            title=one.title,
            link=_address(catalogue, feed, one.address),
            # The library declares it to be HTML.
            description=html.escape(one.summary, quote=False),
            unique_id=routes.permanent_id(one.key),
            pubdate=one.published,
            updateddate=one.updated,
            categories=one.tags,
        )
    text: str = writer.writeString("utf-8")
    return text.encode()


def _json_feed(catalogue: Catalogue, feed: Feed) -> bytes:
    """https://www.jsonfeed.org/version/1.1/."""
    known: dict[str, Any] = {}
    if catalogue.website:
        own = routes.feed(feed.topic, "json")
        known = {
            "home_page_url": f"{catalogue.website}/{feed.page}",
            "feed_url": f"{catalogue.website}/{own}",
        }
    value = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(feed),
        **known,
        "description": feed.description,
        "language": "de",
        "authors": [{"name": _author(catalogue)}],
        "items": [dict(_json_item(catalogue, one)) for one in feed.items],
    }
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _json_item(catalogue: Catalogue, item: Item) -> Iterator[tuple[str, Any]]:
    yield "id", routes.permanent_id(item.key)
    if catalogue.website:
        yield "url", f"{catalogue.website}/{item.address}"
    yield "title", item.title
    yield "content_text", item.summary
    if item.published:
        yield "date_published", _rfc3339(item.published)
    yield "date_modified", _rfc3339(item.updated)
    if item.tags:
        yield "tags", list(item.tags)


def _rfc3339(moment: datetime) -> str:
    """With the clock of Germany, as in Atom: a day that begins at midnight here is no other one in a reader."""
    return moment.astimezone(BERLIN).isoformat(timespec="seconds")
