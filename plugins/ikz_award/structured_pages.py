"""What pages other than those of cases tell search engines, as JSON-LD: only what the page shows, and nothing about what is invented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from textwrap import dedent
from typing import Any

from markupsafe import Markup

from ikz_award import insights, pagetext, richtext, routes
from ikz_award.catalogue import Catalogue
from ikz_award.content import ContentPage
from ikz_award.dates import Moment
from ikz_award.model import Edition, Term
from ikz_award.structured_data import absolute, if_known, line, script

_CONTEXT = {"@context": "https://schema.org"}
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
# Tables that rest on data of others, whose conditions go along.
_FOREIGN = dict.fromkeys(("kommunen", "nachbarn"), "https://www.gesetze-im-internet.de/geonutzv/")
_QUESTION = re.compile(r"^## +([^\n]+\?)[ \t]*\n(.*?)(?=^##? |\Z)", re.MULTILINE | re.DOTALL)
# A box of the theme: its text is set in, and must not be taken for code.
_BOX = re.compile(r"^(?:!!!|\?\?\?\+?)[^\n]*\n((?:(?: {4}[^\n]*)?(?:\n|\Z))+)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} +(.*)$", re.MULTILINE)
_ONLINE = frozenset(["online", "digital"])


def for_home(catalogue: Catalogue, name: str, description: str) -> Markup:
    """The site, and who answers for it if that is known."""
    facts = catalogue.operator["impressum"]
    publisher = {
        "@type": "Organization",
        "name": line(facts["anbieter"] or ""),
        **if_known("address", line(facts["anschrift"] or "")),
        **if_known("email", line(facts["email"] or "")),
        **if_known("telephone", line(facts["telefon"] or "")),
    }
    return script(
        {
            **_CONTEXT,
            "@type": "WebSite",
            "name": line(name),
            "description": line(description),
            "inLanguage": "de",
            "license": _LICENCE,
            **if_known("url", absolute(catalogue.website, routes.HOME)),
            **if_known("publisher", publisher if publisher["name"] else None),
        }
    )


def for_pattern(catalogue: Catalogue, pattern: Term) -> Markup:
    """A pattern as a term of the collection's vocabulary."""
    return script(
        {
            **_CONTEXT,
            "@type": "DefinedTerm",
            "name": line(pattern.title),
            "description": line(pattern.facts["ein_satz"]),
            "termCode": pattern.key,
            "inLanguage": "de",
            **if_known("url", absolute(catalogue.website, routes.pattern(pattern.key))),
            "inDefinedTermSet": {
                "@type": "DefinedTermSet",
                "name": "Kooperationsmuster",
                **if_known("url", absolute(catalogue.website, routes.PATTERNS)),
            },
        }
    )


def for_edition(catalogue: Catalogue, edition: Edition) -> Markup:
    """The known dates of an edition; nothing about an invented one."""
    if edition.is_example:
        return Markup()
    return Markup("\n").join(script({**_CONTEXT, **one}) for one in _events(catalogue, edition))


def _events(catalogue: Catalogue, edition: Edition) -> Iterator[dict[str, Any]]:
    by = edition.facts["ausgelobt_von"]
    common = {
        **if_known("url", absolute(catalogue.website, routes.call(edition.key))),
        **if_known("organizer", {"@type": "GovernmentOrganization", "name": line(by)} if by else None),
    }
    if edition.opens and edition.closes:
        yield {
            "@type": "Event",
            "name": f"Bewerbungsfrist: {edition.short}",
            **_from_to(edition.opens, edition.closes),
            "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
            **common,
        }
    if edition.announced:
        yield {
            "@type": "Event",
            "name": f"Bekanntgabe der Ergebnisse: {edition.short}",
            **_from_to(edition.announced, None),
            **common,
        }
    for row in edition.facts["termine"]:
        if row["beginn"]:
            place = line(row["ort"] or "")
            online = place.casefold() in _ONLINE
            mode = f"https://schema.org/{'Online' if online else 'Offline'}EventAttendanceMode"
            yield {
                "@type": "Event",
                "name": f"{line(row['titel'])}: {edition.short}",
                **_from_to(row["beginn"], row["ende"]),
                **if_known("description", line(row["hinweis"] or "")),
                **if_known("eventAttendanceMode", mode if place else ""),
                **if_known("location", {"@type": "Place", "name": place} if place and not online else None),
                **common,
            }


def _from_to(begins: Moment, ends: Moment | None) -> dict[str, str]:
    return {"startDate": begins.iso, **if_known("endDate", ends.iso if ends else "")}


def for_data(catalogue: Catalogue, description: str) -> Markup:
    """The open data with their files, as soon as these have an address."""
    read = insights.last_read_of_all(catalogue)
    files = [
        ("landespreis-ikz.json", "application/json", _LICENCE),
        *(
            (f"{one.name}.csv", "text/csv", _FOREIGN.get(one.name, _LICENCE))
            for one in catalogue.description.tables
            if one.is_open
        ),
    ]
    return script(
        {
            **_CONTEXT,
            "@type": "Dataset",
            "name": "Kooperationen und Kooperationsmuster: Daten der Sammlung zum Landespreis IKZ NRW",
            "description": line(description),
            "license": _LICENCE,
            "isAccessibleForFree": True,
            "inLanguage": "de",
            **if_known("dateModified", read.iso if read else ""),
            **if_known("url", absolute(catalogue.website, routes.OPEN_DATA)),
            **if_known(
                "distribution",
                [
                    {
                        "@type": "DataDownload",
                        "name": name,
                        "encodingFormat": media,
                        "contentUrl": absolute(catalogue.website, f"{routes.OPEN_DATA}{name}"),
                        "license": licence,
                    }
                    for name, media, licence in files
                    if catalogue.website
                ],
            ),
        }
    )


def for_post(catalogue: Catalogue, post: ContentPage) -> Markup:
    """One of the news."""
    return script(
        {
            **_CONTEXT,
            "@type": "NewsArticle",
            "headline": line(post.title),
            "description": line(post.description),
            "inLanguage": "de",
            **if_known("datePublished", post.day.isoformat() if post.day else ""),
            **if_known("keywords", list(post.tags)),
            **if_known("url", absolute(catalogue.website, post.address)),
        }
    )


def for_questions(catalogue: Catalogue, page: ContentPage, known: Mapping[str, str]) -> Markup:
    """Questions and answers of a page: headings with a question mark, and what stands below, placeholders filled.

    Args:
        catalogue: for the address of the site.
        page: the editors' page.
        known: HTML by placeholder, as the page itself shows it.
    """
    found = [
        {
            "@type": "Question",
            "name": _plain(question, known),
            "acceptedAnswer": {"@type": "Answer", "text": answer},
        }
        for question, below in _QUESTION.findall(_masked(page.body))
        if (answer := _plain(below, known))
    ]
    if not found:
        return Markup()
    return script(
        {
            **_CONTEXT,
            "@type": "FAQPage",
            "inLanguage": "de",
            **if_known("url", absolute(catalogue.website, page.address)),
            "mainEntity": found,
        }
    )


# A sign of the private range stands for „#“ in code, so that no line of it is taken for a heading.
_HASH = "\ue000"


def _masked(body: str) -> str:
    code = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
    return code.sub(lambda match: match[0].replace("#", _HASH), body)


def _plain(markdown: str, known: Mapping[str, str]) -> str:
    """What a reader sees of a part of a page, as text."""
    told: list[str] = []

    def kept(match: re.Match[str]) -> str:
        told.append(_text(known.get(match[0], "")))
        return f"\ue001{len(told) - 1}\ue002"

    marked = pagetext.COMMENT.sub(kept, markdown)
    # What renders records knows no headings, for records have none.
    unboxed = _HEADING.sub(r"\n\1\n", _BOX.sub(lambda match: dedent(match[1]), marked))
    text = _text(str(richtext.to_html(unboxed))).replace(_HASH, "#")
    return re.sub("\ue001(\\d+)\ue002", lambda match: told[int(match[1])], text).strip()


class _Visible(HTMLParser):
    """Text that is shown; every block begins a line."""

    _BLOCKS = frozenset(
        ["p", "li", "ul", "ol", "dt", "dd", "br", "tr", "h1", "h2", "h3", "h4", "pre", "blockquote"]
    )
    _HIDDEN = frozenset(["template", "script", "style"])

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.hidden = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Note what is hidden, and begin lines."""
        self.hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.text += "\n"
        elif tag in {"td", "th"}:
            self.text += " "

    def handle_endtag(self, tag: str) -> None:
        """Note the end of what is hidden, and of blocks."""
        self.hidden -= tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        """Take what is shown; a break of a line in HTML is a blank."""
        if not self.hidden:
            self.text += data.replace("\n", " ")


def _text(html: str) -> str:
    lines = (" ".join(one.split()) for one in _Visible(html).text.split("\n"))
    return "\n".join(filter(None, lines))
