"""Readers with one fault each, so that the search for such faults can be seen to find them."""

from __future__ import annotations

import os
import signal
import time

HOSTILE = b"["


def raises(data: bytes) -> str:
    if HOSTILE in data:
        raise KeyError("kein Befund")
    return ""


def hangs(data: bytes) -> str:
    while HOSTILE in data:
        time.sleep(0.01)
    return ""


def is_slow(data: bytes) -> str:
    end = time.process_time() + 1.2
    while HOSTILE in data and time.process_time() < end:
        pass
    return ""


def dies(data: bytes) -> str:
    if HOSTILE in data:
        os.kill(os.getpid(), signal.SIGSEGV)
    return ""


def takes_too_much(data: bytes) -> str:
    if HOSTILE in data:
        bytearray(300 * 1024 * 1024)
    return ""


def leaves(data: bytes) -> str:
    if HOSTILE in data:
        os._exit(0)
    return ""
