"""What may stand in the settings of the site generator: no contact data, which go out with every page, and no programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ikz_award import files, yamlfile
from ikz_award import text as texts
from ikz_award.checks.privacy import contacts, local_part
from ikz_award.findings import Finding, Place

NAME = "mkdocs.yml"
# Deeper than settings ever are.
_MAX_DEPTH = 20
# Keys by which a generator runs a file, or reads further settings.
_RUN = ("hooks", "INHERIT")
_USUAL = "tag:yaml.org,2002:"


def check(project_root: Path) -> Iterator[Finding]:
    """Findings in the settings; whether they are there and can be read, the commands ask that need them."""
    try:
        data = files.read(project_root / NAME, yamlfile.MAX_BYTES)
    except OSError:
        return
    text = data.decode("utf-8", "replace")
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        for code, one in dict.fromkeys(found for shown in texts.as_read(line) for found in contacts(shown)):
            column = next((line.find(part) + 1 for part in (one, local_part(one)) if part in line), 1)
            yield Finding(code, Place(NAME, number, column), values={"wert": one})
    document = yamlfile.read(data, _MAX_DEPTH)
    for key in _RUN:
        if isinstance(document.value, dict) and key in document.value:
            yield Finding("E464", Place(NAME, *document.key_spot((key,))), values={"wert": key})
    for tag, *spot in yamlfile.tags(text):
        if tag.startswith(f"{_USUAL}python"):
            # As it is meant: letters of it may be written by their number.
            shown = f"!!{tag.removeprefix(_USUAL)}"
            yield Finding("E464", Place(NAME, *spot), values={"wert": shown})
