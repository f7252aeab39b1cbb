"""What a picture file is, told by its first bytes; no decoder, so no decoder to attack."""

from __future__ import annotations

import struct
from pathlib import Path

MAX_KILOBYTES = 600
MIN_WIDTH, MAX_WIDTH = 400, 4000
_HEAD = 64 * 1024
_KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WebP"}


def problem(file: Path) -> str:
    """What is wrong with the picture, as a German half sentence, or empty."""
    size = file.stat().st_size
    if size > MAX_KILOBYTES * 1024:
        return f"sie ist {size // 1024} kB groß, erlaubt sind {MAX_KILOBYTES} kB"
    found = measure(file)
    if found is None:
        return "sie ist kein lesbares Bild der Art PNG, JPEG oder WebP"
    kind, width, _ = found
    if kind != _KINDS.get(file.suffix):
        return f"ihre Endung sagt {_KINDS.get(file.suffix, file.suffix)}, ihr Inhalt ist {kind}"
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        return f"sie ist {width} Bildpunkte breit, erlaubt sind {MIN_WIDTH} bis {MAX_WIDTH}"
    return ""


def measure(file: Path) -> tuple[str, int, int] | None:
    """Kind, width and height in pixels; ``None`` if it is none of the three kinds.

    Sources: PNG specification 11.2.2 (IHDR), ITU-T T.81 B.2.2 (SOF), RFC 9649 (WebP).
    """
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
            width, height = struct.unpack(">II", head[16:24])
            return "PNG", width, height
        if head.startswith(b"\xff\xd8"):
            return _jpeg(head)
        if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            return _webp(head)
    except (struct.error, IndexError):
        return None
    return None


def _jpeg(head: bytes) -> tuple[str, int, int] | None:
    at = 2
    while at < len(head):
        marker = head[at + 1]
        # Start-of-frame markers, without the tables and restarts that share their range.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return "JPEG", width, height
        at += 2 + struct.unpack(">H", head[at + 2 : at + 4])[0]
    return None


def _webp(head: bytes) -> tuple[str, int, int] | None:
    chunk = head[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(head[24:27], "little") + 1
        return "WebP", width, int.from_bytes(head[27:30], "little") + 1
    if chunk == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return "WebP", width & 0x3FFF, height & 0x3FFF
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return "WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None
