"""What no generator can do faster: read the records, parse them, write the pages."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

# A program of its own, since in this project one module alone knows the parser. As text only, which is the fastest way.
_PARSE = """
import pathlib, sys, time, yaml
texts = [one.read_bytes() for one in sorted(pathlib.Path(sys.argv[1]).glob("*.yml"))]
begin = time.perf_counter()
for text in texts:
    yaml.load(text, yaml.CBaseLoader)
print(time.perf_counter() - begin)
"""


@dataclass(frozen=True)
class Floor:
    """Seconds for all records: read their bytes, parse them with libyaml, write the HTML of the whole site."""

    size: int
    read: float
    parse: float
    write: float | None


def measure(project: Path, site: Path | None, target: Path, size: int) -> Floor:
    """Measure with the cases of a project and the pages of a finished site, if there is one."""
    cases = project / "data/cooperations"
    begin = time.perf_counter()
    for file in cases.glob("*.yml"):
        file.read_bytes()
    read = time.perf_counter() - begin
    done = subprocess.run(
        [sys.executable, "-c", _PARSE, str(cases)], check=True, encoding="utf-8", stdout=subprocess.PIPE
    )
    return Floor(size, read, float(done.stdout), _write(site, target) if site else None)


def _write(site: Path, target: Path) -> float:
    pages = [(one.relative_to(site), one.read_bytes()) for one in site.rglob("*.html")]
    begin = time.perf_counter()
    for name, data in pages:
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    seconds = time.perf_counter() - begin
    shutil.rmtree(target)
    return seconds
