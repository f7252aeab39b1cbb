"""Cases side by side: the same questions to each, the answers as plain text, for tables with and without script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ikz_award import richtext
from ikz_award.catalogue import Catalogue
from ikz_award.model import party_count
from ikz_award.naming import Names
from ikz_award.publication import Entry
from ikz_award.traits import Trait
from ikz_award.wording import Wording

_NAMED_PARTIES = 6
UNKNOWN = "nicht bekannt"


class Comparison:
    """Asks every case the same ``questions``; what is not known is said so."""

    def __init__(self, catalogue: Catalogue, names: Names, wording: Wording) -> None:
        self._catalogue = catalogue
        self._names = names
        self._wording = wording
        # A case is asked once, in however many tables it stands.
        self._given: dict[str, tuple[str, ...]] = {}
        self._questions: tuple[tuple[str, Callable[[Entry], str]], ...] = (
            ("In einem Satz", lambda one: _text(one.content["ein_satz"])),
            ("Muster", lambda one: self._values(one, "muster")),
            ("Aufgabe", lambda one: self._values(one, "aufgabenfeld")),
            ("Rechtsform", lambda one: self._values(one, "rechtsform")),
            ("Federführung", lambda one: _text(one.content["federfuehrung"])),
            ("Beteiligte", _parties),
            (
                "Raum",
                lambda one: ", ".join(filter(None, (self._values(one, "raum"), self._values(one, "lage")))),
            ),
            ("Seit", _since),
            ("Stand", self._state),
            ("Worum es geht", lambda one: _text(one.content["kurzbeschreibung"])),
            ("Anlass", lambda one: _plain(one.content["anlass"])),
            ("Finanzierung", lambda one: _plain(one.content["finanzierung"])),
            ("Was sich geändert hat", lambda one: "; ".join(self._effects(one))),
            ("Stolpersteine", lambda one: _plain(one.content["nachnutzung"]["stolpersteine"])),
            ("Auszeichnung", self._prize),
            ("Belege", self._evidence),
        )

    @property
    def questions(self) -> tuple[str, ...]:
        """What is asked, in order."""
        return tuple(title for title, _ in self._questions)

    def answers(self, entry: Entry) -> tuple[str, ...]:
        """One answer a question."""
        if entry.key not in self._given:
            self._given[entry.key] = tuple(answer(entry) or UNKNOWN for _, answer in self._questions)
        return self._given[entry.key]

    def _values(self, entry: Entry, dimension: str) -> str:
        values = self._catalogue.traits[entry.key].get(dimension, ())
        return ", ".join(self._names.value(Trait(dimension, one)) for one in values)

    def _state(self, entry: Entry) -> str:
        state = entry.content["stand"]
        return self._wording.label("stand", state) if state else ""

    def _effects(self, entry: Entry) -> Iterator[str]:
        for row in entry.content["wirkung"]:
            figure = " ".join(str(row[name]) for name in ("wert", "einheit") if row[name])
            words = f"{row['groesse']}: {figure}" if figure else str(row["groesse"])
            # A hope must not be read as a result.
            yield (
                f"{words} ({self._wording.label('richtung', row['richtung'])})" if row["richtung"] else words
            )

    def _prize(self, entry: Entry) -> str:
        if not entry.is_winner:
            return "keine im Landespreis"
        kind = self._wording.label("auszeichnung", entry.content["auszeichnung"]["art"] or "preis")
        return f"{kind}, {self._catalogue.editions[entry.edition].short}"

    def _evidence(self, entry: Entry) -> str:
        count = len(entry.content["quellen"])
        told = "eine Quelle" if count == 1 else f"{count} Quellen" if count else "Angaben der Einreichenden"
        level = entry.content["beleg"]
        return f"{told}, Beleglage {self._wording.label('beleg', level)}" if level else told


def _text(value: object) -> str:
    return str(value) if value else ""


def _plain(value: object) -> str:
    """Markdown of a record as one line of text."""
    blocks = richtext.to_blocks(_text(value))
    return " ".join(
        one.text if isinstance(one, richtext.Prose) else "; ".join(item.rstrip(".") for item in one.items)
        for one in blocks
    )


def _parties(entry: Entry) -> str:
    rows = entry.content["beteiligte"]
    names = [str(row["name"]) for row in rows]
    # Nobody is left out alone: one more name is shorter than the words for it.
    most = len(names) if len(names) == _NAMED_PARTIES + 1 else _NAMED_PARTIES
    shown = ", ".join(names[:most])
    more = party_count(rows[most:])
    return f"{party_count(rows)}: {shown}{f' und {more} weitere' if more else ''}" if names else ""


def _since(entry: Entry) -> str:
    named = (
        ("vereinbart_am", "vereinbart"),
        ("in_betrieb_seit", "in Betrieb"),
        ("belegt_seit", "in Quellen belegt"),
    )
    return ", ".join(f"{word} {entry.content[name]}" for name, word in named if entry.content[name])
