"""Work shared among processes comes out as if it had been done one after the other, whatever becomes of the helpers."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import textwrap
import threading

import pytest

import support
from ikz_award import parallel


def alone(program: str, *, cores: int = 3) -> object:
    """What a program says that runs in a process of its own: this one has threads, and so would never be copied."""
    begin = f"import json, os, multiprocessing\nfrom ikz_award import parallel\nparallel._cores = lambda: {cores}\n"
    done = subprocess.run(
        [sys.executable, "-c", begin + textwrap.dedent(program)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("many", [0, 1, parallel.FEWEST - 1, parallel.FEWEST, 100, 101, 102])
def test_results_come_in_the_order_of_the_values(many):
    program = f"print(json.dumps(parallel.each(lambda one: one * one, range({many}))))"
    assert alone(program) == [one * one for one in range(many)]


@pytest.mark.parametrize("cores, processes", [(1, 1), (2, 2), (3, 3)])
def test_every_core_gets_its_share(cores, processes):
    program = "print(json.dumps(len(set(parallel.each(lambda _: os.getpid(), range(100))))))"
    assert alone(program, cores=cores) == processes


def test_few_values_are_not_worth_a_process():
    program = (
        f"print(json.dumps(len(set(parallel.each(lambda _: os.getpid(), range({parallel.FEWEST - 1}))))))"
    )
    assert alone(program) == 1


@pytest.mark.parametrize("place", [0, 1, 2, 99])
def test_what_goes_wrong_is_raised(place):
    program = f"""
        def work(one):
            if one == {place}:
                raise ValueError(str(one))
            return one
        try:
            parallel.each(work, range(100))
        except ValueError as error:
            print(json.dumps([str(error), len(multiprocessing.active_children())]))
    """
    assert alone(program) == [str(place), 0]


def test_the_share_of_a_helper_that_was_ended_is_done_by_others():
    program = """
        import signal
        parent = os.getpid()
        def work(one):
            if one == 50 and os.getpid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)
            return one
        print(json.dumps(parallel.each(work, range(100))))
    """
    for cores in (2, 3):
        assert alone(program, cores=cores) == list(range(100))


def test_helpers_do_not_outlive_whoever_asked_them(tmp_path):
    """Killed outright, it leaves helpers that work to the end of their share, find nobody to tell, and are gone."""
    program = f"""
        import pathlib, signal, time
        folder = pathlib.Path({str(tmp_path)!r})
        parent = os.getpid()
        def work(one):
            if os.getpid() != parent:
                (folder / str(os.getpid())).touch()
                return "x" * 100_000
            while len(list(folder.iterdir())) < 2:
                time.sleep(0.01)
            os.kill(parent, signal.SIGKILL)
        parallel.each(work, range(99))
    """
    with pytest.raises(AssertionError):
        alone(program)
    helpers = [int(one.name) for one in tmp_path.iterdir()]
    assert len(helpers) == 2
    done = threading.Event()
    for _ in range(200):
        if not any(support.is_alive(one) for one in helpers):
            return
        done.wait(0.05)
    pytest.fail("they are still there")


def test_beside_threads_and_in_a_helper_nobody_helps():
    program = """
        import threading
        inner = parallel.each(lambda _: len(set(parallel.each(lambda _: os.getpid(), range(100)))), range(64))
        event = threading.Event()
        thread = threading.Thread(target=event.wait)
        thread.start()
        beside = len(set(parallel.each(lambda _: os.getpid(), range(100))))
        event.set()
        print(json.dumps([sorted(set(inner)), beside]))
    """
    # In the first process helpers are asked again, in its helpers nobody is.
    assert alone(program, cores=2) == [[1, 2], 1]


def test_this_process_is_none_that_may_be_copied():
    assert multiprocessing.parent_process() is None
    event = threading.Event()
    thread = threading.Thread(target=event.wait)
    thread.start()
    try:
        assert set(parallel.each(lambda _: os.getpid(), range(100))) == {os.getpid()}
    finally:
        event.set()
        thread.join()
