"""JSON Schema (draft-07) for editors: completion, help on hover and early warnings while a record is written.

Made from the description of the data and from the codes of the reference data. The check stays the judge; the schema is
a helper, and it differs in two ways. A key without a value is marked, since it is most likely unfinished. And what JSON
Schema cannot say (words in a sentence, one value that must repeat another) is left to the check.

Editors read YAML with the types of its core schema, the check reads text only. So a year may arrive as a number, and
``ja`` is a text. ``errorMessage``, ``patternErrorMessage`` and ``enumDescriptions`` are understood by the usual language
servers and ignored by other readers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ikz_award.findings import Finding, Place
from ikz_award.schema import Field, Table
from ikz_award.vocabulary import UNKNOWN, RecordKind, Vocabulary, kinds, limits

Schema: TypeAlias = dict[str, Any]

_DRAFT = "http://json-schema.org/draft-07/schema#"
_COMMENT = "Erzeugt aus data/schema und den Verzeichnissen mit „make editor-schema“; nicht von Hand ändern."
_EMPTY_TEXT = "Hier wird ein einzelner Text erwartet. Ohne Angabe die Zeile löschen."
_EMPTY_LIST = (
    "Hier wird eine Liste erwartet: jeder Eintrag beginnt mit „- “. Ohne Einträge den Schlüssel löschen."
)

# Without leading and trailing blanks, as the check sees it. A year is the only number among the dates.
_PARTIAL = "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
_MOMENT = "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?"
_ADDRESS = "(https?://|mailto:)\\S+"
_WHOLE_NUMBER = "[+-]?[0-9]+"
_ONE_LINE = "[^\\n]*"
_NOWHERE = Place("")
_FIRST_YEAR, _LAST_YEAR = 1000, 9999


def generate(vocabulary: Vocabulary) -> dict[str, str]:
    """Text of every schema file by its path below ``data/``. Same data, same texts."""
    files = {}
    for kind in kinds(vocabulary.description):
        document = json.dumps(_document(kind, vocabulary), ensure_ascii=False, indent=2)
        files[kind.schema_file] = f"{document}\n"
    return files


def outdated(project_root: Path, vocabulary: Vocabulary) -> dict[str, str | None]:
    """Schema files that differ from what they should be, by path below ``data/``; ``None`` if one should not exist."""
    data_root = project_root / "data"
    wanted = generate(vocabulary)
    changes: dict[str, str | None] = {
        path: text
        for path, text in wanted.items()
        if not (data_root / path).is_file() or (data_root / path).read_bytes() != text.encode()
    }
    for folder in {(data_root / path).parent for path in wanted}:
        for file in sorted(folder.glob("*.schema.json")):
            path = file.relative_to(data_root).as_posix()
            if path not in wanted:
                changes[path] = None
    return changes


def _document(kind: RecordKind, vocabulary: Vocabulary) -> Schema:
    entry = _record(kind, vocabulary)
    if kind.table.shape == "liste":
        entry = {"type": "array", "errorMessage": _EMPTY_LIST, "items": entry}
    title = vocabulary.words.label("art", kind.kind) if kind.kind else kind.table.title
    return {"$schema": _DRAFT, "$comment": _COMMENT, "title": title, **entry}


def _record(kind: RecordKind, vocabulary: Vocabulary) -> Schema:
    result = _block(kind.table, kind.fields, vocabulary)
    rules = [_unless_unknown(one, vocabulary) for one in kind.fields if one.unknown_allowed]
    children = vocabulary.description.children(kind.table.name)
    for child in children:
        result["properties"][child.list_key] = _list(child, vocabulary, kind.kind)
        if child.min_rows:
            rules.append(_rows_needed(child, vocabulary))
    return {**result, "allOf": rules} if rules else result


def _block(table: Table, fields: tuple[Field, ...], vocabulary: Vocabulary, depth: int = 0) -> Schema:
    """A mapping with the given fields; dotted names become blocks inside."""
    properties: dict[str, Schema] = {}
    required = []
    for one in fields:
        key = one.path[depth]
        inner = tuple(other for other in fields if other.path[: depth + 1] == one.path[: depth + 1])
        needed = any(other.required and not other.unknown_allowed for other in inner)
        if needed and key not in required:
            required.append(key)
        if len(one.path) == depth + 1:
            properties[key] = _value(table, one, vocabulary)
        elif key not in properties:
            properties[key] = _block(table, inner, vocabulary, depth + 1)
    result: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**result, "required": required} if required else result


def _list(child: Table, vocabulary: Vocabulary, kind: str) -> Schema:
    if child.value_list:
        items = _value(child, child.fields[0], vocabulary, kind)
    else:
        items = _block(child, child.fields, vocabulary)
    result: Schema = {"title": child.title, "type": "array", "errorMessage": _EMPTY_LIST, "items": items}
    if child.value_list:
        result["uniqueItems"] = True
    return result


def _value(table: Table, one: Field, vocabulary: Vocabulary, kind: str = "") -> Schema:
    result: Schema = {"title": one.title, "description": _help(one)}
    if not result["description"]:
        del result["description"]
    allowed = vocabulary.allowed(table, one, kind)
    if one.type == "boolean":
        return {**result, "enum": ["ja", "nein"], "errorMessage": _sentence("E205", vocabulary)}
    if allowed:
        return {**result, **_choice(table, one, allowed, vocabulary)}
    return {**result, **_text(one, vocabulary)}


def _help(one: Field) -> str:
    """What the field means and demands, and an example."""
    told = limits(one)
    parts = [
        one.description,
        f"{'; '.join(told)[:1].upper()}{'; '.join(told)[1:]}." if told else "",
        f"Beispiel: {one.example}" if one.example else "",
    ]
    return " ".join(" ".join(part.split()) for part in parts if part)


def _choice(table: Table, one: Field, allowed: Mapping[str, str], vocabulary: Vocabulary) -> Schema:
    message = _sentence("E203", vocabulary, erlaubt=", ".join(allowed))
    key = next((key for key in table.foreign_keys if key.field == one.name), None)
    if key and not one.enum:
        source = vocabulary.description[key.table].sources[0].pattern
        message = f"{_sentence('E208', vocabulary, wo=f'data/{source}')} Danach „make editor-schema“."
    result: Schema = {"enum": list(allowed), "errorMessage": message}
    if list(allowed) != list(allowed.values()):
        result["enumDescriptions"] = list(allowed.values())
    return result


def _text(one: Field, vocabulary: Vocabulary) -> Schema:
    result: Schema = {"type": ["string", "number"], "errorMessage": _EMPTY_TEXT}
    if one.required and not one.unknown_allowed:
        result["minLength"] = 1
    if one.max_length is not None:
        # A block of Markdown ends with a line break that does not count.
        result["maxLength"] = one.max_length + (one.form == "markdown")
    pattern, code = _pattern(one)
    if one.type == "integer":
        result |= {"type": ["string", "integer"], "errorMessage": _sentence("E204", vocabulary)}
        result |= {"minimum": one.minimum} if one.minimum is not None else {}
        result |= {"maximum": one.maximum} if one.maximum is not None else {}
    elif one.form == "zeitangabe":
        result |= {"type": ["string", "integer"], "minimum": _FIRST_YEAR, "maximum": _LAST_YEAR}
        result["errorMessage"] = _sentence(code, vocabulary)
    elif one.form in {"zeitpunkt", "adresse"}:
        result |= {"type": "string", "errorMessage": _sentence(code, vocabulary)}
    if pattern:
        optional = "" if one.required or pattern == _ONE_LINE else "?"
        result["pattern"] = f"^\\s*({pattern}){optional}\\s*$"
        result["patternErrorMessage"] = _sentence(code, vocabulary, muster=one.description or one.pattern)
    return result


def _pattern(one: Field) -> tuple[str, str]:
    """Pattern of the text without blanks around it, and the finding that explains it."""
    if one.type == "integer":
        return _WHOLE_NUMBER, "E204"
    if one.pattern:
        return one.pattern, "E221"
    forms = {
        "text": (_ONE_LINE, "E220"),
        "zeitangabe": (_PARTIAL, "E209"),
        "zeitpunkt": (_MOMENT, "E210"),
        "adresse": (_ADDRESS, "E211"),
    }
    return forms.get(one.form, ("", ""))


def _unless_unknown(one: Field, vocabulary: Vocabulary) -> Schema:
    """Either the value stands there, if it has to, or its name stands below ``unbekannt``; never both."""
    both = _nested(one.path, {"properties": {one.path[-1]: False}}, _message("E215", one.name, vocabulary))
    rule: Schema = {"if": _names(one.name), "then": both}
    if one.required:
        missing = _message("E225", one.name, vocabulary)
        rule["else"] = _nested(one.path, {"required": [one.path[-1]]}, missing, required=True)
    return rule


def _rows_needed(child: Table, vocabulary: Vocabulary) -> Schema:
    values = {"anzahl": str(child.min_rows)}
    message = _message("E216", child.list_key, vocabulary, **values)
    rows = {"type": "array", "minItems": child.min_rows}
    return {"required": [child.list_key], "errorMessage": message, "properties": {child.list_key: rows}}


def _names(name: str) -> Schema:
    return {"required": [UNKNOWN], "properties": {UNKNOWN: {"contains": {"const": name}}}}


def _nested(path: tuple[str, ...], innermost: Schema, message: str, *, required: bool = False) -> Schema:
    """A demand on the block that holds the last key of ``path``."""
    result = {**innermost, "errorMessage": message}
    for key in reversed(path[:-1]):
        # Without the type, editors would complete the key without its colon.
        result = {"properties": {key: {"type": "object", **result}}}
        if required:
            result |= {"required": [key], "errorMessage": message}
    return result


def _message(code: str, name: str, vocabulary: Vocabulary, **values: str) -> str:
    """What is wrong and what to do, in the words of the check."""
    finding = Finding(code, _NOWHERE, values={"name": name, **values})
    return f"{vocabulary.words.text(finding)} {vocabulary.words.help(finding)}"


def _sentence(code: str, vocabulary: Vocabulary, **values: str) -> str:
    """What to do, in the words of the check."""
    return vocabulary.words.help(Finding(code, _NOWHERE, values=values))
