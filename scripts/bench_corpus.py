"""Invented records for measuring: the same ones every time, right by all checks, of realistic length."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ikz_award import schema
from ikz_award.records import read_all

# What a project needs beside its cases.
PARTS = ("data", "content", "mkdocs.yml")
# The first of these numbers is a hostile one, and so is each that many later.
HOSTILE_FROM, HOSTILE_EVERY = 7, 50
TEXTS = ("anlass", "umsetzung", "finanzierung")

Case = Mapping[str, object]
Codes = Mapping[str, Sequence[str]]

# Places that are none: made of syllables, so that no real one is meant.
_FIRST = (
    "Phantasie",
    "Muster",
    "Probe",
    "Beispiel",
    "Irgend",
    "Nirgend",
    "Wolken",
    "Schein",
    "Traum",
    "Luft",
)
_LAST = ("hausen", "stadt", "berg", "tal", "burg", "feld", "bach", "heim", "kirchen", "walde")
_TASKS = (
    "Archiv",
    "Vergabestelle",
    "Musikschule",
    "Bauhof",
    "Datenschutz",
    "Rechnungsprüfung",
    "Volkshochschule",
)
_WHO = (
    "Die federführende Stadt",
    "Eine gemeinsame Stelle",
    "Der gemeinsame Ausschuss",
    "Die Geschäftsstelle",
    "Jede beteiligte Kommune",
    "Das Team aus mehreren Rathäusern",
    "Die Leitung der Einrichtung",
    "Ein Beirat der Verwaltungen",
)
_DOES = (
    "stellt Räume und Fachpersonal",
    "führt die Akten für alle Beteiligten",
    "rechnet jedes Quartal nach Einwohnern ab",
    "prüft jeden Antrag binnen zehn Tagen",
    "trifft sich viermal im Jahr",
    "vertritt die anderen bei Krankheit und Urlaub",
    "beschafft Geräte und Lizenzen für alle",
    "berichtet einmal im Jahr in jedem Rat",
    "übernimmt die Ausschreibung größerer Aufträge",
    "bildet Nachwuchs für alle Häuser aus",
    "betreut die Bürgerinnen und Bürger an zwei Tagen vor Ort",
    "hält die Rechnungsprüfung unabhängig",
    "pflegt ein gemeinsames Verzeichnis der Bestände",
    "regelt Zuständigkeiten in einer Geschäftsordnung",
)
_WHY = (
    "",
    ", weil Fachkräfte knapp sind",
    ", damit kein Ort allein dasteht",
    " und hält das Ergebnis schriftlich fest",
    ", sobald der Haushalt beschlossen ist",
    ", ohne dass eine Kommune ihre Zuständigkeit verliert",
    " und spart so Wege, Zeit und Gebühren",
    ", obwohl die Satzungen verschieden sind",
)
_STEPS = (
    "Bedarf aller Beteiligten aufschreiben.",
    "Vereinbarung entwerfen und mit der Aufsicht abstimmen.",
    "In jedem Rat beschließen lassen.",
    "Personal und Räume zusammenlegen.",
    "Nach einem Jahr Kosten und Fristen vergleichen.",
)
# Right, and yet such that a careless page would suffer from it.
_HOSTILE = (
    "5 < 7 & 9 > 3, „so“ geschrieben",
    "=SUMME(A1:A9) und +49 sind hier Text",
    "`{{ 7 * 7 }}` und `${x}` und `</script>`",
    "Ein\u2019Apostroph, ein – Strich, ein ß und ein Ö",
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverwaltungsvorschrift",
)


def write(project: Path, target: Path, count: int) -> None:
    """A copy of a project in which ``count`` invented cooperations stand in place of all cases there are."""
    for part in PARTS:
        source = project / part
        if source.is_dir():
            shutil.copytree(source, target / part)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / part)
    for old in ("cooperations", "uebernahmen"):
        for file in (target / "data" / old).glob("*.yml"):
            file.unlink()
    known = codes(target)
    for number in range(count):
        add(target, number, known)


def add(project: Path, number: int, known: Codes | None = None, change: str = "") -> Path:
    """Write the case of a number; returns its file."""
    file = project / f"data/cooperations/{slug(number)}.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_yaml(case(number, known or codes(project), change)), encoding="utf-8")
    return file


def slug(number: int) -> str:
    """Short name of the case of a number."""
    return f"fall-{number:05d}"


def codes(project: Path) -> Codes:
    """The codes a case may name, by table."""
    description = schema.load(project / "data")
    found: dict[str, list[str]] = {}
    for one in read_all(project, description).records:
        rows = one.document.value if isinstance(one.document.value, list) else [one.keys]
        found.setdefault(one.table, []).extend(
            str(row["code"]) for row in rows if isinstance(row, dict) and isinstance(row.get("code"), str)
        )
    return {table: sorted(some) for table, some in found.items()}


def case(number: int, known: Codes, change: str = "") -> Case:
    """The case of a number as values; ``change`` is one more sentence in its longest text."""
    dice = random.Random(number)  # noqa: S311 - nothing secret about it
    places = [_place(dice, number, index) for index in range(dice.randint(2, 9))]
    begin = dice.randint(1995, 2024)
    is_hostile = number % HOSTILE_EVERY == HOSTILE_FROM
    hostile = f" {_HOSTILE[number // HOSTILE_EVERY % len(_HOSTILE)]}." if is_hostile else ""
    text = _text(dice, dice.randint(5, 16)) + hostile
    return {
        "titel": f"Erfunden: {dice.choice(_TASKS)} {' und '.join(one.split(' ', 1)[1] for one in places[:2])}",
        "federfuehrung": places[0],
        "land": "Hessen",
        "beteiligte": [{"name": place, "art": "kommune"} for place in places],
        "rechtsform": dice.choice(known["rechtsformen"]),
        "vereinbart_am": str(begin),
        "in_betrieb_seit": str(begin + 1),
        "stand": "laufend",
        "ein_satz": _sentence(dice),
        "kurzbeschreibung": _text(dice, 3).replace("\n\n", " "),
        "anlass": _text(dice, dice.randint(2, 6)),
        "umsetzung": f"{text}\n\n{change}" if change else text,
        "finanzierung": _text(dice, dice.randint(1, 4)),
        "nachnutzung": {
            "schritte": "\n".join(f"{place}. {one}" for place, one in enumerate(_STEPS, 1)),
            "stolpersteine": f"- {_sentence(dice)}\n- {_sentence(dice)}",
        },
        "muster": dice.sample(known["muster"], dice.choice((1, 1, 2, 3))),
        "aufgabenfelder": dice.sample(known["aufgabenfelder"], dice.choice((1, 1, 2))),
        "quellen": [
            {
                "adresse": f"https://quelle.example/{number}/{index}",
                "titel": f"Amtsblatt {begin + index}, Seite {dice.randint(1, 400)}",
                "gelesen_am": "2026-11-01",
            }
            for index in range(dice.choice((1, 2, 3)))
        ],
        "beleg": dice.choice(("hoch", "mittel")),
        "beleg_hinweis": "Erfunden, um zu messen.",
        "geprueft_am": "2026-11-01",
    }


def as_yaml(case: Case) -> str:
    """The case as its file."""
    return "\n".join(_lines(case)) + "\n"


def as_markdown(case: Case) -> str:
    """The same for generators that read prepared pages: the facts in the head, the texts as sections."""
    head = {key: value for key, value in case.items() if key not in {*TEXTS, "nachnutzung", "titel"}}
    # Every generator but ours calls it so.
    parts = ["---", *_lines({"title": case["titel"], **head}), "---", "", f"{case['kurzbeschreibung']}", ""]
    parts += ["## Beteiligte", "", *(f"- {one}" for one in _each(case, "beteiligte", "name")), ""]
    for key in TEXTS:
        parts += [f"## {key.capitalize()}", "", str(case[key]), ""]
    more = case["nachnutzung"]
    for key, text in more.items() if isinstance(more, dict) else ():
        parts += [f"## {key.capitalize()}", "", text, ""]
    links = zip(_each(case, "quellen", "titel"), _each(case, "quellen", "adresse"), strict=True)
    parts += ["## Quellen", "", *(f"- [{title}]({address})" for title, address in links), ""]
    return "\n".join(parts)


def _each(case: Case, key: str, name: str) -> Iterator[str]:
    rows = case[key]
    yield from (str(one[name]) for one in rows) if isinstance(rows, list) else ()


def _lines(values: Case, indent: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list):
            yield f"{indent}{key}:"
            for one in value:
                if isinstance(one, dict):
                    first, *others = _lines(one, f"{indent}    ")
                    yield from (f"{indent}  - {first.strip()}", *others)
                else:
                    yield f"{indent}  - {one}"
        elif "\n" in str(value) or key in TEXTS:
            yield f"{indent}{key}: |"
            yield from (f"{indent}  {line}".rstrip() for line in str(value).split("\n"))
        else:
            yield f"{indent}{key}: {_scalar(str(value))}"


def _scalar(text: str) -> str:
    """Codes and dates as editors write them, everything else in quotation marks."""
    return text if text.replace("_", "").replace("-", "").isalnum() else json.dumps(text, ensure_ascii=False)


def _place(dice: random.Random, number: int, index: int) -> str:
    kind = dice.choice(("Stadt", "Gemeinde"))
    return f"{kind} {dice.choice(_FIRST)}{dice.choice(_LAST)} {number}-{index}"


def _sentence(dice: random.Random) -> str:
    return f"{dice.choice(_WHO)} {dice.choice(_DOES)}{dice.choice(_WHY)}."


def _text(dice: random.Random, length: int) -> str:
    """Sentences in paragraphs of about three, a word here and there emphasised."""
    sentences = [_sentence(dice) for _ in range(length)]
    if length > 3:
        sentences[3] = sentences[3].replace("gemeinsame", "**gemeinsame**")
    return "\n\n".join(" ".join(sentences[start : start + 3]) for start in range(0, length, 3))
