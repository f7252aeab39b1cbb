"""What the last look at a site is told, and what it notes: rules on one side, findings and links on the other."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile(r"[ \t][ \t]+|\t")
# A place is one number: of the file, times this, plus the line.
_LINES = 2**32


class Rules:
    """The list, as sets: with ten thousand records each part of it is long."""

    def __init__(self, site: Path, listed: Mapping[str, Any], without: Iterable[str]) -> None:
        self.site = site
        self.without = frozenset(without)
        self.pages = frozenset(listed["seiten"]) if "seiten" in listed else None
        # All addresses, and those on the way to them.
        self.named = {one[: match.end()] for one in self.pages or () for match in re.finditer("/", one)}
        self.files = frozenset(listed["dateien"]) if "dateien" in listed else None
        self.areas = tuple(listed.get("bereiche", ())) if self.pages is not None else ()
        self.columns = {key: frozenset(some) for key, some in listed.get("spalten", {}).items()}
        self.names = {start: frozenset(some) for start, some in listed.get("kennungen", {}).items()}
        self.website = urlsplit(str(listed.get("website", "")))
        self.outside = frozenset(listed.get("ausserhalb", ()))
        self.forbidden = [folded(one) for one in listed.get("verboten", ()) if one.strip()]

    def is_own(self, host: str) -> bool:
        """Whether the site will live there."""
        return bool(self.website.netloc) and host.lower() == self.website.netloc.lower()


class Notes:
    """What was seen in some of the files; small, since it goes from process to process, and there are a million links."""

    def __init__(self) -> None:
        # File, line or 0, sentence.
        self.found: list[tuple[str, int, str]] = []
        self.looked_at = 0
        self.unreadable: set[str] = set()
        # File → where in it a link can lead, between zeros.
        self.anchors: dict[str, str] = {}
        # What a link says, and where that leads → the places at which it does.
        self.links: defaultdict[tuple[str, str], array[int]] = defaultdict(_no_places)

    def say(self, name: str, line: int, sentence: str) -> None:
        """Note a finding."""
        self.found.append((name, line, sentence))

    def link(self, value: str, target: str, file: int, line: int) -> None:
        """Note a link; ``file`` is a number, the same in all processes."""
        self.links[value, target].append(file * _LINES + line)

    def add(self, other: Notes) -> None:
        """Take over what was noted elsewhere, about other files."""
        self.found += other.found
        self.looked_at += other.looked_at
        self.unreadable |= other.unreadable
        self.anchors |= other.anchors
        for link, places in other.links.items():
            self.links[link].extend(places)


def _no_places() -> array[int]:
    return array("q")


def place(noted: int) -> tuple[int, int]:
    """Number of the file, and line, of a noted link."""
    return divmod(noted, _LINES)


def folded(text: str) -> str:
    """As texts are compared."""
    # Browsers show one blank for several.
    folded = _BLANKS.sub(" ", text.casefold())
    # Asking first is far quicker, and nearly always enough.
    return folded if unicodedata.is_normalized("NFKC", folded) else unicodedata.normalize("NFKC", folded)


def shown(text: str) -> str:
    """Short, and without signs that would change what a terminal or a log shows."""
    plain = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    plain = plain.encode("utf-8", "backslashreplace").decode()
    return plain if len(plain) <= 80 else f"{plain[:79]}…"


def split(address: str) -> tuple[str, str]:
    """Scheme and host as a browser reads them: it leaves out control characters and takes one slash for the other."""
    if is_relative(address):
        return "", ""
    plain = re.sub(r"[\x00-\x20]", "", address).replace("\\", "/")
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", plain)
    scheme = match[1].lower() if match else ""
    rest = plain[match.end() :] if match else plain
    if scheme in {"", "http", "https"} and rest.startswith("//"):
        return scheme, re.split(r"[/?#]", rest.lstrip("/"), maxsplit=1)[0].rpartition("@")[2]
    return scheme, ""


def is_relative(address: str) -> bool:
    """Whether an address plainly has neither scheme nor host."""
    return ":" not in address and "//" not in address and "\\" not in address and address.isprintable()
