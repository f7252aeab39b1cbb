"""German sentences and labels, from ``texts/``. Nothing else in the package holds a sentence of a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast

from ikz_award import yamlfile, yamltext
from ikz_award.findings import Finding
from ikz_award.yamlfile import Raw


class _Blank(dict[str, str]):
    """Values for a sentence; one that a finding does not bring stays an ellipsis rather than raising."""

    def __missing__(self, key: str) -> str:
        return "…"


def visible(text: str) -> str:
    """A text from a file in one line, without anything that would move the cursor or turn the direction of writing."""
    return yamltext.CONTROL.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def _in_one_line(values: Mapping[str, str]) -> _Blank:
    return _Blank({key: visible(value) for key, value in values.items()})


@dataclass(frozen=True)
class Wording:
    """All texts; ``findings`` by code."""

    findings: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, Mapping[str, str]]
    phrases: Mapping[str, str]

    def text(self, finding: Finding) -> str:
        """What is wrong."""
        return self.findings[finding.code]["text"].format_map(_in_one_line(finding.values))

    def help(self, finding: Finding) -> str:
        """What to do, with the near miss if there is one."""
        way_out = self.findings[finding.code]["hilfe"].format_map(_in_one_line(finding.values))
        if finding.suggestion:
            nearest = visible(finding.suggestion)
            return f"{self.phrases['meinten'].format(vorschlag=nearest)} {way_out}"
        return way_out

    def line(self, finding: Finding) -> str:
        """The first line of the human form."""
        label = self.phrases["angabe"].format(name=visible(finding.label)) if finding.label else ""
        return self.phrases["zeile"].format(
            stelle=finding.place,
            schwere=finding.severity.label,
            code=finding.code,
            angabe=label,
            text=self.text(finding),
        )

    def label(self, group: str, key: object) -> str:
        """German words for a code of a record."""
        return self.labels[group][str(key)]


@cache
def texts(name: str) -> Mapping[str, Raw]:
    """A file below ``texts/`` as it stands there; the package is broken if it cannot be read."""
    document = yamlfile.read(resources.files("ikz_award").joinpath(f"texts/{name}").read_bytes())
    if document.problems:
        one = document.problems[0]
        message = f"texts/{name}:{one.line}:{one.column}: {one.code}"
        raise RuntimeError(message)
    return cast("dict[str, Raw]", document.value)


@cache
def load() -> Wording:
    """The wording shipped with the package."""
    value = texts("de.yml")
    return Wording(cast("Any", value["befunde"]), cast("Any", value["werte"]), cast("Any", value["befund"]))
