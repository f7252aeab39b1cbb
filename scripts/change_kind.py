"""Tell from the changed paths whether a request changes content only, so that CI knows what has to run.

Prints „inhalt“ if nothing but records, pages and attachments changed, else „code“; inside a workflow of GitHub it sets the
output „art“, too. Whatever it cannot judge is „code“. It needs nothing but Python and Git; CI starts the version of the target
branch, so that a request cannot change what it is judged by.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CONTENT, CODE = "inhalt", "code"
USAGE = """\
Aufruf: change_kind.py BASIS [STAND]

Sagt, ob eine Änderung nur Inhalte betrifft: „inhalt“ oder „code“. Verglichen wird STAND (Vorgabe: HEAD) mit dem Commit BASIS."""
# An ordinary file before, after, or not there at all; links, submodules and programs are no content.
_ORDINARY = frozenset(["000000", "100644"])
# Steps of a path as our own records and pages are named: neither hidden nor leading elsewhere.
_STEP = r"(?!\.)[^/\\\x00-\x1f]+"
_ALLOWED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"data/submissions/{_STEP}/{_STEP}\.(?:yml|md)",
        rf"data/submissions/{_STEP}/bilder/{_STEP}\.(?:png|jpe?g|webp)",
        rf"data/(?:cooperations|patterns|uebernahmen)/{_STEP}\.(?:yml|md)",
        rf"data/cooperations/bilder/{_STEP}\.(?:png|jpe?g|webp)",
        rf"data/reference/(?:editionen/)?{_STEP}\.(?:yml|csv)",
        rf"content/(?:{_STEP}/)*{_STEP}\.(?:md|png|jpe?g|webp)",
    )
)


@dataclass(frozen=True)
class Change:
    """A path with the kinds of file it was and is, as Git writes them."""

    path: str
    before: str = "100644"
    after: str = "100644"


def kind(changes: Iterable[Change]) -> str:
    """What a request changes; nothing at all is taken for code."""
    listed = list(changes)
    return CONTENT if listed and all(_is_content(one) for one in listed) else CODE


def _is_content(change: Change) -> bool:
    ordinary = {change.before, change.after} <= _ORDINARY
    return ordinary and any(pattern.fullmatch(change.path) for pattern in _ALLOWED)


def parse(raw: bytes) -> Iterator[Change]:
    """Changes from the output of ``git diff --raw -z --no-renames``: for each its modes and hashes, then its path."""
    parts = raw.decode("utf-8", "surrogateescape").split("\0")[:-1]
    for head, path in zip(parts[::2], parts[1::2], strict=True):
        before, after, *_ = head.removeprefix(":").split(" ")
        yield Change(path, before, after)


def changes(base: str, head: str = "HEAD") -> list[Change]:
    """What lies between the point where ``head`` left ``base``, and ``head``."""
    command = ["git", "diff", "--raw", "-z", "--no-renames", "--end-of-options", f"{base}...{head}"]
    return list(parse(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; without the parser of the other commands, since CI takes this file alone from the target branch."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if {"-h", "--help", "--hilfe"} & set(given):
        print(USAGE)
        return 0
    # Behind „--“ nothing is an option.
    commits = given[given[:1] == ["--"] :]
    if not 1 <= len(commits) <= 2 or (commits == given and given[0].startswith("-")):
        print(f"Unbekannte Angabe: {' '.join(given)}.\n{USAGE}" if given else f"Es fehlt: BASIS.\n{USAGE}")
        return 2
    try:
        found = kind(changes(*commits))
    except (OSError, subprocess.CalledProcessError):
        # Git has said why; the full pipeline is right for what nobody can judge.
        found = CODE
    print(found)
    output = os.environ.get("GITHUB_OUTPUT")
    if output:
        with Path(output).open("a", encoding="utf-8") as file:
            file.write(f"art={found}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
