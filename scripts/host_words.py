"""What MkDocs says when it refuses a build, in German where an editor can do something about it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from german_parser import cause

# Most is found before the host begins; these need the finished pages, or the menu.
_SENTENCES = (
    (
        r"WARNING -\s+Doc file '([^']+)' contains a link '([^']+)', but the doc '[^']+' does not contain an anchor '[^']+'\.",
        r"content/\1:@\2@: Der Verweis „\2“ nennt eine Überschrift, die es dort nicht gibt.",
    ),
    (
        r"WARNING -\s+Doc file '([^']+)' contains a link '([^']+)', but there is no such anchor on this page\.",
        r"content/\1:@\2@: Der Verweis „\2“ nennt eine Überschrift, die es auf der Seite nicht gibt.",
    ),
    (
        r"WARNING -\s+The following pages exist in the docs directory, but are not included in the \"nav\" configuration:",
        "Diese Seiten unter content/ stehen nicht im Menü; in mkdocs.yml unter „nav“ oder „not_in_nav“ eintragen:",
    ),
    (r"Aborted with (\d+) warnings? in strict mode!", "Der Seitengenerator hat deshalb abgebrochen."),
)
# How an error ends a program nobody had foreseen it in; only its last line tells what happened.
_TRACE = re.compile(
    r"^(?:[^\n]*)?Traceback \(most recent call last\):\n(?:(?:[ \t][^\n]*)?\n)*(?P<kind>[\w.]+)(?:: (?P<words>[^\n]*))?\n?",
    re.MULTILINE,
)
_BETWEEN = re.compile(r"^(?:During handling of|The above exception was) [^\n]*\n\n?", re.MULTILINE)
_SYSTEM = re.compile(r"\[Errno (\d+)\] [^:]*(?:: '([^']*)')?")
# What is worth saying though nothing is wrong.
_ANYWAY = re.compile(r"^INFO .*ikz-award: (Warnung: .*\n)", re.MULTILINE)
_PROGRESS = re.compile(r"^INFO .*\n?", re.MULTILINE)


def said_anyway(log: str) -> str:
    """What an editor should know of a build that went well."""
    return "".join(_ANYWAY.findall(log))


def _broken_off(trace: re.Match[str]) -> str:
    refused = _SYSTEM.match(trace["words"] or "")
    reason = f"{trace['kind']}: {trace['words']}" if trace["words"] else trace["kind"]
    if refused:
        reason = cause(OSError(int(refused[1]), os.strerror(int(refused[1])), refused[2])).rstrip(".")
    return f"Der Seitengenerator ist abgebrochen. {reason}.\n"


def in_german(log: str, root: Path) -> str:
    """The log without its progress, with the places below ``root``; sentences nobody foresaw stay as they are."""
    said = _BETWEEN.sub("", _TRACE.sub(_broken_off, _PROGRESS.sub("", log)))
    for pattern, sentence in _SENTENCES:
        said = re.sub(pattern, sentence, said)

    def place(match: re.Match[str]) -> str:
        file = root / match[1]
        # A page that the core generates has no file an editor could open.
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        at = max(text.find(match[2]), 0)
        return f"{match[1]}:{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}:"

    return re.sub(r"(content/\S+):@(.*?)@:", place, said).lstrip("\n")
