"""What stands in the head of a page for machines: title, sentence and picture for a link to it, and JSON-LD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ikz_award import feeds, routes, structured_pages
from ikz_award.cards import Card
from ikz_award.catalogue import Catalogue
from ikz_award.content import ContentPage
from ikz_award.pages import PageSpec


@dataclass(frozen=True, slots=True)
class Head:
    """All of it plain text but ``structured``. ``card`` is the address of the picture below the site's root."""

    title: str
    description: str
    kind: str
    card: str
    card_alt: str
    structured: Markup


def of(
    catalogue: Catalogue,
    specs: Sequence[PageSpec],
    written: Mapping[str, ContentPage],
    placeholders: Mapping[str, Mapping[str, str]],
    cards: Mapping[str, Card],
) -> dict[str, Head]:
    """Heads of all pages by address. What editors wrote about a page goes before what was planned for it."""
    told = {one.address: (one.title, one.description) for one in specs}
    told |= {one.address: (one.title, one.description) for one in written.values()}
    structured = _structured(catalogue, written, placeholders, told)
    found = {}
    for address, (title, description) in told.items():
        own = address if address in cards else routes.GENERAL_CARD
        is_text = own != routes.GENERAL_CARD and address != routes.HOME
        is_post = address in written and written[address].is_post
        found[address] = Head(
            title=title,
            description=description,
            kind="article" if is_text or is_post else "website",
            card=routes.card(own),
            card_alt=cards[own].alt,
            structured=structured.get(address, Markup()),
        )
    return found


def _structured(
    catalogue: Catalogue,
    written: Mapping[str, ContentPage],
    placeholders: Mapping[str, Mapping[str, str]],
    told: Mapping[str, tuple[str, str]],
) -> dict[str, Markup]:
    found = {
        routes.OPEN_DATA: structured_pages.for_data(catalogue, told.get(routes.OPEN_DATA, ("", ""))[1]),
        routes.HOME: structured_pages.for_home(catalogue, feeds.SITE, told.get(routes.HOME, ("", ""))[1]),
    }
    for edition in catalogue.editions.values():
        found[routes.call(edition.key)] = structured_pages.for_edition(catalogue, edition)
    for pattern in catalogue.patterns.values():
        found[routes.pattern(pattern.key)] = structured_pages.for_pattern(catalogue, pattern)
    for page in written.values():
        if page.is_post:
            found[page.address] = structured_pages.for_post(catalogue, page)
    if routes.QUESTIONS in written:
        known = placeholders.get(routes.QUESTIONS, {})
        found[routes.QUESTIONS] = structured_pages.for_questions(catalogue, written[routes.QUESTIONS], known)
    return found
