#!/usr/bin/env python3
"""Say whether the published site is out of date because a moment has passed; standard library only."""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

TIMEOUT = 20.0
LARGEST = 64 * 1024
KEYS = ("naechste_aenderung", "gebaut_fuer")


class UnreadableError(Exception):
    """The published file says nothing that can be used; the message is a German sentence."""


class GermanHelp(argparse.HelpFormatter):
    """Help whose first word is German, too."""

    def add_usage(self, usage, actions, groups, prefix=None) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        """Pass on a German prefix."""
        super().add_usage(usage, actions, groups, prefix or "Aufruf: ")


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


def next_change(source: str) -> datetime | None:
    """Return the moment the published site names, or nothing if it names none."""
    try:
        data = load(source)
    except (OSError, ValueError) as problem:
        raise UnreadableError(f"„{source}“ ist nicht lesbar ({problem}).") from problem
    try:
        content = json.loads(data)
        value = content[KEYS[0]]
        moment(content[KEYS[1]])
        return None if value is None else moment(value)
    except (ValueError, TypeError, KeyError) as problem:
        raise UnreadableError(f"„{source}“ hat nicht die erwartete Form.") from problem


def main() -> int:
    """Print ja or nein, and tell a GitHub workflow the same."""
    parser = argparse.ArgumentParser(
        usage="%(prog)s [--jetzt ZEITPUNKT] QUELLE",
        description="Sagt, ob seit dem letzten Bau ein Zeitpunkt vorbei ist, zu dem dieselben Daten eine andere"
        " Website ergeben. Ausgabe: ja oder nein; im Zweifel ja.",
        formatter_class=GermanHelp,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="help", help="zeigt diese Hilfe")
    parser.add_argument("quelle", metavar="QUELLE", help="Adresse oder Datei von naechste-aenderung.json")
    parser.add_argument(
        "--jetzt",
        metavar="ZEITPUNKT",
        type=asked_moment,
        help="gedachter Zeitpunkt der Frage, etwa 2026-06-15T11:00:00+02:00 (Vorgabe: die Uhr)",
    )
    options = parser.parse_args()
    now = options.jetzt or datetime.now(UTC)
    try:
        change = next_change(options.quelle)
    except UnreadableError as problem:
        print(f"{problem} Vorsichtshalber wird neu gebaut.", file=sys.stderr)
        answer = "ja"
    else:
        answer = "ja" if change is not None and change <= now else "nein"
    print(answer)
    output = os.environ.get("GITHUB_OUTPUT")
    if output:
        with Path(output).open("a", encoding="utf-8") as file:
            file.write(f"faellig={answer}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
