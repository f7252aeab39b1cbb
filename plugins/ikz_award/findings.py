"""What is wrong, where, and what to do: the one value in which every check speaks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType


class Severity(IntEnum):
    """Only ``ERROR`` keeps a record from being published and fails a build."""

    ERROR = 0
    WARNING = 1
    NOTE = 2

    @property
    def label(self) -> str:
        """German word shown to editors."""
        return ("Fehler", "Warnung", "Hinweis")[self]


# Whoever has more faults in a file has one cause for many of them.
MOST_OF_A_FILE = 50


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file: POSIX path relative to the project, line and column counted from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause, told once.

    ``values`` fill the sentences of the wording file. They never hold a value of an internal field.
    ``excerpt`` is the source line with everything internal left out, or empty.
    """

    code: str
    place: Place
    label: str = ""
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    suggestion: str = ""
    excerpt: str = ""
    severity: Severity = Severity.ERROR

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order of a report: by place, then by code."""
        return (self.place.path, self.place.line, self.place.column, self.code, self.label)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by place and drop exact repetitions."""
    unique = {(*one.sort_key, tuple(sorted(one.values.items()))): one for one in findings}
    return tuple(sorted(unique.values(), key=lambda one: one.sort_key))


def limited(findings: Iterable[Finding], most: int = MOST_OF_A_FILE) -> tuple[Finding, ...]:
    """In each file as many as anybody reads, the first ones, and a word in place of the rest."""
    told: dict[str, int] = {}
    kept = []
    for one in findings:
        told[one.place.path] = told.get(one.place.path, 0) + 1
        if told[one.place.path] <= most:
            kept.append(one)
        elif told[one.place.path] == most + 1:
            kept.append(Finding("E138", one.place, values={"grenze": str(most)}))
    return tuple(kept)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether anything blocks a build."""
    return any(one.severity is Severity.ERROR for one in findings)


def faulty_paths(findings: Iterable[Finding]) -> frozenset[str]:
    """Files that must not be published because at least one error points into them."""
    return frozenset(one.place.path for one in findings if one.severity is Severity.ERROR)
