"""The same index, the same bytes: Pagefind writes filters and their values in a random order, which is put right here.

Its files are CBOR (RFC 8949) behind a mark, packed with gzip; they hold nothing but numbers, texts and lists.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

Item = int | str | list["Item"]
_MARK = b"pagefind_dcd"
_NUMBER, _TEXT, _LIST = 0, 3, 4
# Up to here a number stands in the first byte; above, that says in how many bytes it follows.
_SMALL = 24
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
# Places in the description of the index.
_FILTERS, _SORTS = 3, 4


def settle(folder: Path) -> None:
    """Order the filters of a finished index, and name every changed file after its new content."""
    entry_file = folder / "pagefind-entry.json"
    entry = json.loads(entry_file.read_bytes())
    for language, facts in entry["languages"].items():
        meta_file = folder / f"pagefind.{facts['hash']}.pf_meta"
        meta = _read(meta_file)
        for row in meta[_FILTERS]:
            row[1] = _settle_filter(folder / "filter", language, row[1])
        meta[_FILTERS].sort()
        meta[_SORTS].sort()
        meta_file.unlink()
        facts["hash"] = _write(folder, "pagefind.{}.pf_meta", language, meta)
    entry_file.write_text(json.dumps(entry, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _settle_filter(folder: Path, language: str, name: str) -> str:
    file = folder / f"{name}.pf_filter"
    content = _read(file)
    content[1].sort()
    file.unlink()
    return _write(folder, "{}.pf_filter", language, content)


def _read(file: Path) -> list:  # type: ignore[type-arg]  # as Pagefind describes it
    data = gzip.decompress(file.read_bytes())
    content, end = decode(data, len(_MARK))
    if not data.startswith(_MARK) or end != len(data) or not isinstance(content, list):
        message = f"{file.name} ist nicht in der bekannten Form"
        raise ValueError(message)
    return content


def _write(folder: Path, pattern: str, language: str, content: Item) -> str:
    data = _MARK + encode(content)
    name = f"{language}_{hashlib.sha256(data).hexdigest()[:10]}"
    (folder / pattern.format(name)).write_bytes(gzip.compress(data, mtime=0))
    return name


def decode(data: bytes, at: int = 0) -> tuple[Item, int]:
    """The item that begins at a place, and where the next one begins."""
    kind, value = data[at] >> 5, data[at] & 31
    at += 1
    if value >= _SMALL:
        width = _WIDTHS.get(value, 0)
        value = int.from_bytes(data[at : at + width])
        at += width
    if kind == _NUMBER:
        return value, at
    if kind == _TEXT:
        return data[at : at + value].decode(), at + value
    if kind != _LIST:
        message = f"unbekannte Art {kind}"
        raise ValueError(message)
    items: list[Item] = []
    for _ in range(value):
        item, at = decode(data, at)
        items.append(item)
    return items, at


def encode(item: Item) -> bytes:
    """The bytes of an item, as short as they can be."""
    if isinstance(item, int):
        return _head(_NUMBER, item)
    if isinstance(item, str):
        text = item.encode()
        return _head(_TEXT, len(text)) + text
    return _head(_LIST, len(item)) + b"".join(map(encode, item))


def _head(kind: int, value: int) -> bytes:
    if value < _SMALL:
        return bytes([kind << 5 | value])
    sign, width = next((sign, width) for sign, width in _WIDTHS.items() if value < 256**width)
    return bytes([kind << 5 | sign]) + value.to_bytes(width)
