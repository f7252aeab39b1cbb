"""What all commands share: a German command line, exit statuses, the moment to work for, and sentences instead of tracebacks."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path

from german_parser import COULD_NOT_RUN, INTERRUPTED, OK, GermanParser, cause
from ikz_award import replay, wording
from ikz_award.dates import in_words, moment_from
from ikz_award.publication import PROFILES, Profile, is_ahead
from ikz_award.schema import DescriptionError

__all__ = [
    "COULD_NOT_RUN",
    "INTERRUPTED",
    "OK",
    "ROOT",
    "GermanParser",
    "Refusal",
    "add_profile",
    "cause",
    "explained",
    "kept_in",
    "moment",
    "resolved",
    "run",
]

ROOT = Path(__file__).resolve().parent.parent


class Refusal(Exception):  # noqa: N818 - not an error of the program
    """The command cannot do what is asked; the message says why and what helps, in German."""


def add_profile(parser: argparse.ArgumentParser, what: str = "Fassung") -> None:
    """Add the option that says for whom the site is."""
    parser.add_argument(
        "--profil",
        metavar="FASSUNG",
        type=_profile,
        default="entwurf",
        help=f"{what}: {', '.join(PROFILES)} (Vorgabe: entwurf)",
    )


def _profile(text: str) -> str:
    if text not in PROFILES:
        # People meet this option as PROFIL=… behind make.
        raise argparse.ArgumentTypeError(f"PROFIL „{text}“ gibt es nicht; möglich sind {', '.join(PROFILES)}")
    return text


def explained(error: DescriptionError) -> str:
    """What is wrong with the description of the data, and what helps where that is known."""
    sentence = f"Die Beschreibung der Daten ist nicht lesbar: {error}"
    if error.finding:
        words = wording.load()
        sentence += f" {words.text(error.finding)} {words.help(error.finding)}"
    return sentence


def run(command: Callable[[], int], undone: str = "Nichts geschrieben") -> int:
    """Run a command; what goes wrong becomes a sentence that begins with ``undone``, and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        status = command()
        sys.stdout.flush()
    except Refusal as problem:
        sys.stderr.write(f"{undone}. {problem}\n")
        return COULD_NOT_RUN
    except DescriptionError as problem:
        sys.stderr.write(f"{undone}. {explained(problem)}\n")
        return COULD_NOT_RUN
    except BrokenPipeError:
        # Whoever reads along has enough („make check | head“); Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
    except OSError as problem:
        sys.stderr.write(f"{undone}. {cause(problem)}\n")
        return COULD_NOT_RUN
    except EOFError:
        sys.stderr.write(
            "\nAbgebrochen, nichts geschrieben. Ohne Fragen geht es mit --nicht-fragen; alle Angaben nennt --hilfe.\n"
        )
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        sys.stderr.write("\nAbgebrochen, nichts geschrieben.\n")
        return INTERRUPTED
    return status


def resolved(path: Path) -> Path:
    """Where a path leads, whatever links are on the way.

    Raises:
        Refusal: they lead in a circle.
    """
    try:
        return path.resolve()
    except RuntimeError:
        raise Refusal(f"„{path}“ ist ein Verweis, der zu sich selbst zurückführt.") from None


def kept_in(root: Path) -> Path:
    """Folder for what one command leaves to the next; ``mkdocs.yml`` names the same."""
    return root / os.environ.get("IKZ_ZWISCHENSPEICHER", replay.FOLDER)


def moment(day: str | None = None, profile: Profile = "entwurf") -> datetime:
    """The moment to work for: the given day, else ``SOURCE_DATE_EPOCH``, else the clock.

    Raises:
        Refusal: what is given is no date, or what goes out would be built for a later time than now.
    """
    # Tests can set this clock from outside, and no other.
    clock = datetime.fromtimestamp(time.time()).astimezone()
    try:
        given = moment_from(day, os.environ.get("SOURCE_DATE_EPOCH"), clock)
    except ValueError:
        sentence = (
            f"„{day}“ ist kein Tag; so schreiben: 2026-02-09."
            if day
            else "SOURCE_DATE_EPOCH ist keine Zahl, die einen Zeitpunkt nennt."
        )
        raise Refusal(sentence) from None
    if is_ahead(profile, given, clock):
        raise Refusal(
            f"SOURCE_DATE_EPOCH nennt den {in_words(given)}; für einen späteren Zeitpunkt als jetzt entsteht nichts, das hinausgeht,"
            " sonst wäre eine Sperrfrist vorzeitig vorbei. Zum Ansehen genügt PROFIL=entwurf."
        )
    return given
