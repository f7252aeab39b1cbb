"""Files as they may be found in a repository anybody writes to: opened without following links, waiting or reading on for ever.

The only module that asks the operating system for a file of the editors.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

Kind = Literal["file", "folder", "other", "unreadable"]

# Control characters, marks nobody sees, and halves of pairs: bytes of a name that are no UTF-8.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\\]")
# Names that mean a device on some systems, whatever their ending; and the page a folder itself is.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?", re.IGNORECASE)
# File systems allow 255 bytes; a page gets an ending and a temporary name besides.
MAX_NAME_BYTES = 200
# Deeper than the project ever goes, and far from what a walk of its own kind could bear.
MAX_FOLDERS = 20


@dataclass(frozen=True, slots=True)
class Found:
    """Something below a folder: its path from there, as it may be shown, and what it is."""

    file: Path
    relative: str
    kind: Kind
    size: int = 0
    changed: int = 0


def read(file: Path, limit: int) -> bytes:
    """The content of a regular file, at most one byte more than ``limit``.

    Raises:
        OSError: it is a link, a pipe, a device or a folder, or cannot be read.
    """
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(file))
        # One more than there should be: only what comes behind tells that it is over.
        size = min(info.st_size, limit) + 1
        data = os.read(handle, size)
        while len(data) <= limit and (more := os.read(handle, size)):
            data += more
        return data[: limit + 1]
    finally:
        os.close(handle)


def walk(root: Path) -> Iterator[Found]:
    """Everything below a folder, in the order of the paths; links are told and not followed, locked folders as well."""
    if not root.is_symlink() and root.is_dir():
        yield from sorted(_below(root, ""), key=lambda one: one.relative.split("/"))


def _below(folder: Path, above: str) -> Iterator[Found]:
    try:
        with os.scandir(folder) as entries:
            inside = list(entries)
    except OSError:
        yield Found(folder, above.rstrip("/") or ".", "unreadable")
        return
    for one in inside:
        info, file, relative = one.stat(follow_symlinks=False), folder / one.name, above + one.name
        is_folder = stat.S_ISDIR(info.st_mode)
        kind: Kind = "file" if stat.S_ISREG(info.st_mode) else "folder" if is_folder else "other"
        if is_folder and relative.count("/") >= MAX_FOLDERS:
            kind = "unreadable"
        yield Found(file, relative, kind, info.st_size, info.st_mtime_ns)
        if kind == "folder":
            yield from _below(file, f"{relative}/")


class Trace(NamedTuple):
    """What tells a file from the one that was there before, without opening it. ``changed`` cannot be set by anybody."""

    path: str
    mode: int
    size: int
    written: int
    changed: int
    number: int


def traces(root: Path) -> Iterator[Trace]:
    """Of everything below a folder, and of itself, in any order; of links as such."""
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        try:
            yield _trace(folder, os.lstat(folder))
            with os.scandir(folder) as inside:
                for one in inside:
                    if one.is_dir(follow_symlinks=False):
                        waiting.append(one.path)
                    else:
                        yield _trace(one.path, one.stat(follow_symlinks=False))
        except OSError as error:
            yield Trace(folder, -1, error.errno or 0, 0, 0, 0)


def _trace(path: str, info: os.stat_result) -> Trace:
    return Trace(path, info.st_mode, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


def shown(path: str) -> str:
    """A path in one line that any terminal can show; what it could not is written as an escape."""
    return _UNFIT.sub(lambda one: _escaped(one[0]), path)


def _escaped(sign: str) -> str:
    number = ord(sign)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    return sign.encode("unicode_escape").decode() if number < 0xD800 and sign != "\\" else f"\\u{number:04x}"


def flaw(name: str) -> str:
    """Why a file or folder must not be called so, as a German half sentence, or empty."""
    if _UNFIT.search(name):
        return "er enthält Zeichen, die sich nicht anzeigen lassen"
    if unicodedata.normalize("NFC", name) != name:
        return "seine Umlaute sind aus zwei Zeichen zusammengesetzt"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"er ist länger als {MAX_NAME_BYTES} Byte"
    if _DEVICES.fullmatch(name):
        return "er bezeichnet unter Windows ein Gerät"
    if "#" in name or "%" in name:
        return "„#“ und „%“ bedeuten in Adressen etwas anderes"
    if name.endswith((".", " ")) or re.search(r'[<>:"|?*]', name):
        return "unter Windows lässt er sich nicht anlegen"
    return ""


class Names:
    """Whether names are fit for every system, and none is taken for another by a system that ignores capitals."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def judge(self, relative: str) -> tuple[str, dict[str, str]] | None:
        """Code and values of what is wrong with the last part of a path, if anything is."""
        name = PurePosixPath(relative).name
        reason = flaw(name)
        if reason:
            return "E139", {"grund": reason}
        other = self._taken.setdefault(unicodedata.normalize("NFKC", relative).casefold(), relative)
        return ("E140", {"andere": other}) if other != relative else None
