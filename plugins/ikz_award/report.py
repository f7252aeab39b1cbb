"""Findings as text for people, and as JSON lines, GitHub annotations and a GitLab Code Quality report for machines."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from ikz_award.findings import Finding, Severity
from ikz_award.wording import Wording

Format = Literal["text", "json", "github", "gitlab"]
_MAX_EXCERPT = 120
# GitHub obeys „::error …“ at the start of a line, also behind blanks, and „##[error]“ anywhere.
_COMMAND = re.compile(r"^\s*::|##\[")


def as_text(findings: Sequence[Finding], wording: Wording) -> str:
    """Human form: place and sentence, the source line with a marker, the way out; a count at the end."""
    return (
        "\n".join([*(one_as_text(finding, wording) for finding in findings), summary(findings, wording)])
        + "\n"
    )


def _no_command(line: str) -> str:
    """The line with what the log of a workflow would take for an order put out of action, and as long as before."""
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\N{REPLACEMENT CHARACTER}", line)


def one_as_text(finding: Finding, wording: Wording) -> str:
    """One finding in human form, with an empty line behind it."""
    lines = [wording.line(finding)]
    if finding.excerpt.strip():
        lines += _marked(finding.excerpt, finding.place.column)
    lines.append(f"    {wording.phrases['abhilfe'].format(hilfe=wording.help(finding))}")
    return "\n".join(map(_no_command, lines)) + "\n"


def summary(findings: Sequence[Finding], wording: Wording) -> str:
    """The closing line with the three counts."""
    if not findings:
        return wording.phrases["keine"]
    errors, warnings, notes = (sum(one.severity is severity for one in findings) for severity in Severity)
    return wording.phrases["summe"].format(
        fehler=errors,
        warnungen=wording.phrases["warnung" if warnings == 1 else "warnungen"].format(anzahl=warnings),
        hinweise=wording.phrases["hinweis" if notes == 1 else "hinweise"].format(anzahl=notes),
    )


def _marked(source: str, column: int) -> list[str]:
    """The line, cut around the column if it is long, and a marker below it."""
    start = max(0, column - 1 - _MAX_EXCERPT * 2 // 3) if len(source) > _MAX_EXCERPT else 0
    part = source[start : start + _MAX_EXCERPT].replace("\t", " ")
    before, after = "…" if start else "", "…" if start + _MAX_EXCERPT < len(source) else ""
    blank = " " * (column - 1 - start + len(before))
    return [f"    {before}{part}{after}", f"    {blank}^"]


def as_json(findings: Sequence[Finding], wording: Wording) -> str:
    """One JSON object a line."""
    rows = (
        {
            "code": one.code,
            "schwere": one.severity.label,
            "datei": one.place.path,
            "zeile": one.place.line,
            "spalte": one.place.column,
            "angabe": one.label,
            "text": wording.text(one),
            "hilfe": wording.help(one),
        }
        for one in findings
    )
    # „##[“ as an escape, which means the same to every reader of JSON and nothing to a log.
    lines = (json.dumps(row, ensure_ascii=False).replace("##[", "##\\u005b") for row in rows)
    return "".join(f"{one}\n" for one in lines)


def as_github(findings: Sequence[Finding], wording: Wording) -> str:
    """Workflow commands; escaping as GitHub documents it for properties and messages."""
    kinds = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
    lines = []
    for one in findings:
        title = _github_property(f"{one.code} {one.label}".strip())
        message = _github_message(f"{wording.text(one)} {wording.help(one)}")
        where = f"file={_github_property(one.place.path)},line={one.place.line},col={one.place.column}"
        lines.append(f"::{kinds[one.severity]} {where},title={title}::{message}\n")
    return "".join(lines)


def _github_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_message(text).replace(":", "%3A").replace(",", "%2C")


def as_gitlab(findings: Sequence[Finding], wording: Wording) -> str:
    """A Code Quality report (GitLab's subset of the Code Climate format)."""
    kinds = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}
    rows = [
        {
            "description": f"{wording.text(one)} {wording.help(one)}",
            "check_name": one.code,
            # Stable while lines move: code, file and sentence, not the position.
            "fingerprint": hashlib.sha256(
                f"{one.code}|{one.place.path}|{one.label}|{wording.text(one)}|{_rank(one, findings)}".encode()
            ).hexdigest(),
            "severity": kinds[one.severity],
            "location": {"path": one.place.path, "lines": {"begin": one.place.line}},
        }
        for one in findings
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _rank(finding: Finding, findings: Sequence[Finding]) -> int:
    """How many findings that read the same come before this one in its file."""
    same = [
        one
        for one in findings
        if (one.code, one.place.path, one.label) == (finding.code, finding.place.path, finding.label)
    ]
    return same.index(finding)


FORMATS: Mapping[str, Callable[[Sequence[Finding], Wording], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "gitlab": as_gitlab,
}
