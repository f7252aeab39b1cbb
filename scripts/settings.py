"""The settings of the site generator: refuse in German what it could not read, with file and line."""

from __future__ import annotations

import re
from pathlib import Path

from command_line import Refusal
from ikz_award import wording, yamlfile, yamltext
from ikz_award.findings import Finding, Place

NAME = "mkdocs.yml"
# Refused in records, usual in settings: anchors, merging, types.
_USUAL = {"E107", "E108", "E109"}
_MAX_DEPTH = 20


def demand_readable(root: Path) -> yamlfile.Document:
    """Read the settings as plain YAML.

    Raises:
        Refusal: they are not there, or no YAML.
    """
    try:
        data = (root / NAME).read_bytes()
    except FileNotFoundError:
        raise Refusal(f"{NAME} fehlt.") from None
    document = yamlfile.read(data, _MAX_DEPTH)
    problems = [one for one in document.problems if one.code not in _USUAL]
    if not problems and not isinstance(document.value, dict):
        problems = [yamltext.Problem("E113", 1, 1)]
    if problems:
        one, words = problems[0], wording.load()
        found = Finding(one.code, Place(NAME, one.line, one.column), values=dict(one.values))
        raise Refusal(f"{found.place}: {words.text(found)} {words.help(found)}")
    return document


def demand_usable(root: Path) -> None:
    """Let the generator look at its settings before anything is started.

    Raises:
        Refusal: it cannot work with them.
    """
    # Late, since loading the generator takes longer than all the rest.
    from ikz_award.adapters import preview  # noqa: PLC0415

    document = demand_readable(root)
    try:
        preview.look_at_settings(root / NAME)
    except preview.Unusable as error:
        if not error.key:
            raise Refusal(f"{NAME} ist so nicht brauchbar. Der Seitengenerator meldet: {error}") from error
        key = error.key
        spot = document.key_spot((key,))
        for word in re.findall(r"['\"]([^'\"]+)['\"]", str(error)):
            if (key,) in document.spots:
                spot = document.locate((key,), word)
        place = Place(NAME, *spot)
        raise Refusal(
            f"{place}: Mit der Angabe „{key}“ kann der Seitengenerator nichts anfangen. Er meldet: {error}"
        ) from error
