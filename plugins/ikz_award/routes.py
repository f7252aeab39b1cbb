"""Addresses of pages. Fixed for good; each ends in ``/`` and is relative to the site's root (the home page is ``""``)."""

from __future__ import annotations

import uuid

from ikz_award.publication import Entry

HOME = ""
CATEGORIES = "kategorien/"
WINNERS = "preistraeger/"
CASES = "kooperationen/"
PATTERNS = "muster/"
MUNICIPALITIES = "kommunen/"
MAP = "karte/"
REGISTER = "register/"
LEGAL_FORMS = "rechtsformen/"
RULES = "pruefregeln/"
OPEN_DATA = "daten/"
METHOD = "methode/"
GLOSSARY = "glossar/"
COMPARE = "vergleich/"
FIT = "passt-das-zu-uns/"
GAPS = "weisse-flecken/"
UPTAKES = "uebernahmen/"
SEARCH = "suche/"
NEWS = "mitteilungen/"
TAGS = "mitteilungen/schlagworte/"
SUBSCRIBE = "abonnieren/"
QUESTIONS = "faq/"
ASSETS = "assets/ikz/"
MAP_BASE = f"{ASSETS}karte.svg"
COMPARE_DATA = "daten/vergleich.json"
FIT_DATA = "daten/passt.json"
NEXT_CHANGE = "naechste-aenderung.json"
ROBOTS = "robots.txt"
# A name under which the card for all pages without their own is kept; no page has this address.
GENERAL_CARD = "allgemein"
CALENDAR = "kalender/landespreis.ics"
# Where posts lie below content/. Hosts publish them beside the overview of all posts, without this folder.
POSTS = f"{NEWS}posts/"
# Never to be changed: every permanent identifier is made from it.
_NAMESPACE = uuid.UUID("6f3c2f0e-2d0f-5b0a-9a53-3b1f7f0c8d11")
SECURITY_CONTACT = ".well-known/security.txt"


def call(edition: str) -> str:
    """Announcement of an edition."""
    return f"ausschreibung/{edition}/"


def terms(edition: str) -> str:
    """Terms of participation of an edition."""
    return f"teilnahmebedingungen/{edition}/"


def category(key: str) -> str:
    """Overview of a category."""
    return f"{CATEGORIES}{key}/"


def winners(edition: str) -> str:
    """Winners of an edition."""
    return f"{WINNERS}{edition}/"


def pattern(code: str) -> str:
    """A pattern."""
    return f"{PATTERNS}{code}/"


def municipality(ags: str) -> str:
    """Cases of a municipality."""
    return f"{MUNICIPALITIES}{ags}/"


def legal_form(code: str) -> str:
    """A legal form on the page of all of them."""
    return f"{LEGAL_FORMS}#{code}"


def term(code: str) -> str:
    """A technical term on the page of all of them."""
    return f"{GLOSSARY}#{code}"


def registered(facet: str, value: str) -> str:
    """The cases of one value of a facet, in the register of all."""
    return f"{REGISTER}#{facet}-{value}"


def entry(one: Entry) -> str:
    """Showcase of a winner, or the page of any other case; one without consent is a line among the winners."""
    if one.limited:
        return winners(one.edition)
    return f"{WINNERS}{one.edition}/{one.slug}/" if one.is_winner else f"{CASES}{one.slug}/"


def paper(address: str, kind: str) -> str:
    """Council paper to a pattern or case at ``address``: ``docx``, or ``txt`` (hosts would make a page of ``md``)."""
    return f"{address}beschlussvorlage.{kind}"


def picture(one: Entry, name: str, width: int = 0) -> str:
    """A picture of a case, as large as it is published or in a smaller width."""
    folder = f"{one.edition}-{one.slug}" if one.edition else one.slug
    return f"{ASSETS}bilder/{folder}/{name}{f'-{width}' if width else ''}.webp"


def of_content(path: str) -> str:
    """Address of an editors' page, from its path below ``content/``."""
    stem = public_path(path).removesuffix(".md")
    if stem == "index":
        return HOME
    return f"{stem.removesuffix('index')}" if stem.endswith("/index") else f"{stem}/"


def public_path(path: str) -> str:
    """Where an editors' file stands once it is published; other than below ``content/`` for posts and what lies beside them."""
    return f"{NEWS}{path.removeprefix(POSTS)}" if path.startswith(POSTS) else path


def card(address: str) -> str:
    """The picture beside a link to the page at an address."""
    return f"{ASSETS}karten/{address.strip('/') or 'start'}.png"


def feed(topic: str, kind: str) -> str:
    """A feed: ``xml`` for Atom, ``json`` for JSON Feed."""
    return f"feeds/{topic}.{kind}"


def calendar(edition: str) -> str:
    """Dates of an edition as iCalendar."""
    return f"kalender/{edition}.ics"


def permanent_id(address: str) -> str:
    """A name for what stands at an address, the same for good, even if the whole site moves to another domain."""
    return uuid.uuid5(_NAMESPACE, address).urn


def file_of(address: str) -> str:
    """Path of the Markdown file a host expects for an address; the way editors link to it, too."""
    return f"{address.removesuffix('/')}.md" if address else "index.md"


def relative(source: str, target: str) -> str:
    """Link from one page to another that works wherever the site is mounted."""
    if target.startswith(("http:", "https:", "mailto:", "#")):
        return target
    path, hash_sign, anchor = target.partition("#")
    if path == source and hash_sign:
        return f"#{anchor}"
    up = "../" * source.count("/")
    return f"{up}{path}{hash_sign}{anchor}" or "./"
