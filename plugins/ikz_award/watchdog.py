"""A limit to the computing time of one step, so that no text of a record can hold up the build of all others."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooLongError(Exception):
    """A step used up its time."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Interrupt what runs inside as soon as the process has computed for so long. Waiting does not count, nor do other processes.

    Only the main thread can be interrupted, and only where the system has such a clock (not on Windows); elsewhere there
    is no limit. One limit at a time: an inner one would end the outer.

    Raises:
        TooLongError: the time is over.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
