"""New records as commented YAML: every key in the order of the description, with its help and what is allowed.

What is known stands there as a value. What is required and not known is an empty key that the check will ask for: nobody
has looked for it yet, so ``unbekannt`` would be false. Everything else is commented out in a form that becomes
a sound record as soon as the ``#`` in front of a key is taken away. Explanations have a blank behind the ``#``, keys that
are commented out have none or several.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ikz_award.schema import Field, Table
from ikz_award.vocabulary import UNKNOWN, RecordKind, Vocabulary, limits

_WIDTH = 110
_STEP = "  "
# From this limit on, a text is written as a block.
_LONG = 400
# Values that mean the same with and without quotation marks, for every reader of YAML.
_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z][a-z0-9_.-]*"
    r"|[0-9][0-9-]*"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe"})

_HOW_TO = (
    "So wird ausgefüllt: Vor jeder Angabe steht, was sie bedeutet. Auskommentierte Angaben gelten erst, wenn das „#“ vor dem"
    " Schlüssel und vor den Zeilen darunter entfernt ist; was nicht gebraucht wird, kann gelöscht werden. Texte stehen in"
    ' Anführungszeichen ("…") oder eingerückt unter „|“.'
)
_UNKNOWN_HERE = (
    "Hier steht nur, was gesucht und nicht gefunden wurde; sein leerer Schlüssel oben wird dann gelöscht."
)


@dataclass(slots=True)
class Draft:
    """What is known about a record that does not exist yet.

    ``values`` by dotted name; ``rows`` of lists, a plain value as ``{"wert": …}``; ``unknown`` are further names for
    the list ``unbekannt``; ``notes`` are extra explanations by key; ``choices`` narrow the allowed values of a field;
    ``heading`` are the first lines.
    """

    values: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    choices: dict[str, Mapping[str, str]] = field(default_factory=dict)
    heading: list[str] = field(default_factory=list)


def render(kind: RecordKind, vocabulary: Vocabulary, draft: Draft) -> str:
    """Text of the new file."""
    return "".join(f"{line}\n" for line in _Writer(kind, vocabulary, draft).lines())


def unknown_names(draft: Draft) -> list[str]:
    """What the new record calls unknown: what the draft names, unless it is given after all."""
    names = (name for name in draft.unknown if not draft.values.get(name) and not draft.rows.get(name))
    return list(dict.fromkeys(names))


def open_names(kind: RecordKind, vocabulary: Vocabulary, draft: Draft) -> list[str]:
    """What is required, and neither given nor called unknown."""
    children = vocabulary.description.children(kind.table.name)
    fields = [one.name for one in kind.fields if one.required and not draft.values.get(one.name)]
    lists = [one.list_key for one in children if one.min_rows and not draft.rows.get(one.list_key)]
    return [name for name in (*fields, *lists) if name not in draft.unknown]


def slug_from(title: str, longest: int) -> str:
    """A short name for file and address: ``Bäder in Köln`` becomes ``baeder-in-koeln``. Empty without Latin letters."""
    text = unicodedata.normalize("NFC", title).casefold().translate(_UMLAUTS)
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = "-".join(re.findall(r"[a-z0-9]+", letters))
    if len(slug) <= longest:
        return slug
    return slug[: longest + 1].rpartition("-")[0] or slug[:longest]


def scalar(value: str) -> str:
    """A value as YAML: plain where that is safe, otherwise in double quotation marks."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class _Writer:
    """Lines of one record."""

    def __init__(self, kind: RecordKind, vocabulary: Vocabulary, draft: Draft) -> None:
        self.kind = kind
        self.vocabulary = vocabulary
        self.draft = draft
        unknown = unknown_names(draft)
        self.open = set(open_names(kind, vocabulary, draft))
        self.rows = {**draft.rows, **({UNKNOWN: [{"wert": name} for name in unknown]} if unknown else {})}

    def lines(self) -> Iterator[str]:
        yield f"# yaml-language-server: $schema={self.kind.schema_link}"
        for paragraph in (*self.draft.heading, _HOW_TO):
            yield from _comment(paragraph, "")
        yield ""
        children = self.vocabulary.description.children(self.kind.table.name)
        # Lists that must not be empty follow the last required field, so that all duties stand above the voluntary part.
        needed = [one for one in children if one.min_rows]
        last = next((one.path[0] for one in reversed(self.kind.fields) if one.required), "")
        for key in dict.fromkeys(one.path[0] for one in self.kind.fields):
            fields = [one for one in self.kind.fields if one.path[0] == key]
            yield from self._field(fields[0]) if len(fields[0].path) == 1 else self._group(key, fields)
            yield ""
            if key == last:
                for child in needed:
                    yield from self._list(child)
                    yield ""
        rest = [one for one in children if one not in needed]
        for index, child in enumerate(rest):
            yield from self._list(child)
            if index < len(rest) - 1:
                yield ""

    def _field(self, one: Field) -> Iterator[str]:
        yield from self._explain(self.kind.table, one, "")
        yield from _entry(one, self.draft.values.get(one.name, ""), "", live=self._is_live(one))

    def _group(self, key: str, fields: Sequence[Field]) -> Iterator[str]:
        yield from _comment(self.draft.notes.get(key, ""), "")
        live = any(self._is_live(one) for one in fields)
        yield f"{'' if live else '#'}{key}:"
        for one in fields:
            yield from self._explain(self.kind.table, one, _STEP)
            yield from _entry(one, self.draft.values.get(one.name, ""), _STEP, live=self._is_live(one))

    def _is_live(self, one: Field) -> bool:
        """Whether the key stands there: with a value, or to be filled in."""
        return bool(self.draft.values.get(one.name)) or one.name in self.open

    def _explain(self, table: Table, one: Field, indent: str) -> Iterator[str]:
        allowed = self.draft.choices.get(one.name) or self.vocabulary.allowed(table, one, self.kind.kind)
        told = limits(one, listed=bool(allowed))
        head = one.title + (f" ({'; '.join(told)})" if told else "")
        yield from _comment(f"{head}: {one.description}" if one.description else head, indent)
        if allowed:
            yield from _comment(f"Erlaubt: {', '.join(allowed)}", indent)
        if not table.parent and one.name in self.draft.notes:
            yield from _comment(self.draft.notes[one.name], indent)

    def _list(self, child: Table) -> Iterator[str]:
        rows = self.rows.get(child.list_key, [])
        duty = f" (Pflicht: mindestens {child.min_rows})" if child.min_rows else ""
        column = child.fields[0]
        text = f": {column.description}" if child.value_list and column.description else ""
        yield from _comment(f"{child.title}{duty}{text}", "")
        usual = _UNKNOWN_HERE if child.list_key == UNKNOWN else ""
        yield from _comment(self.draft.notes.get(child.list_key, usual), "")
        allowed = list(self.vocabulary.allowed(child, column, self.kind.kind)) if child.value_list else []
        if allowed:
            yield from _comment(f"Erlaubt: {', '.join(allowed)}", "")
        yield f"{'' if rows or child.list_key in self.open else '#'}{child.list_key}:"
        if child.value_list:
            values = [row["wert"] for row in rows]
            yield from (f"{_STEP}- {scalar(value)}" for value in values)
            if not values:
                yield f"{_STEP}#- {allowed[0] if allowed else ''}".rstrip()
            return
        for index, row in enumerate(rows or [{}]):
            yield from self._row(child, row, explained=index == 0, live=bool(rows))

    def _row(self, child: Table, row: Mapping[str, str], *, explained: bool, live: bool) -> Iterator[str]:
        """One entry of a list; the first one explains its keys, the others only have what is known."""
        fields = sorted(
            child.fields, key=lambda one: bool(live and not row.get(one.name) and not one.required)
        )
        for index, one in enumerate(fields):
            is_live = live and (one.required or bool(row.get(one.name)))
            if explained:
                yield from self._explain(child, one, _STEP + (_STEP if live and index else ""))
            elif not is_live:
                continue
            dash = "- " if index == 0 else _STEP
            if live:
                yield from _entry(one, row.get(one.name, ""), _STEP + dash, live=is_live)
            else:
                # The „#“ stands where the dash will be, so that taking it away leaves the right indentation.
                yield from (f"{_STEP}#{dash}{line}" for line in _entry(one, "", "", live=True))


def _comment(text: str, indent: str) -> Iterator[str]:
    """A paragraph as comment lines."""
    flat = " ".join(text.split())
    for line in textwrap.wrap(flat, _WIDTH - len(indent) - 2, break_long_words=False, break_on_hyphens=False):
        yield f"{indent}# {line}"


def _entry(one: Field, value: str, indent: str, *, live: bool) -> Iterator[str]:
    """A key with its value, or commented out."""
    mark = "" if live else "#"
    if value:
        yield f"{indent}{mark}{one.path[-1]}: {scalar(value)}"
    elif not live and (one.form == "markdown" or _is_long(one)):
        yield f"{indent}{mark}{one.path[-1]}: {'|' if one.form == 'markdown' else '>-'}"
        yield f"{indent}{mark}{_STEP}…"
    else:
        yield f"{indent}{mark}{one.path[-1]}:"


def _is_long(one: Field) -> bool:
    return one.form == "text" and one.max_length is not None and one.max_length >= _LONG
