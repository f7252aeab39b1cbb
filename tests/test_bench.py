"""The comparison with other generators: its cases, its tables, and that nobody's failure becomes a number or an end."""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

import pytest

import bench
import bench_corpus
import bench_floor
import bench_measure
import bench_rounds
import bench_search
import bench_stages
import bench_tables
import support
from bench_measure import Command, FailedError, run
from bench_peers import Frame, Peer, cut
from bench_rounds import STAGES, Failure, Measured, Order, Results, Written
from bench_tools import MissingError
from ikz_award import planning

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests/vergleich"
# As few as a case needs, so that no new code of the project changes what is expected here.
CODES = {
    "rechtsformen": ("oerv", "verein", "zweckverband"),
    "muster": ("personalpool", "shared_service_center", "zweigstelle"),
    "aufgabenfelder": ("archiv", "bauhof", "vergabe"),
}


# --- the cases


@pytest.mark.parametrize("form", [bench_corpus.as_yaml, bench_corpus.as_markdown])
def test_the_cases_are_the_same_every_time(form):
    """Else figures of different days could not be compared."""
    ending = {"as_yaml": "yml", "as_markdown": "md"}[form.__name__]
    case = bench_corpus.case(bench_corpus.HOSTILE_FROM, CODES, "Eine Änderung.")
    support.compare(GOLDEN / f"fall.{ending}", form(case))


def test_the_cases_pass_all_our_checks(tmp_path, jetzt):
    """The hostile ones as well, one of each kind, and one with a change."""
    bench_corpus.write(ROOT, tmp_path, 12)
    known = bench_corpus.codes(tmp_path)
    for number in range(bench_corpus.HOSTILE_FROM, 300, bench_corpus.HOSTILE_EVERY):
        bench_corpus.add(tmp_path, number, known, "Geändert für die Messung 1.")
    planned = planning.plan(tmp_path, "entwurf", jetzt)
    assert [str(one.place) + one.code for one in planned.findings] == []
    assert {one.path for one in planned.public.decisions if one.published} >= {
        f"data/cooperations/{file.name}" for file in (tmp_path / "data/cooperations").glob("fall-*.yml")
    }


def test_every_hostile_text_is_among_the_cases():
    texts = [bench_corpus.as_yaml(bench_corpus.case(number, CODES)) for number in range(300)]
    assert all(any(one in text for text in texts) for one in bench_corpus._HOSTILE)


def test_the_frame_is_our_page_without_title_and_content():
    page = (
        "<head><title>A – B</title></head><nav>N</nav>\n"
        '<article class="md-content__inner md-typeset">\n<article>X</article>\n</article><footer>'
    )
    assert cut(page) == Frame(
        "<head><title>",
        '</title></head><nav>N</nav>\n<article class="md-content__inner md-typeset">\n',
        "</article><footer>",
    )


# --- the tables


def sample() -> Results:
    """Results as a run writes them: two sizes, one who cannot be had, one who fails at the larger size."""
    read = json.loads((GOLDEN / "messung.json").read_text(encoding="utf-8"))
    kinds = {
        "measured": Measured,
        "written": Written,
        "floors": bench_floor.Floor,
        "searched": bench_search.Searched,
        "failures": Failure,
    }
    return Results(
        **{
            key: [kinds[key](**one) for one in value] if key in kinds else value
            for key, value in read.items()
        }
    )


def test_the_tables_are_made_from_the_results():
    support.compare(GOLDEN / "tabelle.md", bench_tables.markdown(sample()))


def test_what_is_written_can_be_read_again(tmp_path):
    bench._keep(sample(), tmp_path)
    assert json.loads((tmp_path / "messung.json").read_text(encoding="utf-8")) == json.loads(
        (GOLDEN / "messung.json").read_text(encoding="utf-8")
    )


def test_a_broken_limit_is_a_sentence_and_one_without_a_number_is_none():
    limits = [("hugo-daten", 3.9), ("hugo-daten", 4.0), ("astro", 0.1)]
    assert bench._broken(sample(), limits, [100, 1000]) == [
        "Zu langsam: Bei 100 Fällen dauert der volle Bau 4.0-mal so lange wie bei „Hugo aus Daten“, erlaubt ist das 3.9-Fache."
    ]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--groessen", "100,viele"], "„viele“ ist keine Zahl über null"),
        (["--wiederholungen", "0"], "„0“ ist keine Zahl über null"),
        (["--nur", "hugo"], "„hugo“ gibt es nicht; möglich sind eigen, "),
        (["--hoechstens", "astro=wenig"], "„astro=wenig“ ist kein Name mit einer Zahl"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as left:
        bench.main(arguments)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


# --- the rounds

BUILDER = """
import pathlib, sys
for file in pathlib.Path("faelle").iterdir():
    page = pathlib.Path("site/kooperationen", file.name, "index.html")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(f"<html lang=de><body><h1>Fall</h1>{file.read_text()}</body></html>")
"""


class Good(Peer):
    """A generator that copies; the others here are this one with a fault."""

    name, title, output = "gut", "Der Gute", "site"
    program = BUILDER

    def install(self) -> str:
        return "1.0"

    def templates(self) -> None:
        (self.folder / "faelle").mkdir(parents=True)

    def put(self, number: int, change: str = "") -> None:
        text = bench_corpus.as_markdown(self._case(number, change))
        (self.folder / "faelle" / bench_corpus.slug(number)).write_text(text, encoding="utf-8")

    def drop(self, number: int) -> None:
        (self.folder / "faelle" / bench_corpus.slug(number)).unlink()
        (self.site / "kooperationen" / bench_corpus.slug(number) / "index.html").unlink()

    def command(self) -> Command:
        return Command([sys.executable, "-I", "-c", self.program], self.folder, {})


class Absent(Good):
    name, title = "fehlt", "Der Fehlende"

    def install(self) -> str:
        raise MissingError("die Installation ist gescheitert: kein Netz")


class Broken(Good):
    name, title = "kaputt", "Der Kaputte"
    program = "print('Vorlage fehlt'); raise SystemExit(3)"


class Lazy(Good):
    """Builds once and never looks at a change."""

    name, title = "faul", "Der Faule"
    program = f"import os\nif not os.path.exists('site'):{BUILDER.replace(chr(10), chr(10) + ' ')}"


class Half(Good):
    """Is well with few cases and leaves out one of many."""

    name, title = "halb", "Der Halbe"
    program = f"{BUILDER}\nif len(list(pathlib.Path('faelle').iterdir())) > 10: page.unlink()"


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """All of them in one comparison, and what was told meanwhile."""
    work, told, kept = tmp_path_factory.mktemp("vergleich"), [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", lambda _: None)
        # Our own build takes a quarter of a minute and is shown elsewhere.
        patch.setattr(bench_rounds, "_sample", lambda *_: (Frame(), 6000.0))
        patch.setattr(bench_corpus, "codes", lambda _: CODES)
        bench_corpus.write(ROOT, work / "muster/projekt", 0)
        kinds = (Good, Absent, Broken, Lazy, Half)
        order = Order(
            project=ROOT,
            work=work,
            kinds=kinds,
            sizes=[12],
            repetitions=2,
            patience=20,
            searches=True,
            tell=told.append,
            keep=lambda results: kept.append(len(results.measured)),
        )
        return bench_rounds.compare(order), told, kept


def test_who_fails_is_told_with_the_reason_and_the_others_go_on(compared):
    results, told, _ = compared
    assert [(one.peer, one.size, one.reason) for one in results.failures] == [
        ("fehlt", 0, "die Installation ist gescheitert: kein Netz"),
        ("kaputt", 0, "Probe mit 10 Fällen: endet mit 3: Vorlage fehlt"),
        ("halb", 12, "kalt: schrieb 11 Fallseiten statt 12"),
        ("faul", 12, "ein Text geändert: die Änderung steht nicht auf der Seite"),
    ]
    assert "Nicht gemessen: Der Fehlende: die Installation ist gescheitert: kein Netz" in told
    rows = [(one.repetition, one.stage) for one in results.measured if one.peer == "gut"]
    assert rows == [(number, stage) for number in range(2) for stage in STAGES]


def test_who_fails_has_no_number_for_it(compared):
    results, _, _ = compared
    assert {one.peer for one in results.measured} == {"gut", "faul"}
    assert {one.stage for one in results.measured if one.peer == "faul"} == set(STAGES[:2])
    text = bench_tables.markdown(results)
    for title in ("Der Fehlende", "Der Kaputte", "Der Halbe"):
        (row,) = (one for one in text.splitlines() if one.startswith(f"| {title} | "))
        assert row.count("nicht gemessen") == len(STAGES)
        assert f"- {title}" in text


def test_results_are_kept_after_every_stage(compared):
    """So that whoever loses patience has the numbers until then."""
    _, _, kept = compared
    assert kept[:4] == [2, 4, 5, 6]
    assert kept[-1] == 10


def test_the_floor_is_measured_with_the_same_cases(compared):
    (floor,) = compared[0].floors
    assert (floor.size, floor.write) == (12, None)
    assert floor.parse > floor.read / 100 > 0


def test_the_index_of_a_search_is_made_from_the_pages_that_were_written(compared):
    results, _, _ = compared
    (found,) = results.searched
    assert (found.peer, found.size) == ("gut", 12)
    # The program alone is larger than that, and a few pages need no more than this.
    assert 40_000 < found.program < found.first < 150_000 < found.bytes


# --- one run


def python(program: str, folder: Path) -> Command:
    return Command([sys.executable, "-I", "-c", program], folder, {})


def test_a_run_that_takes_too_long_is_ended_with_all_it_started(tmp_path):
    program = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('kind', 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    with pytest.raises(FailedError, match="nach 2 Sekunden nicht fertig"):
        run(python(program, tmp_path), 2)
    child = int((tmp_path / "kind").read_text())
    # Ended, and perhaps not yet collected by whoever inherited it.
    assert not support.is_alive(child)


def test_whoever_ends_the_comparison_ends_what_it_started(tmp_path, monkeypatch):
    note = tmp_path / "kind"

    def interrupted(*_: int) -> None:
        while not note.exists() or not note.read_text():
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(bench_measure.os, "wait4", interrupted)
    program = "import os, time\nopen('kind', 'w').write(str(os.getpid()))\ntime.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        run(python(program, tmp_path), 60)
    assert not support.is_alive(int(note.read_text()))


def test_computing_and_memory_of_children_count(tmp_path):
    child = "x = bytearray(80_000_000); import time; time.sleep(.4); sum(range(4_000_000))"
    cost = run(
        python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])", tmp_path), 60
    )
    idle = run(python("pass", tmp_path), 60)
    assert cost.cpu > idle.cpu
    assert cost.seconds > 0.4
    assert cost.memory > 80


def test_a_program_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(FailedError, match="lässt sich nicht starten"):
        run(Command([str(tmp_path / "nichts")], tmp_path, {}), 5)


# --- the profile


def test_every_step_of_the_profile_is_a_function_that_exists():
    for places in bench_stages.STAGES.values():
        for place in places:
            module, _, path = place.partition(":")
            found = importlib.import_module(module)
            for name in path.split("."):
                found = getattr(found, name)
            assert callable(found), place


def test_time_counts_for_the_innermost_step_also_when_it_is_worked_off_later(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(bench_stages.time, "perf_counter", lambda: now[0])
    clock = bench_stages.Clock()

    def spend(seconds: float) -> None:
        now[0] += seconds

    def some():
        for _ in range(3):
            spend(1)
            yield None

    inner = clock.around("innen", lambda: spend(5))
    later = clock.around("später", some)

    def work() -> None:
        spend(2)
        inner()
        spend(4)

    clock.around("außen", work)()
    for _ in later():
        spend(10)
    assert clock.stop() == {"außen": 6, "innen": 5, "später": 3, bench_stages.REST: 30}
