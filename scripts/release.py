"""Put a new version of a folder in place, whole or not at all, whatever ends a run before its time.

Everything happens in a workplace beside the target: locked, so that there is one run a target; on the same disk, so that
putting in place is one step; outside of what is published. Knows no generator: whoever calls fills ``Workplace.fresh``.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

FRESH, OLD = "neu", "alt"
_PAUSE = 0.1
# Anyone may read what is published, whatever the mask of the user who built it.
_FILE, _FOLDER = 0o644, 0o755
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
# What kernels and file systems say that cannot exchange.
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP})


class BusyError(Exception):
    """Another run held the lock for as long as we wanted to wait."""


@dataclass(frozen=True)
class Workplace:
    """Where a new version is made. ``lock`` is to be handed down to programs that write there, see ``workplace``."""

    target: Path
    folder: Path
    # Does not exist yet; under a name of its own, so that a program left over from a killed run writes elsewhere.
    fresh: Path
    lock: int

    def put_in_place(self) -> None:
        """Bring the new version to the disk, then in place; the old one is gone when the workplace is."""
        _settle(self.fresh)
        if self.target.exists() and any(self.target.iterdir()):
            if not exchange(self.fresh, self.target):
                self._in_two_steps()
        else:
            self.fresh.rename(self.target)
        _to_disk(self.target.parent)

    def _in_two_steps(self) -> None:
        """For file systems that cannot exchange. For a moment there is no version; ``_tidy`` heals what ends just then."""
        self.target.rename(self.folder / OLD)
        self.fresh.rename(self.target)


@contextmanager
def workplace(target: Path, patience: float, waiting: Callable[[], None]) -> Iterator[Workplace]:
    """The workplace of a target, after what killed runs left is tidied up.

    The lock holds until all programs have ended that ``lock`` was handed down to, even if this one is killed before.

    Args:
        target: the folder to be replaced; the one around it is made if need be.
        patience: seconds to wait for another run.
        waiting: called once if there is one.

    Raises:
        BusyError: the other run took longer.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.with_name(f".{target.name}.bau")
    lock = _locked(folder, patience, waiting)
    try:
        _tidy(folder, target)
        # Reserves the name; the generator makes the folder itself.
        fresh = Path(tempfile.mkdtemp(prefix=f"{FRESH}-", dir=folder))
        fresh.rmdir()
        yield Workplace(target, folder, fresh, lock)
    finally:
        _tidy(folder, target)
        with suppress(OSError):
            # Still locked: whoever waits for this one finds that it is gone and makes another. Stays if it holds what is not ours.
            folder.rmdir()
        os.close(lock)


def exchange(one: Path, other: Path) -> bool:
    """Let two folders swap names in one step; ``False`` if that is not possible here.

    Raises:
        OSError: it is possible, and failed.
    """
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if swap is None:
        return False
    if swap(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _locked(folder: Path, patience: float, waiting: Callable[[], None]) -> int:
    """An open handle to the folder that nobody else has locked."""
    until, told = time.monotonic() + patience, False
    while True:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        try:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            # The other run has just ended.
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(handle, folder):
                return handle
        except BlockingIOError:
            if not told:
                waiting()
                told = True
            if time.monotonic() >= until:
                os.close(handle)
                raise BusyError from None
            time.sleep(_PAUSE)
        os.close(handle)


def _is_at(handle: int, folder: Path) -> bool:
    """Whether what we locked still stands there: the run before takes its folder away when it ends."""
    try:
        return os.path.samestat(os.fstat(handle), folder.lstat())
    except FileNotFoundError:
        return False


def _tidy(folder: Path, target: Path) -> None:
    """Take away what runs left, this one or killed ones. If the only version lies here, it goes back to its place first."""
    old = folder / OLD
    if old.exists() and not target.exists():
        old.rename(target)
    for one in folder.iterdir():
        if one.name == OLD or one.name.startswith(f"{FRESH}-"):
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one, ignore_errors=True)
            else:
                one.unlink(missing_ok=True)


def sync(folder: Path) -> bool:
    """Bring all of a file system to the disk in one go; ``False`` if that is not possible here. One by one, files take far longer.

    Raises:
        OSError: it is possible, and failed.
    """
    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if sys.platform == "linux" else None
    if call is None:
        return False
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if call(handle) == 0:
            return True
        number = ctypes.get_errno()
        if number in _CANNOT:
            return False
        raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(handle)


def _settle(folder: Path) -> None:
    """Readable for everybody, and on the disk: a version that is in place is not lost with the power."""
    for place, _, files in os.walk(folder):
        for name in files:
            _open_to_all(Path(place, name), _FILE)
        _open_to_all(Path(place), _FOLDER)
    if sync(folder):
        return
    for place, _, files in os.walk(folder):
        for name in files:
            _to_disk(Path(place, name))
        _to_disk(Path(place))


def _open_to_all(path: Path, mode: int) -> None:
    """Give rights to what is a file or a folder itself, and to nothing a link leads to."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
