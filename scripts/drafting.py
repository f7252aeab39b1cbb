"""What the commands for new records share: ask in German, try an answer before it counts, write without overwriting."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from command_line import Refusal, cause
from ikz_award import model, planning, report, vocabulary, wording, yamlfile
from ikz_award import text as texts
from ikz_award.checks import rules, structure
from ikz_award.dates import BERLIN
from ikz_award.findings import Finding, Place, faulty_paths
from ikz_award.records import Cache, RawRecord, Reading
from ikz_award.schema import Field, Table
from ikz_award.skeleton import Draft, render
from ikz_award.vocabulary import RecordKind, Vocabulary

# Says what is wrong with an answer, or nothing.
Check: TypeAlias = Callable[[str], str]

# Findings that only say that something is not there yet.
MISSING = {"E202", "E216", "E225"}
_LIST_WORDS = {"?", "liste"}
# Up to so many values are listed beside a guess.
_FEW = 12


def one_line(answer: str) -> str:
    """An answer without blanks around it and without line breaks."""
    return " ".join(answer.split())


@dataclass(frozen=True)
class Questions:
    """Asks on the terminal, or takes what the command line brought. ``silent``: never ask."""

    silent: bool

    def answer(
        self,
        question: str,
        *,
        flag: str,
        given: str | None,
        check: Check,
        default: str = "",
        options: Mapping[str, str] | None = None,
        needed: bool = False,
        help_text: str = "",
        empty: str = "bleibt offen",
    ) -> str:
        """One answer that passed its check; empty if it may stay open.

        Args:
            question: what to ask.
            flag: option of the command line that brings the answer.
            given: what it brought. A wrong value is refused, not asked for again.
            check: says what is wrong with an answer.
            default: taken if the answer is empty.
            options: allowed answers, shown on request; a number picks one.
            needed: whether nothing goes without an answer.
            help_text: explanation shown above the question.
            empty: what happens without an answer.

        Raises:
            Refusal: the given value is wrong, or a needed one is missing and nobody may be asked.
        """
        if given is not None or self.silent:
            value = one_line(given or "") or default
            problem = check(value) if value else ""
            if problem:
                raise Refusal(f"{flag}: {problem}")
            if needed and not value:
                raise Refusal(f"{flag} fehlt.")
            return value
        if help_text:
            sys.stdout.write(f"  {help_text}\n")
        hints = [
            "" if default or needed else f"Eingabetaste: {empty}",
            "? zeigt die Liste" if options else "",
        ]
        hint = "; ".join(one for one in hints if one)
        prompt = question + (f" ({hint})" if hint else "") + (f" [{default}]" if default else "")
        return self._ask(prompt, check, default, options or {}, needed=needed)

    def _ask(
        self, prompt: str, check: Check, default: str, options: Mapping[str, str], *, needed: bool
    ) -> str:
        while True:
            value = one_line(input(f"{prompt}: ")) or default
            if value in _LIST_WORDS and options:
                _show(options)
                continue
            if options and value.isdecimal() and value not in options and 0 < int(value) <= len(options):
                value = list(options)[int(value) - 1]
            problem = check(value) if value else "Ohne diese Angabe geht es nicht." if needed else ""
            if not problem:
                return value
            sys.stdout.write(f"  {problem}\n")


def _show(options: Mapping[str, str]) -> None:
    for number, (value, words) in enumerate(options.items(), 1):
        sys.stdout.write(f"  {number:3} {value}" + (f" – {words}\n" if words != value else "\n"))


def one_of(options: Mapping[str, str], where: str) -> Check:
    """A check for an answer that has to be one of the options, codes with their German names."""
    known = list(options)
    # Whoever writes the name in full means the code; what a name adds in brackets need not be written.
    meant = {name.partition(" (")[0].casefold(): code for code, name in options.items()}

    def check(value: str) -> str:
        if value in known:
            return ""
        near = meant.get(value.casefold()) or texts.nearest(value, known)
        guess = f" Meinten Sie „{near}“?" if near else ""
        # With a good guess, nobody has to read through dozens of codes.
        listed = f" Möglich sind: {', '.join(known)}." if not near or len(known) <= _FEW else ""
        return f"„{value}“ gibt es {where} nicht.{guess}{listed}"

    return check


class Workshop:
    """A project in which a new record is being drafted."""

    def __init__(self, root: Path, now: datetime) -> None:
        self.root = root
        self.now = now
        # Answers come one by one, and only the draft changes between them.
        self.cache = Cache()
        self.vocabulary: Vocabulary
        self.reading: Reading
        self.vocabulary, self.reading = vocabulary.read(root)
        unreadable = sorted(self.reading.unreadable & self.vocabulary.references.keys())
        if unreadable:
            raise Refusal(
                f"Nicht lesbar: {', '.join(unreadable)}. Zuerst „make check“ ausführen und die Befunde beheben."
            )

    def records(self, table: str) -> list[RawRecord]:
        """Files of a table that could be read."""
        return [one for one in self.reading.records if one.table == table]

    def objections(
        self, kind: RecordKind, keys: Mapping[str, str], draft: Draft, labels: Iterable[str]
    ) -> str:
        """What the check would say about the fields of these titles, beyond that something is missing; or nothing."""
        words = wording.load()
        wanted = set(labels)
        completed = _completed(kind, self.vocabulary, draft)
        told = [
            f"{words.text(one)} {words.help(one)}"
            for one in self._trial(kind, keys, render(kind, self.vocabulary, completed))
            if one.code not in MISSING and (one.label in wanted or one.code.startswith("E1"))
        ]
        return " ".join(dict.fromkeys(told))

    def _trial(self, kind: RecordKind, keys: Mapping[str, str], text: str) -> list[Finding]:
        """Findings about a text that is not written yet."""
        path = f"data/{kind.pattern.format_map(_Anything(keys))}"
        try:
            document = yamlfile.read(text.encode())
        except UnicodeEncodeError as error:
            raise Refusal("Eine Angabe enthält Zeichen, die sich nicht in UTF-8 speichern lassen.") from error
        if document.problems:
            return [
                Finding(one.code, Place(path, one.line, one.column), values=dict(one.values))
                for one in document.problems
            ]
        columns = {**keys, **({"art": kind.kind} if kind.kind else {})}
        reading = Reading(
            files=dict(self.reading.files),
            # A draft competes with no other case, so their number does not slow down the answers.
            records=[
                *(one for one in self.reading.records if one.table != vocabulary.CASES),
                RawRecord(kind.table.name, path, columns, document),
            ],
            unreadable=set(self.reading.unreadable),
        )
        description = self.vocabulary.description
        findings = structure.check(reading, description)
        data = model.build(reading.records, description, faulty_paths(findings), self.reading.pictures)
        findings += rules.check(data, self.now.astimezone(BERLIN).date())
        return [one for one in findings if one.place.path == path]

    def write(self, kind: RecordKind, keys: Mapping[str, str], draft: Draft) -> str:
        """Write the record and return its path in the project; nothing is ever overwritten."""
        path = f"data/{kind.pattern.format_map(keys)}"
        _write_new(self.root / path, render(kind, self.vocabulary, draft).encode())
        return path

    def open_findings(self, path: str) -> str:
        """What a check of the whole project says about the new file, as text; empty if it says nothing."""
        findings = [
            one
            for one in planning.check(self.root, "entwurf", self.now, self.cache).findings
            if one.place.path == path
        ]
        return report.as_text(findings, wording.load()) if findings else ""


def _completed(kind: RecordKind, known: Vocabulary, draft: Draft) -> Draft:
    """The draft with something sound for everything required, so that rules look at it, too."""

    def anything(table: Table, one: Field) -> str:
        return next(iter(known.allowed(table, one, kind.kind)), "1")

    required = [one for one in kind.fields if one.required]
    filled = {one.name: anything(kind.table, one) for one in required if not one.unknown_allowed}
    # Some values would break rules of their own; for the trial they are unknown.
    unknown = [one.name for one in required if one.unknown_allowed and one.name not in draft.values]
    rows = {
        child.list_key: [{one.name: anything(child, one) for one in child.fields if one.required}]
        for child in known.description.children(kind.table.name)
        if child.min_rows
    }
    return replace(
        draft,
        values={**filled, **draft.values},
        rows={**rows, **draft.rows},
        unknown=[*draft.unknown, *unknown],
    )


class _Anything(dict[str, str]):
    """Parts of a path that are not known yet."""

    def __missing__(self, key: str) -> str:
        return "neu"


def _write_new(file: Path, data: bytes) -> None:
    """Put a file in place in one step; refuse if something is there."""
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        _make_folder(file.parent)
        temporary.write_bytes(data)
        _move(temporary, file)
    except FileExistsError as error:
        raise Refusal(f"{file.name} gibt es schon; die Datei bleibt, wie sie ist.") from error
    except OSError as error:
        raise Refusal(f"{file.parent} lässt sich nicht beschreiben. {cause(error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        # Something else has this name.
        raise NotADirectoryError(error.errno, error.strerror) from error


def _move(source: Path, target: Path) -> None:
    """Rename, but never onto something: a link fails where a rename would replace."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no links.
        if target.exists():
            raise FileExistsError(target.name) from None
        source.rename(target)
