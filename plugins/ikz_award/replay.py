"""What an earlier build made, found again by the digest of all it was made from. Losing it costs time and nothing else.

Only what may be published goes in, or the mere fact that something was found right: never a value of a record. What the
last build of a profile did not ask for is removed and overwritten, so that a withdrawn case leaves nothing behind. A store
of another version of the program is deleted, not read.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

from ikz_award import parallel

# Where it lies in a project, unless whoever builds names another folder.
FOLDER = ".cache/ikz"
# Whose version decides about the bytes of something kept here.
_TOOLS = (
    "babel",
    "frictionless",
    "jinja2",
    "lxml",
    "markdown-it-py",
    "mkdocs",
    "mkdocs-material",
    "nh3",
    "pagefind",
    "pillow",
    "python-docx",
)
# Two builds at once wait for each other's writing, which takes milliseconds.
_PATIENCE_SECONDS = 20
_FRESH = "CREATE TABLE made (key BLOB PRIMARY KEY, value BLOB NOT NULL)"
# So many values are in memory at the same time.
_AT_ONCE = 512
_TABLES = """
CREATE TABLE IF NOT EXISTS made (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used (owner TEXT, key BLOB, PRIMARY KEY (owner, key)) WITHOUT ROWID;
"""


class Store:
    """Values by what they were made from. Without a folder, or with one that cannot be used, everything is made anew.

    What is made waits in a file of its own, which has no name and is gone with this object: all of it together would not
    go into memory.
    """

    def __init__(self, folder: Path | None = None, owner: str = "") -> None:
        self._owner = owner
        self._used: set[bytes] = set()
        self._fresh = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._fresh.execute(_FRESH)
        self._database = _opened(folder) if folder else None
        # In nanoseconds of the file system's clock, which is the one that files are dated by; 0 without a store.
        self.opened = _touched(folder) if folder and self._database else 0

    def get(self, kind: str, source: str, make: Callable[[], bytes]) -> bytes:
        """What ``make`` returns, which must depend on ``source`` and on this program alone."""
        known = self.known(kind, source)
        return self.keep(kind, source, make()) if known is None else known

    def make_all(
        self, kind: str, wanted: Iterable[tuple[str, Callable[[], bytes]]]
    ) -> list[Callable[[], bytes]]:
        """As ``get``, for many sources with what makes their values; those that are not known are made on every core.

        Returns what fetches each value, in the same order.
        """
        keyed = [(self._key(kind, source), make) for source, make in wanted]
        missing = [(key, make) for key, make in dict(keyed).items() if not self._is_there(key)]
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            for (key, _), value in zip(part, parallel.each(_made, part), strict=True):
                self._put(key, value)
        return [partial(self._fetched, key, make) for key, make in keyed]

    def keep(self, kind: str, source: str, value: bytes) -> bytes:
        """Remember what was made from a source; returns it."""
        self._put(self._key(kind, source), value)
        return value

    def known(self, kind: str, source: str) -> bytes | None:
        """What was made from a source before, if that is still there."""
        found = self._found(self._key(kind, source))
        return bytes(found[0]) if found else None

    def settle(self) -> None:
        """Keep what was new, and remove what no owner's last build asked for."""
        if self._database is None:
            return
        with suppress(sqlite3.Error), self._database as database:
            database.executemany(
                "INSERT OR REPLACE INTO made VALUES (?, ?)",
                self._fresh.execute("SELECT key, value FROM made"),
            )
            database.execute("DELETE FROM used WHERE owner = ?", (self._owner,))
            database.executemany("INSERT INTO used VALUES (?, ?)", ((self._owner, key) for key in self._used))
            database.execute("DELETE FROM made WHERE key NOT IN (SELECT key FROM used)")

    def _key(self, kind: str, source: str) -> bytes:
        key = _digest(kind.encode(), source.encode())
        self._used.add(key)
        return key

    def _put(self, key: bytes, value: bytes) -> None:
        # Without room for it, it is made again.
        with suppress(sqlite3.Error):
            self._fresh.execute("INSERT OR REPLACE INTO made VALUES (?, ?)", (key, value))

    def _found(self, key: bytes) -> tuple[bytes] | None:
        return self._first("SELECT value FROM made WHERE key = ?", key)

    def _is_there(self, key: bytes) -> bool:
        return self._first("SELECT 1 FROM made WHERE key = ?", key) is not None

    def _first(self, query: str, key: bytes) -> tuple[Any] | None:
        for database in filter(None, (self._fresh, self._database)):
            try:
                found: tuple[Any] | None = database.execute(query, (key,)).fetchone()
            except sqlite3.Error:
                # Damaged: nothing of it can be trusted.
                self._database = None
                return None
            if found:
                return found
        return None

    def _fetched(self, key: bytes, make: Callable[[], bytes]) -> bytes:
        found = self._found(key)
        return bytes(found[0]) if found else make()


def _made(wanted: tuple[bytes, Callable[[], bytes]]) -> bytes:
    return wanted[1]()


def _opened(folder: Path) -> sqlite3.Connection | None:
    """The store of this version in a folder; ``None`` if there is no room for one, which must stop nobody."""
    file = folder / f"{version()}.sqlite"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for other in folder.glob("*.sqlite*"):
            if not other.name.startswith(file.name):
                other.unlink(missing_ok=True)
        return _connected(file)
    except OSError:
        return None
    except sqlite3.Error:
        # Damaged, by a full disk for example.
        with suppress(OSError):
            file.unlink(missing_ok=True)
        return None


def _touched(folder: Path) -> int:
    """Change the folder's own time, and tell it."""
    try:
        folder.touch()
        return folder.stat().st_ctime_ns
    except OSError:
        return 0


def _connected(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=_PATIENCE_SECONDS)
    # What is removed is overwritten. A crash may cost the store, never a build.
    database.executescript(f"PRAGMA secure_delete = ON; PRAGMA synchronous = OFF; {_TABLES}")
    return database


@cache
def version() -> str:
    """Digest of this program and of the libraries that decide about what is kept."""
    tools = [sys.version, *_installed()]
    root = Path(str(resources.files("ikz_award")))
    files = sorted(one for one in root.rglob("*") if one.is_file() and one.parent.name != "__pycache__")
    parts = [part for one in files for part in (str(one.relative_to(root)).encode(), one.read_bytes())]
    return _digest("\n".join(tools).encode(), *parts).hex()


def _installed() -> Iterator[str]:
    """Versions of the tools as the names of their folders have them; ``importlib.metadata`` takes longer to load than a check."""
    for folder in map(Path, sys.path):
        if folder.name in {"site-packages", "dist-packages"} and folder.is_dir():
            for one in sorted(folder.glob("*.dist-info")):
                name = re.sub("[-_.]+", "-", one.name.partition("-")[0]).lower()
                if name in _TOOLS:
                    yield one.name


def _digest(*parts: bytes) -> bytes:
    """One digest of several texts, none of which can pass for two."""
    digest = hashlib.blake2b(digest_size=20)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
