"""What a case's page tells search engines about itself, as JSON-LD in the words of schema.org: little, and only what is known.

The page is based on its sources; the cooperation is what the page is about, and the award belongs to the cooperation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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
        "name": _line(entry.title),
        **_if_known("description", _line(entry.content["ein_satz"] or "")),
    }
    if entry.is_winner and edition_short:
        kind = wording.load().label("auszeichnung", entry.content["auszeichnung"]["art"] or "preis")
        project["award"] = f"{kind} im {_line(edition_short)}"
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": project["name"],
        **_if_known("description", project.get("description")),
        **_if_known("url", _absolute(website, address)),
        "inLanguage": "de",
        "breadcrumb": {
            "@type": "BreadcrumbList",
            "itemListElement": list(_steps(entry, address, website, edition_short)),
        },
        "about": project,
        **_if_known("isBasedOn", list(_sources(entry))),
    }
    return _script(page)


def _steps(entry: Entry, address: str, website: str, edition_short: str) -> Iterator[dict[str, Any]]:
    """The way from the home page, as the page itself shows it."""
    way = [("Start", routes.HOME)]
    if entry.is_winner:
        way += [("Preisträger", routes.WINNERS), (edition_short, routes.winners(entry.edition))]
    else:
        way += [("Kooperationen", routes.CASES)]
    way += [(entry.title, address)]
    for position, (name, target) in enumerate(way, 1):
        yield {
            "@type": "ListItem",
            "position": position,
            "name": _line(name),
            **_if_known("item", _absolute(website, target)),
        }


def _sources(entry: Entry) -> Iterator[dict[str, str]]:
    seen = set()
    for row in entry.content["quellen"]:
        address = str(row["adresse"])
        if address.startswith(("https://", "http://")) and address not in seen:
            seen.add(address)
            yield {"@type": "CreativeWork", **_if_known("name", _line(row["titel"] or "")), "url": address}


def _absolute(website: str, address: str) -> str:
    return f"{website}/{address}" if website else ""


def _if_known(key: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON can say
    return {key: value} if value else {}


def _line(text: str) -> str:
    return " ".join(text.split())


def _script(value: dict[str, Any]) -> Markup:
    """No text in it can end the element, whatever it says."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_RISKY)
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(data))  # noqa: S704 - made safe above
