"""What a case's page tells search engines about itself, as JSON-LD in the words of schema.org: little, and only what is known.

The page is based on its sources; the cooperation is what the page is about, and the award belongs to the cooperation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from markupsafe import Markup

from ikz_award import routes, wording
from ikz_award.publication import Entry

# Signs that could end the script or open a comment in HTML, or a line in JavaScript. In JSON they stand inside strings only.
_RISKY = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def for_entry(entry: Entry, address: str, website: str, edition_short: str) -> Markup:
    """A whole script element for the page of a case; nothing for a case that has no page.

    Args:
        entry: the case.
        address: of its page.
        website: where the site lives; without it no address is given, since nobody knows it yet.
        edition_short: what its edition is called, or empty.
    """
    if entry.limited:
        return Markup()
    project: dict[str, Any] = {
        "@type": "Project",
        "name": line(entry.title),
        **if_known("description", line(entry.content["ein_satz"] or "")),
    }
    if entry.is_winner and edition_short:
        kind = wording.load().label("auszeichnung", entry.content["auszeichnung"]["art"] or "preis")
        project["award"] = f"{kind} im {line(edition_short)}"
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": project["name"],
        **if_known("description", project.get("description")),
        **if_known("url", absolute(website, address)),
        "inLanguage": "de",
        "breadcrumb": {
            "@type": "BreadcrumbList",
            "itemListElement": list(_steps(entry, address, website, edition_short)),
        },
        "about": project,
        **if_known("isBasedOn", list(_sources(entry))),
    }
    return script(page)


def _steps(entry: Entry, address: str, website: str, edition_short: str) -> Iterator[dict[str, Any]]:
    """The way from the home page, as the page itself shows it."""
    way = [("Start", routes.HOME)]
    if entry.is_winner:
        way += [("Preisträger", routes.WINNERS), (edition_short, routes.winners(entry.edition))]
    else:
        way += [("Kooperationen", routes.CASES)]
    yield from _list_items([*way, (entry.title, address)], website)


def _list_items(way: Iterable[tuple[str, str]], website: str) -> Iterator[dict[str, Any]]:
    for position, (name, target) in enumerate(way, 1):
        yield {
            "@type": "ListItem",
            "position": position,
            "name": line(name),
            **if_known("item", absolute(website, target)),
        }


def _sources(entry: Entry) -> Iterator[dict[str, str]]:
    seen = set()
    for row in entry.content["quellen"]:
        address = str(row["adresse"])
        if address.startswith(("https://", "http://")) and address not in seen:
            seen.add(address)
            yield {"@type": "CreativeWork", **if_known("name", line(row["titel"] or "")), "url": address}


def for_way(website: str, way: Sequence[tuple[str, str]], here: str) -> Markup:
    """A script element for the way to a page as the page shows it; the last step is the page itself, at ``here``."""
    steps = [("Start", routes.HOME), *way[:-1], (way[-1][0], here)]
    return script(
        {
            "@context": "https://schema.org",
            "@type": "BreadcrumbList",
            "itemListElement": list(_list_items(steps, website)),
        }
    )


def absolute(website: str, address: str) -> str:
    """The whole address of a page, or empty while nobody knows where the site lives."""
    return f"{website}/{address}" if website else ""


def if_known(key: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON can say
    """The key with its value, or nothing."""
    return {key: value} if value else {}


def line(text: str) -> str:
    """A text in one line."""
    return " ".join(text.split())


def script(value: dict[str, Any]) -> Markup:
    """A script element. No text in it can end it, whatever it says."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_RISKY)
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(data))  # noqa: S704 - made safe above
