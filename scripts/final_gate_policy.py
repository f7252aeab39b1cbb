"""What a Content-Security-Policy leaves to a browser (W3C, Content Security Policy Level 3, 2.2 and 6.7)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

# What may stand behind a directive that loads something; numbers used once are no good in a site that stays as it is.
_HARMLESS = frozenset({"'none'", "'self'"})
_ALSO: Mapping[str, re.Pattern[str]] = {
    "script-src": re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/=]+'|'wasm-unsafe-eval'"),
    "img-src": re.compile(r"data:"),
    "style-src": re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/=]+'"),
}
_LISTS = re.compile(r"[a-z]+-src(?:-elem|-attr)?|base-uri|form-action|frame-ancestors")
# In the settings of web servers, up to the end of the value.
_SERVER = re.compile(r"Content-Security-Policy[\"']?:?\s+[\"']?([^\"\n]*)")


@lru_cache(maxsize=64)
def _directives(policy: str) -> Mapping[str, tuple[str, ...]]:
    """Sources by directive; of two with the same name, browsers obey the first."""
    found: dict[str, tuple[str, ...]] = {}
    for one in policy.split(";"):
        name, *sources = one.split() or [""]
        found.setdefault(name.lower(), tuple(sources))
    return found


@lru_cache(maxsize=64)
def flaws(policy: str) -> tuple[str, ...]:
    """What a policy allows that no page needs, as German sentences."""
    directives = _directives(policy)
    found = []
    if directives.get("default-src") != ("'none'",):
        found.append("Die Content-Security-Policy beginnt nicht damit, alles zu verbieten.")
    for name, sources in directives.items():
        also = _ALSO.get(name.removesuffix("-elem").removesuffix("-attr"))
        found += [
            f"Die Content-Security-Policy erlaubt {one} ({name})."
            for one in (sources if _LISTS.fullmatch(name) else ())
            if one not in _HARMLESS and not (also and also.fullmatch(one))
        ]
    return tuple(found)


def of_server(text: str) -> Iterator[tuple[int, str]]:
    """Policies in the settings of a web server, with their lines."""
    for match in _SERVER.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1]


def allows(policy: str, script: str) -> bool:
    """Whether a browser would run a script that stands in a page."""
    data = script.replace("\r\n", "\n").encode("utf-8", "surrogatepass")
    sources = _directives(policy).get("script-src", ())
    return any(_hash(kind, data) in sources for kind in ("sha256", "sha384", "sha512"))


@lru_cache(maxsize=1024)
def _hash(kind: str, data: bytes) -> str:
    return f"'{kind}-{base64.b64encode(hashlib.new(kind, data).digest()).decode()}'"
