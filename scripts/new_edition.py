"""Write the skeleton of a new edition of the award; its pages come into being with it."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from command_line import OK, ROOT, GermanParser, moment, run
from drafting import Questions, Workshop, one_line
from ikz_award.dates import Moment
from ikz_award.model import dig
from ikz_award.records import RawRecord
from ikz_award.skeleton import Draft, slug_from, unknown_names
from ikz_award.vocabulary import RecordKind

# Options that bring a field, in the order in which they are asked; those that are not required are never asked.
OPTIONS = {
    "beginn": "bewerbung.beginn",
    "ende": "bewerbung.ende",
    "nummer": "nummer",
    "titel": "titel",
    "kurz": "kurz",
    "bekanntgabe": "bekanntgabe",
    "stichtag": "stichtag",
    "preisgeld": "preisgeld_euro",
    "adresse": "bewerbung.adresse",
    "ausgelobt_von": "ausgelobt_von",
}
# Lists that an announcement usually brings along and nobody knows beforehand.
LISTS_UNKNOWN = ("kriterien", "jury")
NOTES = {
    "regeln": "Noch ist keine Regel bestätigt: Eine Regel gilt in einem Durchgang erst, wenn sie hier mit der Stelle steht, an "
    "der die Bedingungen dieses Durchgangs sie nennen. Aus einem früheren Durchgang wird keine übernommen.",
    "ohne_einwilligung": "Ohne Eintrag wird von Preisträgern, die nicht eingewilligt haben, nichts gezeigt.",
    "unbekannt": "Diese Angaben sind noch nicht bekannt; die Seiten sagen das so. Wird eine eingetragen, ihre Zeile hier löschen.",
}


def parser() -> argparse.ArgumentParser:
    """Options, with help in German."""
    one = GermanParser(
        "Schreibt das Gerüst eines neuen Durchgangs nach data/reference/editionen/. Was keine Option nennt und nötig ist, "
        "wird gefragt; was nicht bekannt ist, bleibt offen."
    )
    add = one.add_argument
    add(
        "--schluessel",
        metavar="NAME",
        help="Kurzname für Datei und Webadresse (Vorgabe: das Jahr, in dem die Frist endet)",
    )
    add("--nummer", metavar="ZAHL", help="der wievielte Durchgang (Vorgabe: der nächste)")
    add("--beginn", metavar="TAG", help="Beginn der Bewerbungsfrist, zum Beispiel 2027-12-01")
    add(
        "--ende",
        metavar="TAG",
        help="Ende der Bewerbungsfrist, zum Beispiel 2028-02-09 oder 2028-02-09T12:00+01:00",
    )
    add("--titel", metavar="TEXT", help="voller Name (Vorgabe: wie beim vorigen Durchgang)")
    add("--kurz", metavar="TEXT", help="Kurzname für Listen (Vorgabe: wie beim vorigen Durchgang)")
    add(
        "--bekanntgabe",
        metavar="TAG",
        help="Bekanntgabe der Ergebnisse; bis dahin bleibt jedes Ergebnis gesperrt",
    )
    add("--stichtag", metavar="TAG", help="Kooperationen müssen nach diesem Tag vereinbart sein")
    add("--preisgeld", metavar="EURO", help="Preisgeld je Kategorie")
    add("--adresse", metavar="ADRESSE", help="Adresse der Bewerbungsseite")
    add("--ausgelobt-von", metavar="NAME", help="wer den Preis auslobt")
    add("--nicht-fragen", action="store_true", help="fragt nichts; was fehlt, bleibt offen")
    add("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return one


class Dialogue:
    """Collects what is known about the new edition."""

    def __init__(self, workshop: Workshop, options: argparse.Namespace) -> None:
        self.workshop = workshop
        self.options = options
        self.questions = Questions(silent=options.nicht_fragen)
        self.kind: RecordKind = workshop.vocabulary.kind("edition")
        self.draft = Draft(notes=dict(NOTES))
        self.keys: dict[str, str] = {}
        self.editions = sorted(workshop.records("editionen"), key=_number)
        self.previous = next((one for one in reversed(self.editions) if _text(one, "beispiel") != "ja"), None)

    def run(self) -> None:
        """Ask for what is required; the dates come first, since the names follow from them."""
        for option, name in OPTIONS.items():
            if option == "nummer":
                self._key()
            self._value(option, name)
        self.draft.unknown = [one.name for one in self.kind.fields if one.unknown_allowed] + list(
            LISTS_UNKNOWN
        )
        self._categories()

    def _value(self, option: str, name: str) -> None:
        one = self.kind.table.by_name[name]
        given = getattr(self.options, option)
        if given is None and not one.required:
            return

        def check(value: str) -> str:
            if name == "nummer" and value.isdecimal() and (other := self._of_number(int(value))):
                return f"Die Nummer {value} hat schon {other}."
            draft = Draft(values={**self.draft.values, name: value})
            return self.workshop.objections(self.kind, self.keys, draft, [one.title])

        answer = self.questions.answer(
            one.title,
            flag=f"--{option.replace('_', '-')}",
            given=given,
            check=check,
            default=self._default(name),
            needed=one.required and not one.unknown_allowed,
        )
        if answer:
            self.draft.values[name] = answer

    def _key(self) -> None:
        longest = self.kind.table.by_name["schluessel"].max_length or 40
        taken = {
            one.keys["schluessel"]: one.path
            for one in self.workshop.reading.files.values()
            if one.table == self.kind.table.name
        }

        def check(value: str) -> str:
            if value in taken:
                return f"Den Durchgang „{value}“ gibt es schon: {taken[value]}."
            if slug_from(value, longest) != value:
                return f"„{value}“ geht nicht: nur Kleinbuchstaben a–z, Ziffern und einzelne Bindestriche, höchstens {longest} Zeichen."
            return ""

        year = self._year("bewerbung.ende")
        key = self.questions.answer(
            "Kurzname für Datei und Webadresse, meist das Jahr",
            flag="--schluessel",
            given=self.options.schluessel,
            check=check,
            default="" if year in taken else year,
            needed=True,
        )
        self.keys["schluessel"] = key
        self.draft.heading = [
            f"Durchgang „{key}“. Der Dateiname ist Teil der Webadresse und bleibt, wie er ist.",
            f"Prüfen: make check PFAD=data/{self.kind.pattern.format_map(self.keys)}",
        ]

    def _default(self, name: str) -> str:
        """What follows from the edition before and from the answers so far."""
        if name == "nummer":
            return str(_number(self.previous) + 1 if self.previous else 1)
        if name not in {"titel", "kurz"} or self.previous is None:
            return ""
        text = re.sub(r"^[0-9]+\.", f"{self.draft.values['nummer']}.", _text(self.previous, name))
        if name == "kurz":
            text = re.sub(r"\([^()]*\)$", f"({self._span()})", text)
        return "" if text == _text(self.previous, name) else text

    def _span(self) -> str:
        """``2027/28``, or one year, or the key if no date is known."""
        first, last = self._year("bewerbung.beginn"), self._year("bewerbung.ende")
        if first and last and first != last:
            return f"{first}/{last[2:]}"
        return last or first or self.keys["schluessel"]

    def _year(self, name: str) -> str:
        value = self.draft.values.get(name, "")
        return str(Moment.parse(value).day.year) if value else ""

    def _of_number(self, number: int) -> str:
        return next((one.path for one in self.editions if _number(one) == number), "")

    def _categories(self) -> None:
        """Take the categories of the edition before as a proposal, without saying which is the special one."""
        rows = dig(self.previous.document.value, ("kategorien",)) if self.previous else None
        codes = [dig(row, ("kategorie",)) for row in rows] if isinstance(rows, list) else []
        self.draft.rows["kategorien"] = [{"kategorie": code} for code in codes if isinstance(code, str)]
        if self.previous and codes:
            self.draft.notes["kategorien"] = (
                f"Vorschlag aus dem Durchgang „{self.previous.keys['schluessel']}“: bitte Auswahl und Reihenfolge mit der "
                "Ausschreibung vergleichen. Welche Kategorie die Sonderkategorie ist, wird nicht übernommen."
            )


def _number(record: RawRecord) -> int:
    text = _text(record, "nummer")
    return int(text) if text.isdecimal() else 0


def _text(record: RawRecord, key: str) -> str:
    value = dig(record.document.value, (key,))
    return one_line(value) if isinstance(value, str) else ""


def create(options: argparse.Namespace) -> int:
    """Ask, write, and say what comes next."""
    now = moment()
    workshop = Workshop(options.projekt.resolve(), now)
    dialogue = Dialogue(workshop, options)
    dialogue.run()
    path = workshop.write(dialogue.kind, dialogue.keys, dialogue.draft)
    key = dialogue.keys["schluessel"]
    print(f"Geschrieben: {path}")
    print(f"Noch nicht bekannt: {', '.join(unknown_names(dialogue.draft))}")
    print(f"Seiten: /ausschreibung/{key}/, /teilnahmebedingungen/{key}/, /preistraeger/{key}/")
    print(
        f"Eigene Texte dazu gehören nach content/ausschreibung/{key}.md und content/teilnahmebedingungen/{key}.md."
    )
    findings = workshop.open_findings(path)
    print(f"Noch offen:\n{findings}" if findings else "Die Prüfung hat nichts beanstandet.")
    return OK


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the return value is the exit status."""
    options = parser().parse_args(arguments)
    return run(lambda: create(options))


if __name__ == "__main__":
    sys.exit(main())
