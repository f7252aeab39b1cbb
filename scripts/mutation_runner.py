"""Run chosen tests of a copy of the project again and again, each time with another change of the program: the workshop of ``mutation.py``.

Started in the copy. Reads one job a line from standard input, as JSON, and answers each with a line. What the tests need from
elsewhere is loaded once; the program itself is loaded by a child for each job, with the change in place.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

from german_parser import GermanParser

# A change may make a loop endless, and let it gather.
MAX_BYTES = 3_000_000_000
_PYTEST = ("-n", "0", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow and not nightly")
# Ends the name of a file, and stands for all tests in it.
SHARED = "::*"
# Nothing of these may be loaded before a change is in place.
_OWN = ("plugins", "scripts", "tests")


class Noting:
    """Notes which test ran for how long; what it ran through is kept by the measurement under its name."""

    def __init__(self, measurement: coverage.Coverage) -> None:
        self.measurement = measurement
        self.seconds: dict[str, float] = defaultdict(float)
        self.now = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Another test begins."""
        self.now = nodeid
        self.measurement.switch_context(nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """What is made once for many tests is looked at by all of them, not by the first alone."""
        if fixturedef.scope == "function":
            return (yield)
        self.measurement.switch_context(f"{self.now.partition('::')[0]}{SHARED}")
        try:
            return (yield)
        finally:
            self.measurement.switch_context(self.now)

    def meant(self, context: str) -> list[str]:
        """The tests that notice something of a line that ran in a context."""
        if not context.endswith(SHARED):
            return [context] if context else []
        file = context.removesuffix(SHARED)
        return [one for one in self.seconds if one.partition("::")[0] == file]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One of the three parts of a test is over."""
        self.seconds[report.nodeid] += report.duration


def measure(tests: list[str], modules: list[str]) -> dict[str, Any]:
    """Run the tests on the program as it is: seconds by test, and tests by line of each module. They must pass."""
    measurement = coverage.Coverage(
        data_file=None, config_file=False, include=[str(Path(one).resolve()) for one in modules]
    )
    noting = Noting(measurement)
    # The answer goes to standard output, and nothing else.
    with measurement.collect(), contextlib.redirect_stdout(sys.stderr):
        status = pytest.main([*_PYTEST, *tests], plugins=[noting])
    if status:
        raise SystemExit(int(status))
    data = measurement.get_data()
    lines = {
        str(Path(one).relative_to(Path.cwd())): {
            line: sorted({test for name in names for test in noting.meant(name)})
            for line, names in data.contexts_by_lineno(one).items()
        }
        for one in data.measured_files()
    }
    return {"seconds": dict(noting.seconds), "lines": lines}


def warm_up(tests: list[str]) -> None:
    """Load whatever the tests load that is not the project's own."""
    with contextlib.redirect_stdout(sys.stderr):
        pytest.main(["--collect-only", "-qq", *_PYTEST, *tests])
    own = tuple(str(Path(one).resolve()) for one in _OWN)
    for name, module in list(sys.modules.items()):
        if name != "__main__" and (getattr(module, "__file__", None) or "").startswith(own):
            del sys.modules[name]


def outcome(tests: list[str], seconds: float) -> str:
    """Whether the tests notice what is changed: ``bemerkt``, ``hängt``, or ``unbemerkt``."""
    child = os.fork()
    if not child:
        os.setpgrp()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for one in (0, 1, 2):
            os.dup2(nowhere, one)
        resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
        status = 1
        with contextlib.suppress(BaseException):
            status = int(pytest.main([*_PYTEST, *tests]))
        os._exit(status)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "bemerkt" if status else "unbemerkt"
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "hängt"


def jobs() -> Iterator[dict[str, Any]]:
    """Jobs as they come."""
    for line in sys.stdin:
        yield json.loads(line)


def main() -> None:
    """Answer every job."""
    GermanParser(
        "Die Werkstatt von mutation.py; bekommt ihre Aufträge über die Standardeingabe."
    ).parse_args()
    sys.dont_write_bytecode = True
    for job in jobs():
        if job["art"] == "messen":
            answer = measure(job["tests"], job["modules"])
        elif job["art"] == "aufwaermen":
            warm_up(job["tests"])
            answer = {}
        else:
            module, sound = Path(job["module"]), Path(job["module"]).read_text("utf-8")
            try:
                module.write_text(job["text"], "utf-8")
                answer = {"outcome": outcome(job["tests"], job["seconds"])}
            finally:
                module.write_text(sound, "utf-8")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
