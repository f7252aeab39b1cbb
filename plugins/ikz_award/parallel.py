"""The same work for many values, on every core: the result is that of one after the other, only sooner."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TypeVar, cast

Value = TypeVar("Value")
Result = TypeVar("Result")
# A process costs as much as some pages.
FEWEST = 64


def each(work: Callable[[Value], Result], values: Sequence[Value]) -> list[Result]:
    """``[work(one) for one in values]``.

    The work is done in copies of this process: it may use whatever there is, but of all it changes only what it returns
    comes back. Where a process cannot be copied safely – on other systems, beside threads, in a copy – nobody helps.

    Raises:
        Exception: whatever the work raises, from the first value on which it did in the share of a process.
    """
    helpers = 0 if len(values) < FEWEST or not _may_copy() else min(_cores(), len(values)) - 1
    if not helpers:
        return [work(one) for one in values]
    # Every so-and-so-manyth, since neighbours are alike and so is the time they take.
    shares = [values[first :: helpers + 1] for first in range(helpers + 1)]
    # What is there now stays there; without this, each copy would soon have all memory of its own.
    gc.freeze()
    busy = [_start(work, share) for share in shares[1:]]
    try:
        done = [[work(one) for one in shares[0]]]
        done += [_received(answer, work, share) for (answer, _), share in zip(busy, shares[1:], strict=True)]
    finally:
        for answer, process in busy:
            answer.close()
            process.terminate()
            process.join()
        gc.unfreeze()
    return [done[place % len(shares)][place // len(shares)] for place in range(len(values))]


def _cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _may_copy() -> bool:
    """A copy has no other thread, and so none that would give back what it holds; and copies need no copies."""
    return (
        "fork" in multiprocessing.get_all_start_methods()
        and threading.active_count() == 1
        and multiprocessing.parent_process() is None
    )


def _start(
    work: Callable[[Value], Result], share: Sequence[Value]
) -> tuple[Connection, multiprocessing.process.BaseProcess]:
    context = multiprocessing.get_context("fork")
    answer, told = context.Pipe(duplex=False)
    process = context.Process(target=_help, args=(answer, told, work, share), daemon=True)
    process.start()
    # Only the copy may hold it, or its end would not be noticed.
    told.close()
    return answer, process


def _help(
    answer: Connection, told: Connection, work: Callable[[Value], Result], share: Sequence[Value]
) -> None:
    """Do a share and tell. If nobody is there any more to be told, that was all."""
    # While the copy itself holds the other end, it would wait for ever to be heard.
    answer.close()
    try:
        result: list[Result] | Exception = [work(one) for one in share]
    except Exception as error:  # noqa: BLE001 - it is raised where the result is expected
        result = error
    with suppress(BrokenPipeError):
        told.send(result)


def _received(answer: Connection, work: Callable[[Value], Result], share: Sequence[Value]) -> list[Result]:
    """What a copy made; if it was ended from outside, for instance for want of memory, it is made here."""
    try:
        result: object = answer.recv()
    except (EOFError, OSError):
        return [work(one) for one in share]
    if isinstance(result, Exception):
        raise result
    return cast("list[Result]", result)
