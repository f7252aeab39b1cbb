"""What a picture file is and holds, told by its structure; no decoder, so no decoder to attack.

Sources: PNG specification (chunks, 5 and 11), ITU-T T.81 B.1 and B.2 (JPEG markers), RFC 9649 (WebP).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ikz_award import files

MAX_KILOBYTES = 600
# Of a picture among the pages, which goes out as it is.
MAX_BYTES = 16 * 1024 * 1024
MIN_WIDTH, MAX_WIDTH, MAX_HEIGHT = 400, 4000, 4000
MAX_PIXELS = 12_000_000
_KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WebP"}
_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_METADATA = {
    b"eXIf": "Exif",
    b"iTXt": "Text oder XMP",
    b"tEXt": "Text",
    b"zTXt": "Text",
    b"tIME": "Zeitpunkt",
}
_WEBP_METADATA = {b"EXIF": "Exif", b"XMP ": "XMP"}
# JPEG: JFIF, colour profile and Adobe's note on colours say how to show a picture, everything else of this kind about it.
_APP0, _APP2, _APP14, _APP15, _COMMENT = 0xE0, 0xE2, 0xEE, 0xEF, 0xFE
_JPEG_METADATA = {0xE1: "Exif oder XMP", 0xED: "IPTC", _COMMENT: "Kommentar"}
_SCAN, _END = 0xDA, 0xD9
# Markers without a length of their own: TEM, RST0 to RST7, SOI.
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class _Picture:
    """What the structure tells; ``length`` is how many bytes belong to the picture, 0 if it breaks off."""

    kind: str
    width: int
    height: int
    length: int
    metadata: tuple[str, ...] = ()


def problem(file: Path) -> str:
    """What is wrong with the picture, as a German half sentence, or empty."""
    size = file.stat().st_size
    if size > MAX_KILOBYTES * 1024:
        return f"sie ist {size // 1024} kB groß, erlaubt sind {MAX_KILOBYTES} kB"
    found = _read(file)
    return _flaw(file, found) or (_out_of_bounds(found) if found else "")


def flaw(file: Path) -> str:
    """What is wrong with a file that goes out as it is, of whatever size it may be shown; German half sentence, or empty."""
    found = _read(file)
    return _flaw(file, found) or (_too_many_pixels(found) if found else "")


def _flaw(file: Path, found: _Picture | None) -> str:
    if found is None:
        return "sie ist kein lesbares Bild der Art PNG, JPEG oder WebP"
    if found.kind != _KINDS.get(file.suffix):
        return f"ihre Endung sagt {_KINDS.get(file.suffix, file.suffix)}, ihr Inhalt ist {found.kind}"
    size = file.stat().st_size
    if not found.length or found.length > size:
        return "sie ist unvollständig, das Ende des Bildes fehlt"
    return "hinter dem Ende des Bildes stehen weitere Daten" if found.length < size else ""


def _out_of_bounds(found: _Picture) -> str:
    if not MIN_WIDTH <= found.width <= MAX_WIDTH:
        return f"sie ist {found.width} Bildpunkte breit, erlaubt sind {MIN_WIDTH} bis {MAX_WIDTH}"
    if not 0 < found.height <= MAX_HEIGHT:
        return f"sie ist {found.height} Bildpunkte hoch, erlaubt sind höchstens {MAX_HEIGHT}"
    return _too_many_pixels(found)


def _too_many_pixels(found: _Picture) -> str:
    if found.width * found.height > MAX_PIXELS:
        return f"sie hat mehr als {MAX_PIXELS // 1_000_000} Millionen Bildpunkte"
    return ""


def metadata(file: Path) -> str:
    """Kinds of data about the picture that its file holds beside it, in German, or empty."""
    found = _read(file)
    return ", ".join(dict.fromkeys(found.metadata)) if found else ""


def _bytes(file: Path) -> bytes:
    """What is worth looking at; nothing of a link, a device, or a file nobody may read, which are no pictures."""
    try:
        return files.read(file, MAX_BYTES)
    except OSError:
        return b""


def _read(file: Path) -> _Picture | None:
    data = _bytes(file)
    try:
        if data.startswith(_PNG_START) and data[12:16] == b"IHDR":
            return _png(data)
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError):
        return None
    return None


def _png(data: bytes) -> _Picture:
    width, height = struct.unpack(">II", data[16:24])
    about, at = [], len(_PNG_START)
    while at + 12 <= len(data):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        at += 12 + size
        about += [_PNG_METADATA[name]] if name in _PNG_METADATA else []
        if name == b"IEND":
            return _Picture("PNG", width, height, at, tuple(about))
    return _Picture("PNG", width, height, 0, tuple(about))


def _jpeg(data: bytes) -> _Picture | None:
    width = height = length = 0
    about = []
    for marker, at, size in _jpeg_segments(data):
        # Start-of-frame markers, without the tables and restarts that share their range.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC} and not width:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
        elif marker == _END:
            length = at + 2
        elif _is_metadata(marker, data[at + 4 : at + 2 + size]):
            about.append(_JPEG_METADATA.get(marker, f"APP{marker - _APP0}"))
    return _Picture("JPEG", width, height, length, tuple(about)) if width else None


def _is_metadata(marker: int, body: bytes) -> bool:
    if marker == _APP2:
        return not body.startswith(b"ICC_PROFILE\0")
    return marker == _COMMENT or (_APP0 < marker <= _APP15 and marker != _APP14)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, place and length of every segment up to the end of the picture, or to where it breaks off."""
    at = 2
    while at + 1 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _END:
            yield marker, at, 0
            return
        size = 0 if marker in _BARE else int.from_bytes(data[at + 2 : at + 4])
        yield marker, at, size
        at += 2 + size
        if marker == _SCAN:
            at = _behind_scan(data, at)


def _behind_scan(data: bytes, at: int) -> int:
    """Where the next marker stands: inside the scan, 0xFF is followed by 0 or by a restart."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] and data[at + 1] not in _BARE:
            return at
        at += 2
    return len(data)


def _webp(data: bytes) -> _Picture | None:
    size = None
    about, at, end = [], 12, 8 + int.from_bytes(data[4:8], "little")
    while at + 8 <= min(end, len(data)):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        size = size or _webp_size(name, data[at + 8 : at + 18])
        about += [_WEBP_METADATA[name]] if name in _WEBP_METADATA else []
        at += 8 + length + length % 2
    # The picture breaks off if the last part reaches beyond what the file says of itself.
    return _Picture("WebP", *size, end if at == end else 0, tuple(about)) if size else None


def _webp_size(name: bytes, body: bytes) -> tuple[int, int] | None:
    if name == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8 ":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
