"""What all commands share: a German command line, exit statuses, the moment to work for, and sentences instead of tracebacks."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from ikz_award.dates import moment_from
from ikz_award.schema import DescriptionError

ROOT = Path(__file__).resolve().parent.parent
OK, COULD_NOT_RUN, INTERRUPTED = 0, 2, 130

# What argparse says, and our words for it.
_PHRASES = (
    (r"unrecognized arguments: (.*)", r"Unbekannte Angabe: \1"),
    (r"argument (\S+): expected one argument", r"Hinter \1 fehlt der Wert"),
    (r"argument (\S+): invalid choice: (\S+) \(choose from (.*)\)", r"\1: \2 ist nicht möglich; erlaubt: \3"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 ist mehrdeutig: \2"),
)


class Refusal(Exception):  # noqa: N818 - not an error of the program
    """The command cannot do what is asked; the message says why and what helps, in German."""


class GermanParser(argparse.ArgumentParser):
    """Command line whose usage line and error messages are German, too."""

    def __init__(self, description: str, usage: str = "[OPTIONEN]") -> None:
        super().__init__(
            description=description, add_help=False, allow_abbrev=False, usage=f"%(prog)s {usage}".rstrip()
        )
        self._optionals.title, self._positionals.title = "Optionen", "Angaben"
        self.add_argument("-h", "--help", "--hilfe", action="help", help="zeigt diese Hilfe")

    def format_usage(self) -> str:
        """Usage line."""
        return super().format_usage().replace("usage:", "Aufruf:", 1)

    def format_help(self) -> str:
        """Whole help."""
        return super().format_help().replace("usage:", "Aufruf:", 1)

    def error(self, message: str) -> NoReturn:
        """Say it and leave."""
        for pattern, words in _PHRASES:
            message = re.sub(pattern, words, message)
        self.exit(COULD_NOT_RUN, f"{message}.\nHilfe: {self.prog} --hilfe\n")


def run(command: Callable[[], int], undone: str = "Nichts geschrieben") -> int:
    """Run a command; what goes wrong becomes a sentence that begins with ``undone``, and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return command()
    except Refusal as problem:
        sys.stderr.write(f"{undone}. {problem}\n")
        return COULD_NOT_RUN
    except DescriptionError as problem:
        sys.stderr.write(f"{undone}. Die Beschreibung der Daten ist nicht lesbar: {problem}\n")
        return COULD_NOT_RUN
    except EOFError:
        sys.stderr.write(
            "\nAbgebrochen, nichts geschrieben. Ohne Fragen geht es mit --nicht-fragen; alle Angaben nennt --hilfe.\n"
        )
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        sys.stderr.write("\nAbgebrochen, nichts geschrieben.\n")
        return INTERRUPTED


def moment(day: str | None = None) -> datetime:
    """The moment to work for: the given day, else ``SOURCE_DATE_EPOCH``, else the clock.

    Raises:
        Refusal: what is given is no date.
    """
    try:
        return moment_from(day, os.environ.get("SOURCE_DATE_EPOCH"), datetime.now().astimezone())
    except ValueError:
        sentence = (
            f"„{day}“ ist kein Tag; so schreiben: 2026-02-09." if day else "SOURCE_DATE_EPOCH ist keine Zahl."
        )
        raise Refusal(sentence) from None
