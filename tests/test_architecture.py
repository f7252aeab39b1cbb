"""The order of the modules, and what each of them may know. Every check is also shown a source that breaks it."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "plugins/ikz_award"

# From low to high: a module may import those before it, and none behind it.
ORDER = (
    *(
        "findings",
        "files",
        "yamltext",
        "yamlfile",
        "dates",
        "text",
        "pictures",
        "picture_files",
        "intervals",
        "compounds",
    ),
    "schema",
    *("parallel", "replay", "verdict", "records"),
    "model",
    *("checks.tables", "checks.structure"),
    *("checks.registry", "checks.names", "checks.award", "checks.privacy", "checks.editions"),
    *(
        "checks.parties",
        "checks.quality",
        "checks.uptakes",
        "checks.glossary",
        "checks.statement",
        "checks.rules",
    ),
    *("phase", "publication"),
    *("traits", "rarity", "similarity", "rota", "atlas"),
    "catalogue",
    *("routes", "wording"),
    *("pagetext", "content", "checks.prose", "checks.settings", "checks.addresses", "news"),
    *("naming", "insights", "facets", "feeds", "calendar_file", "structured_data", "glossary"),
    *("page_content", "pages", "planning", "findable"),
    *("search_text", "stable_index", "search_index"),
    *("diagram", "richtext", "render", "comparison"),
    *("cards", "structured_pages", "heads"),
    *("paper", "word"),
    *("council_draft", "council_law", "council_sections", "council_paper"),
    *("open_data", "tool_data", "banner", "report", "vocabulary", "editor_schema", "skeleton"),
    *("shell", "security_contact", "security_policy"),
    *("assets", "gate_list", "watchdog", "build"),
    *("adapters.folder", "adapters.outside", "adapters.ahead", "adapters.mkdocs", "adapters.preview"),
)
# Each of these is known to one room, so that replacing it means changing that one.
ONLY_IN = {
    "yaml": ["yamlfile"],
    "frictionless": ["checks.tables"],
    "jinja2": ["render"],
    "markdown_it": ["richtext"],
    "nh3": ["richtext"],
    "docx": ["word"],
    "sqlite3": ["replay"],
    "feedgenerator": ["feeds"],
    "icalendar": ["calendar_file"],
    "PIL": ["cards", "picture_files"],
    # One room with four doors: the plug-in, the pages it keeps from the host, the preview that starts the host, and its server.
    "mkdocs": ["adapters.ahead", "adapters.mkdocs", "adapters.outside", "adapters.preview"],
}
HOSTS = ("mkdocs", "properdocs", "zensical", "material")
PUBLIC_VALUES = ("Entry", "Picture", "PublicUptake")
CLOCK_CALLS = ("now", "today", "utcnow", "localtime", "gmtime", "time_ns", "monotonic")


def sources() -> dict[str, str]:
    """Modules of the package by dotted name; packages that only hold a docstring are left out."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.name != "__init__.py":
            name = ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
            found[name] = file.read_text(encoding="utf-8")
    return found


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Everything in a source, in no order that means anything; each is read once for all that is asked of it."""
    return tuple(ast.walk(ast.parse(source)))


def imports(source: str) -> Iterator[str]:
    """Dotted names of everything imported, also inside functions."""
    for node in nodes(source):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{one.name}" for one in node.names)


def own_imports(source: str) -> set[str]:
    """Modules of this package that a source imports."""
    names = {one.removeprefix("ikz_award.") for one in imports(source) if one.startswith("ikz_award.")}
    return {one for one in names if one in ORDER}


def tops(source: str) -> set[str]:
    """First parts of all imported names."""
    return {one.partition(".")[0] for one in imports(source)}


def wrong_order(name: str, source: str) -> set[str]:
    """Imports of modules that stand at or above the importing one."""
    return {one for one in own_imports(source) if ORDER.index(one) >= ORDER.index(name)}


def relative_imports(source: str) -> list[int]:
    """Lines with relative imports; they would pass the order unseen."""
    return [one.lineno for one in nodes(source) if isinstance(one, ast.ImportFrom) and one.level]


def dynamic_imports(source: str) -> list[int]:
    """Lines that import by a computed name; they would pass the order unseen, too."""
    return [
        node.lineno
        for node in nodes(source)
        if isinstance(node, ast.Call) and called(node) in {"__import__", "import_module"}
    ]


def called(node: ast.Call) -> str:
    """Last part of the name of what is called."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def constructions(source: str) -> list[int]:
    """Lines that make an entry or a picture, or copy one with changes."""
    names = {
        one.asname or one.name: one.name
        for node in nodes(source)
        if isinstance(node, ast.ImportFrom) and node.module == "ikz_award.publication"
        for one in node.names
    }
    lines = []
    for node in nodes(source):
        if not isinstance(node, ast.Call):
            continue
        name = called(node)
        makes = names.get(name, name) in PUBLIC_VALUES
        copies = name == "replace" and "Entry" in names.values() and isinstance(node.func, ast.Name)
        if makes or copies:
            lines.append(node.lineno)
    return lines


def clock_readings(source: str) -> list[int]:
    """Lines that ask for the time, or for the environment that could tell it."""
    lines = []
    for node in nodes(source):
        if isinstance(node, ast.Call):
            timed = ast.unparse(node.func) in {"time.time", "_time.time"}
            if called(node) in CLOCK_CALLS or timed:
                lines.append(node.lineno)
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = [one.name for one in node.names] if isinstance(node, ast.Import) else [node.module]
            if {"time", "os"} & set(module):
                lines.append(node.lineno)
    return lines


SOURCES = sources()
CORE = {name: text for name, text in SOURCES.items() if not name.startswith("adapters")}


def test_every_module_has_its_place_in_the_order():
    assert set(SOURCES) == set(ORDER)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_no_module_imports_a_higher_one(name):
    assert not wrong_order(name, SOURCES[name])


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_imports_are_absolute_and_written_out(name):
    assert not relative_imports(SOURCES[name])
    assert not dynamic_imports(SOURCES[name])


@pytest.mark.parametrize("name", sorted(CORE))
def test_the_core_knows_no_host(name):
    assert not tops(CORE[name]) & set(HOSTS)


@pytest.mark.parametrize("library", ONLY_IN)
def test_one_module_knows_the_library(library):
    assert [name for name, text in SOURCES.items() if library in tops(text)] == ONLY_IN[library]


@pytest.mark.parametrize("library", ONLY_IN)
def test_no_script_knows_the_library(library):
    scripts = sorted((ROOT / "scripts").glob("*.py"))
    assert not [one.name for one in scripts if library in tops(one.read_text(encoding="utf-8"))]


def test_only_the_gate_makes_entries():
    assert [name for name, text in SOURCES.items() if constructions(text)] == ["publication"]


@pytest.mark.parametrize("name", sorted(set(SOURCES) - {"adapters.mkdocs", "files", "parallel"}))
def test_only_the_door_to_mkdocs_reads_the_clock(name):
    assert not clock_readings(SOURCES[name])


def test_what_opens_files_asks_the_system_for_nothing_else():
    used = re.findall(r"\bos\.(\w+)", SOURCES["files"])
    reading = {"open", "read", "close", "fstat", "lstat", "scandir", "stat_result", "strerror"}
    assert all(one in reading or one.startswith("O_") for one in used)


def test_what_shares_work_asks_the_system_for_its_cores_only():
    assert set(re.findall(r"\bos\.(\w+)", SOURCES["parallel"])) == {"sched_getaffinity", "cpu_count"}


# Sources that break one check each. A check that finds nothing here could not find anything at all.


@pytest.mark.parametrize(
    "planted",
    [
        "from ikz_award import build",
        "from ikz_award.pages import plan",
        "import ikz_award.render",
        "def later():\n    from ikz_award.catalogue import Catalogue",
    ],
)
def test_an_import_of_a_higher_module_is_seen(planted):
    assert wrong_order("schema", planted)


def test_an_import_of_the_module_itself_or_a_neighbour_behind_it_is_seen():
    assert wrong_order("phase", "from ikz_award.publication import Entry") == {"publication"}
    assert wrong_order("phase", "from ikz_award.phase import Phase") == {"phase"}
    assert not wrong_order("publication", "from ikz_award.phase import Phase")


def test_hidden_ways_to_import_are_seen():
    assert relative_imports("from . import build")
    assert dynamic_imports("import importlib\nimportlib.import_module('ikz_award.build')")
    assert dynamic_imports("__import__('mkdocs')")


@pytest.mark.parametrize("planted", ["import mkdocs.config", "from properdocs import cli", "import zensical"])
def test_a_host_in_the_core_is_seen(planted):
    assert tops(planted) & set(HOSTS)


@pytest.mark.parametrize(
    "planted",
    [
        "from ikz_award.publication import Entry\nEntry(title='x')",
        "from ikz_award.publication import Entry as Shown\nShown(title='x')",
        "from ikz_award import publication\npublication.Picture('a')",
        "from dataclasses import replace\nfrom ikz_award.publication import Entry\nreplace(entry, title='x')",
    ],
)
def test_an_entry_made_elsewhere_is_seen(planted):
    assert constructions(planted)


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.date.today()",
        "import time",
        "from time import time",
        "import os\nos.environ['SOURCE_DATE_EPOCH']",
    ],
)
def test_a_look_at_the_clock_is_seen(planted):
    assert clock_readings(planted)


# What must not stand in any file. The patterns are put together, so that this file does not hold them itself.
FORBIDDEN = {
    "machine path": re.compile(
        r"(?<![\w.…])/(?:wor" + r"k|roo" + r"t|tm" + r"p|Use" + r"rs|hom" + r"e/\w+)/"
    ),
    "folder outside": re.compile(r"\bshare" + r"d/(?:research|source|data|design)"),
    "package registry": re.compile(
        r"py" + r"pi\.org|python" + r"hosted|registry\.np" + r"mjs|npm" + r"mirror"
    ),
    "open point": re.compile(r"\bTO" + r"DO\b|\bFIX" + r"ME\b"),
}


def project_files() -> list[Path]:
    """Files under version control, and new ones that would be; in a copy without Git, the program's own folders."""
    if not (ROOT / ".git").exists():
        folders = (*("plugins", "scripts", "tests/cases", "data", "content"), ".github", "docs")
        return [one for folder in folders for one in (ROOT / folder).rglob("*") if one.is_file()]
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()
    return [ROOT / one for one in listed.split("\0") if one and (ROOT / one).is_file()]


def traces(text: str) -> list[str]:
    """What stands in a text and must not."""
    return [f"{name}: {found[0]}" for name, pattern in FORBIDDEN.items() if (found := pattern.search(text))]


def test_no_file_holds_a_machine_path_a_registry_or_an_open_point():
    found = {}
    for file in project_files():
        marks = traces(file.read_bytes().decode("utf-8", "replace"))
        if marks:
            found[file.relative_to(ROOT).as_posix()] = marks
    assert not found


@pytest.mark.parametrize(
    "planted",
    [
        "see /wor" + "k/main/x",
        "path = '/hom" + "e/user/project/'",
        "from share" + "d/design/decisions.md",
        "index-url = https://py" + "pi.org/simple",
        "# TO" + "DO: later",
    ],
)
def test_a_trace_of_a_machine_is_seen(planted):
    assert traces(planted)
