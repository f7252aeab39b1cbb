"""Invented records for measuring: the same ones every time, right by all checks, of realistic length."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from ikz_award import schema
from ikz_award.records import read_all

# What a project needs beside its cases.
PARTS = ("data", "content", "mkdocs.yml")
# Cases that are none: made of syllables, so that no real place is meant.
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
_TEXT = (
    "die Kommunen teilen sich eine Stelle und regeln Kosten nach Einwohnern ein Ausschuss trifft sich jedes Quartal "
    "Fachkraft Archiv Vergabe Personal Bauhof Musikschule Datenschutz Rechnungsprüfung Klimaschutz Beschaffung Wache "
    "gemeinsam günstiger schneller verlässlich vereinbart geprüft berichtet vertreten beraten beschlossen übernommen "
    "für mit ohne zwischen bei nach seit wegen damit weil obwohl während sobald beide alle drei mehrere einzelne "
    "Verwaltung Verfahren Aufgabe Vertrag Haushalt Leitung Vertretung Zuständigkeit Einführung Umlage Sitzung Bürgerin"
)
# Right, and yet such that a careless page would suffer from it.
_HOSTILE = (
    "5 < 7 & 9 > 3, „so“ geschrieben",
    "=SUMME(A1:A9) und +49 sind hier Text",
    "`{{ 7 * 7 }}` und `${x}` und `</script>`",
    "Ein\u2019Apostroph, ein – Strich, ein ß und ein Ö",
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
    codes = _codes(target)
    for number in range(count):
        add(target, number, codes)


def add(project: Path, number: int, codes: dict[str, Sequence[str]] | None = None) -> Path:
    """Write the case of a number; returns its file."""
    known = codes or _codes(project)
    file = project / f"data/cooperations/fall-{number:05d}.yml"
    file.write_text("\n".join(_record(number, known)) + "\n", encoding="utf-8")
    return file


def _codes(project: Path) -> dict[str, Sequence[str]]:
    description = schema.load(project / "data")
    found: dict[str, list[str]] = {}
    for one in read_all(project, description).records:
        rows = one.document.value if isinstance(one.document.value, list) else [one.keys]
        found.setdefault(one.table, []).extend(
            str(row["code"]) for row in rows if isinstance(row, dict) and isinstance(row.get("code"), str)
        )
    return {table: sorted(codes) for table, codes in found.items()}


def _record(number: int, codes: dict[str, Sequence[str]]) -> Iterator[str]:
    dice = random.Random(number)  # noqa: S311 - nothing secret about it
    places = [_place(dice, number, index) for index in range(dice.randint(2, 9))]
    yield f'titel: "{_title(dice, places)}"'
    yield f'federfuehrung: "{places[0]}"'
    yield "land: Hessen"
    yield "beteiligte:"
    for place in places:
        yield f'  - name: "{place}"'
        yield "    art: kommune"
    yield f"rechtsform: {dice.choice(codes['rechtsformen'])}"
    yield f"belegt_seit: {dice.randint(1995, 2025)}"
    yield f"ein_satz: {_text(dice, 14)}."
    for key, length in (("kurzbeschreibung", 30), ("umsetzung", 50), ("finanzierung", 15)):
        yield f"{key}: >-"
        yield from _block(dice, length)
    yield "muster:"
    for code in dice.sample(codes["muster"], dice.choice((1, 1, 2, 3))):
        yield f"  - {code}"
    yield "aufgabenfelder:"
    for code in dice.sample(codes["aufgabenfelder"], dice.choice((1, 1, 2))):
        yield f"  - {code}"
    yield "quellen:"
    for index in range(dice.choice((1, 2, 3))):
        yield f'  - adresse: "https://quelle.example/{number}/{index}"'
        yield f'    titel: "{_text(dice, 6)}"'
        yield "    gelesen_am: 2026-11-01"
    yield f"beleg: {dice.choice(('hoch', 'mittel'))}"
    hostile = _HOSTILE[number // 50 % len(_HOSTILE)] if number % 50 == 7 else ""
    yield "beleg_hinweis: >-"
    yield f"  Erfunden, um zu messen. {hostile}".rstrip()
    yield "geprueft_am: 2026-11-01"
    yield "unbekannt:"
    for key in ("vereinbart_am", "in_betrieb_seit", "stand"):
        yield f"  - {key}"


def _title(dice: random.Random, places: Sequence[str]) -> str:
    task = dice.choice(
        ("Archiv", "Vergabestelle", "Musikschule", "Bauhof", "Datenschutz", "Rechnungsprüfung")
    )
    others = " und ".join(one.split(" ", 1)[1] for one in places[:2])
    return f"Erfunden: {task} {others}"


def _place(dice: random.Random, number: int, index: int) -> str:
    kind = dice.choice(("Stadt", "Gemeinde"))
    return f"{kind} {dice.choice(_FIRST)}{dice.choice(_LAST)} {number}-{index}"


def _text(dice: random.Random, length: int) -> str:
    words = _TEXT.split()
    text = " ".join(dice.choice(words) for _ in range(length))
    return text[:1].upper() + text[1:]


def _block(dice: random.Random, length: int) -> Iterator[str]:
    sentences = " ".join(f"{_text(dice, dice.randint(7, 14))}." for _ in range(length // 10 + 1)).split()
    for start in range(0, len(sentences), 14):
        yield "  " + " ".join(sentences[start : start + 14])
