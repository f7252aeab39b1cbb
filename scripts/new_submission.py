"""Write the skeleton of a new submission, or of a documented cooperation, after asking what has to be known."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from command_line import OK, ROOT, GermanParser, Refusal, moment, run
from drafting import Questions, Workshop, one_line, one_of
from ikz_award.model import dig
from ikz_award.records import RawRecord
from ikz_award.schema import Field
from ikz_award.skeleton import Draft, open_names, slug_from
from ikz_award.vocabulary import RecordKind

SUBMISSION, COOPERATION = "einreichung", "kooperation"
# The overview page has this address.
RESERVED = "index"
LEAD, PARTIES = "federfuehrung", "beteiligte"
# Kinds of municipalities that count as districts among the parties.
DISTRICTS = {"kreis", "staedteregion"}
PREFIXES = ("Stadt ", "Gemeinde ", "Kreisfreie Stadt ")


def parser() -> argparse.ArgumentParser:
    """Options, with help in German."""
    one = GermanParser(
        "Schreibt das Gerüst einer Einreichung oder einer dokumentierten Kooperation: alle Angaben mit Erklärung. "
        "Was keine Option nennt, wird gefragt."
    )
    add = one.add_argument
    add(
        "--art",
        choices=(SUBMISSION, COOPERATION),
        default=SUBMISSION,
        help="was entsteht (Vorgabe: einreichung)",
    )
    add("--durchgang", metavar="NAME", help="Durchgang, zum Beispiel 2026 (nur für Einreichungen)")
    add("--titel", metavar="TEXT", help="Name der Kooperation")
    add("--slug", metavar="NAME", help="Kurzname für Datei und Webadresse (Vorgabe: aus dem Titel)")
    add("--kategorie", metavar="NAME", help="Kategorie des Durchgangs (nur für Einreichungen)")
    add("--federfuehrung", metavar="NAME", help="federführende Stelle, zum Beispiel „Stadt Musterstadt“")
    add("--beteiligt", metavar="NAME", action="append", help="weitere beteiligte Stelle; mehrfach möglich")
    add("--rechtsform", metavar="CODE", help="Code der Rechtsform")
    add("--ein-satz", metavar="TEXT", help="was getan wird, in einem Satz")
    add("--aufgabenfeld", metavar="CODE", action="append", help="Code eines Aufgabenfelds; mehrfach möglich")
    add("--quelle", metavar="ADRESSE", action="append", help="Adresse einer Quelle; mehrfach möglich")
    add("--nicht-fragen", action="store_true", help="fragt nichts; was fehlt, bleibt offen")
    add("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return one


class Dialogue:
    """Collects what is known about the new record."""

    def __init__(self, workshop: Workshop, options: argparse.Namespace) -> None:
        self.workshop = workshop
        self.options = options
        self.questions = Questions(silent=options.nicht_fragen)
        self.kind: RecordKind = workshop.vocabulary.kind(options.art)
        self.draft = Draft()
        self.keys: dict[str, str] = {}
        self.names = _municipalities(workshop.records("kommunen"))

    def run(self) -> None:
        """Ask in the order in which a person would tell it."""
        if self.kind.kind == SUBMISSION:
            self._edition()
            self.draft.values["status"] = self._field("status").enum[0]
        elif self.options.durchgang or self.options.kategorie:
            raise Refusal("--durchgang und --kategorie gibt es nur bei Einreichungen.")
        self._value("titel", self.options.titel, needed=True)
        self._slug()
        for one in self.kind.fields:
            if one.required and one.name not in self.draft.values:
                self._value(one.name, getattr(self.options, one.name, None))
                if one.name == LEAD:
                    self._parties()
        self._codes("aufgabenfelder", self.options.aufgabenfeld, "--aufgabenfeld")
        if self.kind.kind == COOPERATION or self.options.quelle:
            self._sources()

    def _field(self, name: str) -> Field:
        return self.kind.table.by_name[name]

    def _edition(self) -> None:
        editions = sorted(
            self.workshop.records("editionen"), key=lambda one: (_is_example(one), -_number(one))
        )
        options = {one.keys["schluessel"]: _text(one, "kurz") for one in editions}
        if not options:
            raise Refusal("Es gibt noch keinen Durchgang; zuerst „make neu-durchgang“.")
        newest = "" if _is_example(editions[0]) else editions[0].keys["schluessel"]
        key = self.questions.answer(
            "Durchgang",
            flag="--durchgang",
            given=self.options.durchgang,
            check=one_of(options, "als Durchgang"),
            default="" if self.questions.silent else newest,
            options=options,
            needed=True,
        )
        self.keys["edition"] = key
        self.draft.heading.append(f"Einreichung: {options[key]}.")
        edition = next(one for one in editions if one.keys["schluessel"] == key)
        titles = self.workshop.vocabulary.references["kategorien"]
        self.draft.choices["kategorie"] = {
            code: titles.get(code, code) for code in _codes(edition, "kategorien", "kategorie")
        }

    def _value(self, name: str, given: str | None, *, needed: bool = False) -> None:
        """Ask for a field and keep the answer."""
        one = self._field(name)
        vocabulary = self.workshop.vocabulary
        options = self.draft.choices.get(name) or vocabulary.allowed(self.kind.table, one, self.kind.kind)

        def check(value: str) -> str:
            if options and value not in options:
                where = "in diesem Durchgang" if name in self.draft.choices else f"bei „{name}“"
                return one_of(options, where)(value)
            draft = Draft(values={**self.draft.values, name: value})
            if name == LEAD:
                # The lead will be a party as well.
                draft.rows[PARTIES] = [{"name": value, "art": "kommune"}]
            return self.workshop.objections(self.kind, self.keys, draft, [one.title])

        answer = self.questions.answer(
            one.title,
            flag=f"--{name.replace('_', '-')}",
            given=given,
            check=check,
            options=options,
            needed=needed,
            help_text=one.description,
        )
        if answer:
            self.draft.values[name] = answer

    def _slug(self) -> None:
        one = self._field("slug")
        longest = one.max_length or 80
        taken = {
            record.keys["slug"]: record.path
            for record in self.workshop.reading.files.values()
            if "slug" in record.keys
        }

        def check(value: str) -> str:
            if value in taken:
                return f"Den Kurznamen „{value}“ gibt es schon: {taken[value]}. Er ist Teil der Webadresse und darf nur einmal vorkommen."
            if slug_from(value, longest) != value or value == RESERVED:
                return f"„{value}“ geht nicht: nur Kleinbuchstaben a–z, Ziffern und einzelne Bindestriche, höchstens {longest} Zeichen."
            return ""

        default = _free(slug_from(self.draft.values["titel"], longest), {*taken, RESERVED}, longest)
        if not default and self.options.slug is None and self.questions.silent:
            raise Refusal("Aus dem Titel lässt sich kein Kurzname ableiten; bitte mit --slug angeben.")
        slug = self.questions.answer(
            "Kurzname für Datei und Webadresse",
            flag="--slug",
            given=self.options.slug,
            check=check,
            default=default,
            needed=True,
        )
        self.keys["slug"] = slug
        path = f"data/{self.kind.pattern.format_map(self.keys)}"
        self.draft.heading.append(f"Der Dateiname ist Teil der Webadresse. Prüfen: make check PFAD={path}")

    def _parties(self) -> None:
        """The lead is the first party; then the others, as long as there are any."""
        names = [self.draft.values.get(LEAD, "")]
        if self.options.beteiligt is not None or self.questions.silent:
            names += [self._ask_party(name) for name in self.options.beteiligt or []]
        else:
            while name := self._ask_party(None):
                names.append(name)
        rows = [self._party(name) for name in dict.fromkeys(names) if name]
        if rows:
            self.draft.rows[PARTIES] = rows

    def _ask_party(self, given: str | None) -> str:
        table = self.workshop.vocabulary.description[PARTIES]

        def check(value: str) -> str:
            draft = Draft(rows={PARTIES: [{"name": value, "art": "kommune"}]})
            return self.workshop.objections(self.kind, self.keys, draft, [table.by_name["name"].title])

        return self.questions.answer(
            "Weitere beteiligte Stelle", flag="--beteiligt", given=given, check=check, empty="keine weitere"
        )

    def _party(self, name: str) -> dict[str, str]:
        """What the table of municipalities knows about this name; otherwise what the name itself says, or an answer."""
        known = self.names.get(name.casefold())
        if known:
            return {"name": name, "ags": known[0], "art": known[1]}
        if name.startswith(PREFIXES):
            return {"name": name, "art": "kommune"}
        table = self.workshop.vocabulary.description[PARTIES]
        options = self.workshop.vocabulary.allowed(table, table.by_name["art"])
        kind = self.questions.answer(
            f"Art von „{name}“",
            flag="--beteiligt",
            given=None,
            check=one_of(options, "als Art"),
            options=options,
        )
        return {"name": name, "art": kind} if kind else {"name": name}

    def _codes(self, list_key: str, given: Sequence[str] | None, flag: str) -> None:
        """A list of plain codes, in one answer with commas."""
        child = next(
            one for one in self.workshop.vocabulary.description.children("faelle") if one.list_key == list_key
        )
        options = self.workshop.vocabulary.allowed(child, child.fields[0], self.kind.kind)
        known = one_of(options, f"bei „{list_key}“")

        def check(value: str) -> str:
            return " ".join(problem for code in _parts(value) if (problem := known(code)))

        answer = self.questions.answer(
            f"{child.title}, Codes mit Komma",
            flag=flag,
            given=None if given is None else ", ".join(given),
            check=check,
            options=options,
        )
        if codes := list(dict.fromkeys(_parts(answer))):
            self.draft.rows[list_key] = [{"wert": code} for code in codes]

    def _sources(self) -> None:
        def check(value: str) -> str:
            draft = Draft(rows={"quellen": [{"adresse": address} for address in value.split()]})
            return self.workshop.objections(self.kind, self.keys, draft, ["Adresse"])

        answer = self.questions.answer(
            "Adresse einer Quelle",
            flag="--quelle",
            given=None if self.options.quelle is None else " ".join(self.options.quelle),
            check=check,
        )
        if answer:
            self.draft.rows["quellen"] = [{"adresse": address} for address in answer.split()]


def _is_example(record: RawRecord) -> bool:
    return _text(record, "beispiel") == "ja"


def _number(record: RawRecord) -> int:
    text = _text(record, "nummer")
    return int(text) if text.isdecimal() else 0


def _text(record: RawRecord, key: str) -> str:
    value = dig(record.document.value, (key,))
    return one_line(value) if isinstance(value, str) else ""


def _codes(record: RawRecord, list_key: str, key: str) -> list[str]:
    rows = dig(record.document.value, (list_key,))
    found = [dig(row, (key,)) for row in rows] if isinstance(rows, list) else []
    return [code for code in found if isinstance(code, str)]


def _parts(answer: str) -> list[str]:
    return [part.strip() for part in answer.split(",") if part.strip()]


def _municipalities(records: Sequence[RawRecord]) -> Mapping[str, tuple[str, str]]:
    """AGS and kind of party by name, with and without „Stadt“; names that occur twice are left out."""
    found: dict[str, set[tuple[str, str]]] = {}
    for record in records:
        rows = record.document.value
        for row in rows if isinstance(rows, list) else []:
            name, ags, kind = (str(dig(row, (key,)) or "") for key in ("name", "ags", "art"))
            party = (ags, "kreis" if kind in DISTRICTS else "kommune")
            prefixes = (
                ("",) if kind in DISTRICTS else ("", "Gemeinde ") if kind == "gemeinde" else ("", "Stadt ")
            )
            for prefix in prefixes:
                found.setdefault(f"{prefix}{name}".casefold(), set()).add(party)
    return {name: next(iter(parties)) for name, parties in found.items() if len(parties) == 1}


def _free(slug: str, taken: set[str], longest: int) -> str:
    """The slug itself, or with the first number that makes it new; empty stays empty."""
    number, candidate = 2, slug
    while candidate in taken:
        tail = f"-{number}"
        candidate = f"{slug[: longest - len(tail)].rstrip('-')}{tail}"
        number += 1
    return candidate


def create(options: argparse.Namespace) -> int:
    """Ask, write, and say what is still open."""
    now = moment()
    workshop = Workshop(options.projekt.resolve(), now)
    dialogue = Dialogue(workshop, options)
    dialogue.run()
    path = workshop.write(dialogue.kind, dialogue.keys, dialogue.draft)
    print(f"Geschrieben: {path}")
    missing = open_names(dialogue.kind, workshop.vocabulary, dialogue.draft)
    if missing:
        print(f"Noch auszufüllen: {', '.join(missing)}")
    findings = workshop.open_findings(path)
    print(f"Noch offen:\n{findings}" if findings else "Die Prüfung hat nichts beanstandet.")
    return OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the return value is the exit status."""
    options = parser().parse_args(arguments)
    return run(lambda: create(options))


if __name__ == "__main__":
    sys.exit(main())
