#!/usr/bin/env python3
"""Say whether the published site is out of date because a moment has passed; standard library only."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from german_parser import COULD_NOT_RUN, OK, GermanParser, cause

TIMEOUT = 20.0
LARGEST = 64 * 1024
KEYS = ("naechste_aenderung", "gebaut_fuer")
# What a server says if there is nothing at an address, as opposed to being in trouble.
NOTHING_THERE = (404, 410)


class UnreadableError(Exception):
    """The published file says nothing that can be used; the message is a German sentence."""


class UnpublishedError(Exception):
    """There is no published file; the message is a German sentence."""


def moment(text: str) -> datetime:
    """Read an ISO moment; it has to name its offset."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(text)
    return value


def asked_moment(text: str) -> datetime:
    """Read the moment of the command line; a wrong one gets a German sentence."""
    try:
        return moment(text)
    except ValueError:
        sentence = f"„{text}“ ist kein Zeitpunkt mit Abstand zur Weltzeit, etwa 2026-06-15T11:00:00+02:00."
        raise argparse.ArgumentTypeError(sentence) from None


def load(source: str) -> bytes:
    """Read an address or a file, up to a limit."""
    if source.startswith(("https://", "http://")):
        request = urllib.request.Request(source, headers={"Cache-Control": "no-cache"})  # noqa: S310 - scheme checked
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - scheme checked
            return bytes(answer.read(LARGEST + 1))
    with Path(source).open("rb") as file:
        return file.read(LARGEST + 1)


def _reason(problem: Exception) -> str:
    """The same in German, where the system says it in a way that is known."""
    return cause(problem).rstrip(".") if isinstance(problem, OSError) and problem.errno else str(problem)


def next_change(source: str) -> datetime | None:
    """Return the moment the published site names, or nothing if it names none.

    Raises:
        UnpublishedError: a server says that there is nothing at the address.
        UnreadableError: anything else that keeps from knowing.
    """
    try:
        data = load(source)
    except urllib.error.HTTPError as problem:
        with problem:
            if problem.code in NOTHING_THERE:
                raise UnpublishedError(f"Unter „{source}“ ist noch nichts veröffentlicht.") from problem
            raise UnreadableError(f"„{source}“ ist nicht lesbar ({problem}).") from problem
    except (OSError, ValueError, http.client.HTTPException) as problem:
        raise UnreadableError(f"„{source}“ ist nicht lesbar ({_reason(problem)}).") from problem
    try:
        content = json.loads(data)
        value = content[KEYS[0]]
        moment(content[KEYS[1]])
        return None if value is None else moment(value)
    except (ValueError, TypeError, KeyError) as problem:
        raise UnreadableError(f"„{source}“ hat nicht die erwartete Form.") from problem


def decide(source: str, now: datetime, *, also_first: bool) -> tuple[str, str]:
    """Return the answer, and why if it does not follow from a moment that was read."""
    try:
        change = next_change(source)
    except UnpublishedError as found:
        if also_first:
            return "ja", f"{found} Es wird zum ersten Mal gebaut."
        # A site that cannot be published yet would else be built in vain at every tick.
        sentence = (
            "Die erste Veröffentlichung stößt eine Übernahme oder jemand von Hand an, nicht der Zeitplan."
        )
        return "nein", f"{found} {sentence}"
    except UnreadableError as problem:
        return "ja", f"{problem} Vorsichtshalber wird neu gebaut."
    return "ja" if change is not None and change <= now else "nein", ""


def pass_on(answer: str, reason: str) -> None:
    """Tell a GitHub workflow the answer, and whoever looks at its run the reason."""
    for name, text in (("GITHUB_OUTPUT", f"faellig={answer}"), ("GITHUB_STEP_SUMMARY", reason)):
        file = os.environ.get(name)
        if file and text:
            with Path(file).open("a", encoding="utf-8") as out:
                out.write(f"{text}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print ja or nein, and tell a GitHub workflow the same."""
    parser = GermanParser(
        "Sagt, ob seit dem letzten Bau ein Zeitpunkt vorbei ist, zu dem dieselben Daten eine andere Website ergeben."
        " Ausgabe: ja oder nein; im Zweifel ja. Antwortet der Server, dass es unter der Adresse nichts gibt, ist noch"
        " nichts veröffentlicht: dann nein.",
        usage="[--auch-erstmals] [--jetzt ZEITPUNKT] QUELLE",
    )
    parser.add_argument("quelle", metavar="QUELLE", help="Adresse oder Datei von naechste-aenderung.json")
    parser.add_argument(
        "--auch-erstmals",
        action="store_true",
        help="ja auch dann, wenn unter der Adresse noch nichts veröffentlicht ist",
    )
    parser.add_argument(
        "--jetzt",
        metavar="ZEITPUNKT",
        type=asked_moment,
        help="gedachter Zeitpunkt der Frage, etwa 2026-06-15T11:00:00+02:00 (Vorgabe: die Uhr)",
    )
    options = parser.parse_args(arguments)
    now = options.jetzt or datetime.now(UTC)
    answer, reason = decide(options.quelle, now, also_first=options.auch_erstmals)
    if reason:
        print(reason, file=sys.stderr)
    print(answer)
    try:
        pass_on(answer, reason)
    except OSError as error:
        print(f"Die Antwort ließ sich nicht weitergeben. {cause(error)}", file=sys.stderr)
        return COULD_NOT_RUN
    return OK


if __name__ == "__main__":
    sys.exit(main())
