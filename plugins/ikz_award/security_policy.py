"""What a browser may do on our pages: Content-Security-Policy from the finished HTML, and the headers for web servers.

A page carries the policy for itself in a ``<meta>``; servers send one for all pages. Where both arrive, both hold.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

# A browser runs a script of these types, or of none; anything else is data to it.
_RUN = frozenset({"", "module", "text/javascript", "application/javascript"})
_SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(r"<meta\s+charset=[^>]*>", re.IGNORECASE)
# Nothing may be loaded but from the site itself. ``data:`` in pictures: the theme draws its icons from its style sheet.
_SOURCES = (
    "default-src 'none'",
    "script-src 'self'{hashes}",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
)
# What a browser heeds in a header only.
_HEADER_ONLY = ("frame-ancestors 'none'", "upgrade-insecure-requests")
_REFERRER = "same-origin"
# Everything a page could ask the device for; copying a citation is the one thing ours do.
_UNUSED = (
    *(
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
    ),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get"),
    *("screen-wake-lock", "usb", "xr-spatial-tracking"),
)
_YEAR, _SHORT = 31_536_000, 300
# Files with a mark of their content in their name never change; all others are asked for again soon.
_LASTING = ("/assets/javascripts/*", "/assets/stylesheets/*")
_LASTING_NAMES = r"^/assets/(javascripts|stylesheets)/.*\.[0-9a-f]{8}\.min\.(css|js)$"
_PACKED = (
    *("text/css", "text/csv", "text/calendar", "text/plain", "application/javascript", "text/javascript"),
    *("application/json", "application/atom+xml", "application/xml", "image/svg+xml", "application/wasm"),
)


# Differs from one depth of folders to the next.
_TO_ROOT = re.compile(r'new URL\("(?!//)[\w./%~-]*",location\)')


class _Scripts(HTMLParser):
    """Inline scripts of a page, each exactly as a browser hashes it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._parts: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and (given.get("type") or "").strip().lower() in _RUN:
            self._parts = []

    def handle_data(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._parts is not None:
            self.found.append("".join(self._parts))
            self._parts = None


def inline_scripts(page: str) -> list[str]:
    """The inline scripts of a page as a browser runs them; data such as JSON-LD are none."""
    reader = _Scripts()
    # HTML parsers see one kind of line end. Only what looks like a script is parsed: all of it would take long.
    for match in _SCRIPT.finditer(page.replace("\r\n", "\n").replace("\r", "\n")):
        reader.feed(match[0])
    reader.close()
    return reader.found


def is_closed(part: str) -> bool:
    """Whether every script in a part of a page ends there, too, so that what is in it does not depend on what stands around."""
    return "<script" not in _SCRIPT.sub("", part).lower()


def is_inert(part: str) -> bool:
    """Whether a part adds no inline script to its page, wherever it stands between closed ones."""
    return "<script" not in part.lower() or (is_closed(part) and not inline_scripts(part))


def script_hashes(page: str) -> frozenset[str]:
    """Sources for the inline scripts of a page."""
    return frozenset(_source(one) for one in inline_scripts(page))


def strange_scripts(pages: Iterable[tuple[str, str]]) -> list[str]:
    """Of pages by name, those with an inline script that not every page has.

    The policy allows what stands in a finished page. The theme puts its own scripts into all pages, the same but for the way to
    the root; one that only some have came with a text, and must not be allowed.
    """
    found = {name: frozenset(_TO_ROOT.sub("", one) for one in inline_scripts(page)) for name, page in pages}
    everywhere = frozenset.intersection(*found.values()) if found else frozenset()
    return sorted(name for name, scripts in found.items() if scripts != everywhere)


def _source(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def policy(hashes: Iterable[str], *, compiles: bool = False, header: bool = False) -> str:
    """The policy in one line; ``compiles`` allows WebAssembly, which the search needs, and no ``eval``."""
    sources = sorted(hashes)
    if compiles:
        sources.append("'wasm-unsafe-eval'")
    rules = [*_SOURCES, *(_HEADER_ONLY if header else ())]
    return "; ".join(rules).replace("{hashes}", "".join(f" {one}" for one in sources))


def with_policy(page: str, *, compiles: bool = False) -> str:
    """The page with its own policy in front of everything it could hold back.

    Raises:
        ValueError: the page does not declare its encoding, so there is no place for the policy.
    """
    place = _CHARSET.search(page)
    if place is None:
        raise ValueError("Die Seite nennt ihren Zeichensatz nicht.")
    content = policy(script_hashes(page), compiles=compiles)
    return (
        f'{page[: place.end()]}<meta http-equiv="Content-Security-Policy" content="{content}">'
        f'<meta name="referrer" content="{_REFERRER}">{page[place.end() :]}'
    )


def headers(hashes: Iterable[str], *, compiles: bool = False) -> tuple[tuple[str, str], ...]:
    """Name and value of every header that goes with every file."""
    unused = ", ".join(f"{name}=()" for name in _UNUSED)
    return (
        ("Content-Security-Policy", policy(hashes, compiles=compiles, header=True)),
        ("Referrer-Policy", _REFERRER),
        ("Permissions-Policy", f"{unused}, clipboard-write=(self)"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    )


def server_files(hashes: Iterable[str], *, compiles: bool = False) -> Iterator[tuple[str, str]]:
    """Address and text of the settings for web servers; they say nothing that a visitor could not see anyway."""
    every = headers(sorted(hashes), compiles=compiles)
    yield "_headers", _for_pages_hosts(every)
    yield ".htaccess", _for_apache(every)
    yield "server/nginx.conf", _for_nginx(every)


def _for_pages_hosts(every: Iterable[tuple[str, str]]) -> str:
    rules = ["/*", *(f"  {name}: {value}" for name, value in every)]
    for place in _LASTING:
        rules += [place, f"  Cache-Control: public, max-age={_YEAR}, immutable"]
    # Each of these hosts has its own good default for all other files, and joins values that are set twice.
    return "\n".join([*rules, ""])


def _for_apache(every: Iterable[tuple[str, str]]) -> str:
    return "\n".join(
        [
            "# Für Apache ab 2.4. Wirkt, wenn der Server „AllowOverride All“ für diesen Ordner erlaubt.",
            "ErrorDocument 404 /404.html",
            "Options -Indexes",
            "AddDefaultCharset utf-8",
            "AddType text/calendar .ics",
            "<IfModule mod_headers.c>",
            *(f'  Header always set {name} "{value}"' for name, value in every),
            f'  Header set Cache-Control "public, max-age={_SHORT}"',
            f'  <If "%{{REQUEST_URI}} =~ m#{_LASTING_NAMES.removeprefix("^")}#">',
            f'    Header set Cache-Control "public, max-age={_YEAR}, immutable"',
            "  </If>",
            "</IfModule>",
            "<IfModule mod_deflate.c>",
            f"  AddOutputFilterByType DEFLATE text/html {' '.join(_PACKED)}",
            "</IfModule>",
            "",
        ]
    )


def _for_nginx(every: Iterable[tuple[str, str]]) -> str:
    return "\n".join(
        [
            "# Für nginx: in den Block „server“ der Website aufnehmen, mit",
            "#   include /pfad/zur/website/server/nginx.conf;",
            "# Steht in einem Block „location“ ein eigenes add_header, gelten dort nur noch dessen Angaben.",
            "error_page 404 /404.html;",
            "charset utf-8;",
            *(f'add_header {name} "{value}" always;' for name, value in every),
            # `expires` and not add_header, which would switch off all of the above in its block.
            f"expires {_SHORT}s;",
            f"location ~ {_quoted(_LASTING_NAMES)} {{ expires {_YEAR}s; }}",
            "gzip on;",
            "gzip_vary on;",
            f"gzip_types {' '.join(_PACKED)};",
            "# Wo das Modul für Brotli geladen ist, packt es noch kleiner:",
            f"#   brotli on; brotli_types {' '.join(_PACKED)};",
            "",
        ]
    )


def _quoted(pattern: str) -> str:
    """Braces would end a block in nginx."""
    return f'"{pattern}"'
