"""The index of the search, made from finished pages. The only module that knows Pagefind.

Pagefind gets pages of its own, in a folder that is gone afterwards: filters and marks are no burden to the public ones.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import itemgetter
from pathlib import Path

from ikz_award import compounds, search_text, stable_index
from ikz_award.findable import Findable
from ikz_award.replay import Store
from ikz_award.search_text import Content, mark

FOLDER = "pagefind"
# Pagefind brings interfaces of its own and a second way to search, beside the main thread. We use neither.
_UNUSED = (
    *("pagefind-ui.*", "pagefind-modular-ui.*", "pagefind-component-ui.*", "pagefind-highlight.js"),
    *("pagefind-worker.js", "wasm.unknown.pagefind"),
)

# So many pages are in memory at the same time.
_AT_ONCE = 512


class SearchIndexError(Exception):
    """Pagefind failed, or left out a page."""


def write(site: Path, pages: Iterable[Findable], content: Mapping[str, str], store: Store) -> None:
    """Write the index below ``site``; same pages, same bytes.

    Args:
        site: folder of the finished site.
        pages: what can be found.
        content: HTML of each page by address, without the frame of the site.
        store: has what earlier builds made of the same pages.

    Raises:
        SearchIndexError: there is no complete index.
    """
    found = tuple(pages)
    read = store.make_all(
        "suchtext",
        (
            (f"{one.title}\n{content[one.address]}", partial(_read, one.title, content[one.address]))
            for one in found
        ),
    )
    vocabulary = compounds.nouns(json.loads(fetch())["words"] for fetch in read)
    splitter = compounds.Splitter(vocabulary)
    # What decides how every word is marked, in short.
    words = hashlib.sha256(" ".join(sorted(vocabulary)).encode()).hexdigest()
    made: dict[str, Callable[[], bytes]] = {}
    for start in range(0, len(found), _AT_ONCE):
        some = [
            (one, fetch, hashlib.sha256(f"{one!r}\n{words}\n{content[one.address]}".encode()).hexdigest())
            for one, fetch in zip(
                found[start : start + _AT_ONCE], read[start : start + _AT_ONCE], strict=True
            )
        ]
        store.make_all(
            "suchseite", [(key, partial(_page, one, fetch(), splitter)) for one, fetch, key in some]
        )
        # What was read of a page is not kept with what was made of it.
        made |= {
            one.address: partial(store.get, "suchseite", key, partial(_page_of, one, fetch, splitter))
            for one, fetch, key in some
        }
    everything = hashlib.sha256()
    for address, fetch in sorted(made.items(), key=itemgetter(0)):
        page = fetch()
        everything.update(b"%d %s\n%s" % (len(page), address.encode(), page))
    index = store.get("verzeichnis", everything.hexdigest(), partial(_indexed, made))
    with zipfile.ZipFile(io.BytesIO(index)) as archive:
        archive.extractall(site / FOLDER)


def _indexed(pages: Mapping[str, Callable[[], bytes]]) -> bytes:
    """All files of the index, as one archive."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "seiten"), Path(folder, FOLDER)
        for address, fetch in pages.items():
            file = source / address / "index.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(fetch())
        count = _index(source, target)
        if count != len(pages):
            message = f"{count} von {len(pages)} Seiten"
            raise SearchIndexError(message)
        stable_index.settle(target)
        for pattern in _UNUSED:
            for file in target.glob(pattern):
                file.unlink()
        archive = io.BytesIO()
        # They are packed already.
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
            for file in sorted(one for one in target.rglob("*") if one.is_file()):
                packed.writestr(file.relative_to(target).as_posix(), file.read_bytes())
        return archive.getvalue()


def _index(source: Path, target: Path) -> int:
    """Number of pages in the index. As a program of its own: the library ends its helper before all is on the disk."""
    command = [sys.executable, "-m", "pagefind", "--site", str(source), "--output-path", str(target)]
    done = subprocess.run(  # noqa: S603 - the program of our own lock, with paths of our own
        [*command, "--force-language", "de", "--quiet"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SearchIndexError(f"{done.stdout}{done.stderr}".strip())
    entry = json.loads((target / "pagefind-entry.json").read_bytes())
    return sum(int(one["page_count"]) for one in entry["languages"].values())


def _read(title: str, source: str) -> bytes:
    """What the search needs of a page, and how its words are written."""
    body = Content(search_text.read(source))
    return json.dumps({"pieces": body.pieces, "words": compounds.tally((title, *body.texts))}).encode()


def _page(one: Findable, read: bytes, splitter: compounds.Splitter) -> bytes:
    body = Content(json.loads(read)["pieces"])
    facts = [
        _fact("meta", "title", mark(one.title, splitter)),
        _fact("meta", "satz", mark(one.sentence, splitter)),
        # Searched like a title, but never shown.
        _fact("meta", "teile", " ".join([*body.inner_parts(splitter), mark(one.words, splitter)]).strip()),
        _fact("sort", "titel", str(one.rank)),
        *(_fact("filter", name, value) for name, values in one.filters.items() for value in values),
    ]
    # A page without a word, such as that of a category that has nothing yet, is found by its title; Pagefind would leave it out.
    text = body.marked(splitter) if body.texts else html.escape(mark(one.title, splitter))
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8">{"".join(facts)}</head>'
        f'<body><main data-pagefind-body data-pagefind-weight="{one.weight}">{text}</main></body></html>'
    ).encode()


def _page_of(one: Findable, fetch: Callable[[], bytes], splitter: compounds.Splitter) -> bytes:
    return _page(one, fetch(), splitter)


def _fact(kind: str, name: str, value: str) -> str:
    return f'<meta data-pagefind-{kind}="{name}[content]" content="{html.escape(value)}">' if value else ""
