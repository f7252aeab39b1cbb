"""What a program costs: time, computing time and memory of it and of all it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
# Often enough for a peak, seldom enough not to slow down what is measured.
_PAUSE = 0.05
# Asking how much memory is shared takes long; it is asked only when there is this much more than ever before.
_GROWTH = 1.02
_LAST_LINES = 12
# How often whoever was ended is looked for, once in a pause; states of a process that has ended.
_FAREWELLS = 200
_OVER = {b"Z", b"X"}


@dataclass(frozen=True)
class Command:
    """A program to run, as a shell would start it."""

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, seconds of all cores, and the most memory at one moment in MB, where the system tells it."""

    seconds: float
    cpu: float
    memory: float | None


class FailedError(Exception):
    """The program did not end well; the message says what it said last."""


def run(command: Command, patience: float) -> Cost:
    """Run a program to its end.

    Raises:
        FailedError: it could not be started, took longer than allowed, or ended with an error.
    """
    with tempfile.TemporaryFile() as said:
        begin = time.perf_counter()
        try:
            process = subprocess.Popen(
                command.arguments,
                cwd=command.folder,
                env={**os.environ, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                # All it starts carry the number of this session, whatever becomes of those in between.
                start_new_session=True,
            )
        except OSError as problem:
            raise FailedError(f"lässt sich nicht starten: {problem.strerror}") from problem
        ended, too_long = threading.Event(), threading.Event()
        peak: list[float] = []
        watch = threading.Thread(target=_watch, args=(process.pid, ended, peak.append))
        alarm = threading.Timer(patience, _end, (process.pid, too_long))
        watch.start()
        alarm.start()
        try:
            # The costs of exactly this program, and of those of its children it waited for.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _end(process.pid, too_long)
            process.wait()
            raise
        finally:
            seconds = time.perf_counter() - begin
            alarm.cancel()
            ended.set()
            watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if too_long.is_set():
            _see_off(process.pid)
            raise FailedError(f"nach {patience:.0f} Sekunden nicht fertig")
        if process.returncode:
            said.seek(0)
            last = said.read().decode("utf-8", "replace").strip().splitlines()[-_LAST_LINES:]
            raise FailedError(f"endet mit {process.returncode}: {' / '.join(last)}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, max(peak, default=None))


def _end(session: int, too_long: threading.Event) -> None:
    too_long.set()
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        # It ended by itself at the last moment.
        too_long.clear()


def _see_off(session: int) -> None:
    """Wait until those that were ended are gone, or they still write into a folder that the next run empties."""
    for _ in range(_FAREWELLS):
        if not any(alive for _, _, alive in _members(session)):
            return
        time.sleep(_PAUSE)


def _watch(session: int, ended: threading.Event, found: Callable[[float], None]) -> None:
    """Look at the memory of all processes of a session until it is over; pages shared by several count once."""
    most = 0
    while not ended.is_set():
        members = _members(session)
        total = sum(resident for _, resident, _ in members)
        if total > most * _GROWTH:
            most = total
            found(sum(_proportional(pid, resident) for pid, resident, _ in members) / 1e6)
        ended.wait(_PAUSE)


def _members(session: int) -> list[tuple[int, int, bool]]:
    """Number, resident bytes and life of each process of a session; none where the system does not tell.

    Not alive is who has ended and only waits to be collected.
    """
    found = []
    page = os.sysconf("SC_PAGE_SIZE")
    for folder in _PROC.glob("[0-9]*"):
        try:
            # The name of the program stands in brackets and may hold anything; behind it are numbers only.
            values = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if int(values[3]) == session:
            found.append((int(folder.name), int(values[21]) * page, values[0] not in _OVER))
    return found


def _proportional(pid: int, resident: int) -> int:
    """Bytes of a process, of what it shares only its part."""
    try:
        text = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii")
    except OSError:
        # It has just ended, or the system has no such number.
        return resident
    return next(
        (int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), resident
    )
