#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Set up .venv with the locked packages; a second run changes nothing and needs no network.

Standard library only. The syntax stays within Python 2.7, so that an interpreter that is too old prints a
sentence instead of a syntax error.
"""

from __future__ import print_function, unicode_literals

import argparse
import contextlib
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator  # noqa: F401
    from typing import Any  # noqa: F401

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENV = os.path.join(ROOT, ".venv")
NODE = os.path.join(ROOT, "tests", "node")
LOCKS = {"site": "requirements-site.lock", "dev": "requirements-dev.lock"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
OFFLINE_SIGNS = (
    "Failed to establish a new connection",
    "NewConnectionError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Network is unreachable",
    "ProxyError",
    "EAI_AGAIN",
    "ENOTFOUND",
    "ENETUNREACH",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "Temporary failure resolving",
    "Could not resolve",
)


# What argparse says, and our words for it.
PHRASES = (
    (r"unrecognized arguments: (.*)", r"Unbekannte Angabe: \1"),
    (r"argument (\S+): expected one argument", r"Hinter \1 fehlt der Wert"),
    (r"argument (\S+): ignored explicit argument (.*)", r"\1 nimmt keinen Wert: \2"),
    (r"argument (\S+): invalid choice: (\S+) \(choose from (.*)\)", r"\1: \2 ist nicht möglich; erlaubt: \3"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 ist mehrdeutig: \2"),
)


class SetupError(Exception):
    """The set-up cannot go on; the message says why and what to do. ``output`` is what a program said about it."""

    def __init__(self, message, output=""):
        # type: (str, str) -> None
        """Keep both apart: the sentence comes first."""
        super(SetupError, self).__init__(message)
        self.output = output


class GermanParser(argparse.ArgumentParser):
    """Command line whose errors are German, too; the other commands have theirs in german_parser.py."""

    def error(self, message):
        # type: (str) -> Any
        """Say it and leave."""
        for pattern, words in PHRASES:
            message = re.sub(pattern, words, message)
        tell("Fehler: %s.\nHilfe: %s --hilfe" % (message, self.prog), sys.stderr)
        sys.exit(2)


class GermanHelp(argparse.HelpFormatter):
    """Help whose first word is German, too."""

    def add_usage(self, usage, actions, groups, prefix=None):
        # type: (Any, Any, Any, Any) -> None
        """Pass on a German prefix."""
        super(GermanHelp, self).add_usage(usage, actions, groups, prefix or "Aufruf: ")


def tell(text, stream=None):
    # type: (str, object) -> None
    """Print a line whatever the terminal can show."""
    out = stream or sys.stdout
    encoding = getattr(out, "encoding", None) or "utf-8"
    line = (text + "\n").encode(encoding, "replace")
    raw = getattr(out, "buffer", out)
    raw.write(line)  # type: ignore[attr-defined]
    raw.flush()  # type: ignore[attr-defined]


def which(name):
    # type: (str) -> str
    """Path of a program, or an empty text."""
    return shutil.which(name) or ""


def demand_python():
    # type: () -> None
    """Refuse an interpreter that is too old, and name a newer one if there is one."""
    if sys.version_info[:2] >= OLDEST:
        return
    newer = ""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for minor in range(20, OLDEST[1] - 1, -1):
            candidate = os.path.join(folder, "python3.%d" % minor)
            if not newer and os.access(candidate, os.X_OK) and answers(candidate):
                newer = os.path.basename(candidate)
    hint = (
        "Auf diesem Rechner gibt es %s: Bitte den Befehl mit PYTHON=%s wiederholen, zum Beispiel"
        " „make site PYTHON=%s“." % (newer, newer, newer)
        if newer
        else "Bitte Python %d.%d oder neuer installieren und den Befehl wiederholen. Liegt es nicht im Suchpfad,"
        " hilft „make site PYTHON=/pfad/zu/python3“." % OLDEST
    )
    message = "Dieses Projekt braucht Python %d.%d oder neuer; „%s“ ist Python %d.%d. %s"
    values = OLDEST + (sys.executable,) + tuple(sys.version_info[:2]) + (hint,)  # noqa: RUF005
    raise SetupError(message % values)


def answers(program):
    # type: (str) -> bool
    """Whether the interpreter starts and is new enough."""
    test = "import sys; sys.exit(sys.version_info[:2] < (%d, %d))" % OLDEST
    try:
        with open(os.devnull, "w") as nothing:
            return subprocess.call([program, "-c", test], stdout=nothing, stderr=nothing) == 0
    except OSError:
        return False


def demand_venv():
    # type: () -> None
    """Refuse a Python whose distribution left out the modules for environments."""
    import importlib.util  # noqa: PLC0415

    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return
    raise SetupError(
        "Diesem Python fehlt das Modul für eigene Umgebungen (venv mit ensurepip). Unter Debian und Ubuntu hilft"
        " „sudo apt install python3-venv“ (bei mehreren Versionen „python%d.%d-venv“); danach den Befehl"
        " wiederholen." % tuple(sys.version_info[:2])
    )


def fingerprint(*parts):
    # type: (str) -> str
    """One value for the content of files and for other texts."""
    total = hashlib.sha256()
    for part in parts:
        path = os.path.join(ROOT, part)
        if os.path.isfile(path):
            with open(path, "rb") as source:
                data = source.read()
        else:
            data = part.encode("utf-8")
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


def stamp_path(name):
    # type: (str) -> str
    """Where the state of a part of the set-up is noted: inside what it describes."""
    return os.path.join(ENV, ".stand-" + name)


def is_current(name, value):
    # type: (str, str) -> bool
    """Whether that part was set up completely, and from the same input."""
    try:
        with io.open(stamp_path(name), encoding="ascii") as source:
            return source.read().strip() == value
    except (OSError, UnicodeDecodeError):
        return False


def forget(name):
    # type: (str) -> None
    """Take back a stamp before its part is touched."""
    with contextlib.suppress(OSError):
        os.remove(stamp_path(name))


def note(name, value):
    # type: (str, str) -> None
    """Write a stamp in one step, once its part is complete."""
    handle, temporary = tempfile.mkstemp(dir=ENV, prefix=".stand-")
    with os.fdopen(handle, "w") as target:
        target.write(value + "\n")
    os.replace(temporary, stamp_path(name))


def attempt(command, folder=ROOT):
    # type: (list[str], str) -> tuple[int, str]
    """Run a program silently with the environment's programs in front; return its exit code and what it said."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONNOUSERSITE="1")
    environment["PATH"] = os.path.join(ENV, "bin") + os.pathsep + environment.get("PATH", "")
    for name in ("PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH"):
        environment.pop(name, None)
    process = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return process.returncode, process.stdout.decode("utf-8", "replace")


def run(command, task, folder=ROOT):
    # type: (list[str], str, str) -> None
    """Run a program; on failure raise a sentence on the cause, with what the program said."""
    code, output = attempt(command, folder)
    if code == 0:
        return
    last = "\n".join(output.strip().splitlines()[-15:])
    if "DO NOT MATCH THE HASHES" in output or "EINTEGRITY" in output:
        cause = (
            "Ein geladenes Paket hat nicht die festgehaltene Prüfsumme; es wurde nicht installiert. Bitte nicht"
            " umgehen, sondern die Bezugsquelle prüfen."
        )
    elif any(sign in output for sign in OFFLINE_SIGNS):
        cause = (
            "Die Paketquelle ist nicht erreichbar. Die erste Einrichtung braucht Netz; bitte die Verbindung (und"
            " gegebenenfalls den Proxy) prüfen und den Befehl wiederholen. Spätere Läufe brauchen kein Netz."
        )
    elif "No space left on device" in output or "ENOSPC" in output:
        cause = "Der Datenträger ist voll; bitte Platz schaffen und den Befehl wiederholen."
    else:
        cause = (
            "Die Ursache steht in der Meldung darunter. Ein neuer Lauf setzt die Einrichtung fort.\n" + last
        )
    raise SetupError("%s ist fehlgeschlagen. %s" % (task, cause), output)


def base_python():
    # type: () -> str
    """Return the interpreter outside of any environment, even if this one runs inside of .venv."""
    return getattr(sys, "_base_executable", "") or sys.executable


def environment_state():
    # type: () -> str
    """Stand for this place and this Python; an environment can neither be moved nor change its Python."""
    return fingerprint(ROOT, "%d.%d" % tuple(sys.version_info[:2]))


def make_environment():
    # type: () -> str
    """Create .venv anew unless it is whole and belongs to this place and this Python; return its interpreter."""
    python = os.path.join(ENV, "bin", "python")
    if is_current("umgebung", environment_state()) and answers(python):
        return python
    demand_venv()
    forget("umgebung")
    tell("Lege die Umgebung .venv an (Python %d.%d) …" % tuple(sys.version_info[:2]))
    run([base_python(), "-m", "venv", "--clear", ENV], "Das Anlegen der Umgebung .venv")
    note("umgebung", environment_state())
    return python


def install_packages(python, group):
    # type: (str, str) -> None
    """Install the locked packages of a group and remove what no lock names any more."""
    lock = LOCKS[group]
    values = {"site": fingerprint(LOCKS["site"]), "dev": fingerprint(LOCKS["site"], LOCKS["dev"])}
    # The packages of `site` are a part of `dev`: whoever has `dev` needs nothing for `site`.
    if is_current(group, values[group]) or is_current("dev", values["dev"]):
        return
    if not sys.platform.startswith(("linux", "darwin")):
        tell(
            "Hinweis: Festgehalten sind Pakete für Linux und macOS; unter Windows bitte WSL verwenden.",
            sys.stderr,
        )
    tell("Installiere die Pakete aus %s …" % lock)
    for one in ("umgebung", "site", "dev"):
        # Whoever is killed from here on leaves no stamp at all, and the next run starts afresh.
        forget(one)
    try:
        run(
            [
                python, "-m", "pip", "install", "--quiet", "--no-input", "--retries", "3", "--no-deps",
                "--require-hashes", "--only-binary", ":all:", "--requirement", lock,
            ],
            "Die Installation der Pakete aus %s" % lock,
        )  # fmt: skip
    except SetupError:
        # pip loads everything before it changes anything, and it takes back a change that failed.
        note("umgebung", environment_state())
        raise
    remove_leftovers(python)
    note("umgebung", environment_state())
    note(group, values[group])


def remove_leftovers(python):
    # type: (str) -> None
    """Uninstall packages of an earlier lock."""
    known = {"pip", "setuptools", "ikz-award"}
    for lock in LOCKS.values():
        with io.open(os.path.join(ROOT, lock), encoding="utf-8") as source:
            known.update(re.findall(r"^([a-z0-9-]+)==", source.read(), re.MULTILINE))
    listing = (
        "import importlib.metadata as m; print(*{d.metadata['Name'] for d in m.distributions()}, sep='\\n')"
    )
    installed = attempt([python, "-I", "-c", listing])[1].split()
    leftovers = sorted(name for name in installed if re.sub(r"[-_.]+", "-", name).lower() not in known)
    if leftovers:
        run([python, "-m", "pip", "uninstall", "--quiet", "--yes"] + leftovers, "Das Entfernen alter Pakete")  # noqa: RUF005


def install_project(python):
    # type: (str) -> None
    """Register the package of this project in the environment; needs no network."""
    value = fingerprint("pyproject.toml", os.path.join("plugins", "ikz_award", "__init__.py"))
    if is_current("projekt", value):
        return
    forget("projekt")
    run(
        [
            python, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--no-index",
            "--no-build-isolation", "--editable", ROOT,
        ],
        "Die Installation des Projekts in die Umgebung",
    )  # fmt: skip
    note("projekt", value)


def install_node_tools():
    # type: () -> None
    """Install html-validate and axe-core with the Node.js of the environment."""
    value = fingerprint(
        *[os.path.join("tests", "node", one) for one in ("package.json", "package-lock.json", ".npmrc")]
    )
    if is_current("node", value) and os.path.isdir(os.path.join(NODE, "node_modules")):
        return
    forget("node")
    tell("Installiere die Prüfwerkzeuge aus tests/node/package-lock.json …")
    run(
        [os.path.join(ENV, "bin", "npm"), "ci", "--no-audit", "--no-fund", "--loglevel", "error"],
        "Die Installation der Prüfwerkzeuge in tests/node",
        NODE,
    )
    note("node", value)


def find_browser():
    # type: () -> str
    """Path of an installed Chromium or Chrome, or an empty text. $CHROMIUM wins."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        if starts(which(named)):
            return which(named)
        raise SetupError(
            "Die Umgebungsvariable CHROMIUM nennt „%s“; dort ist kein ausführbares Programm." % named
        )
    found = [which(name) for name in BROWSERS + MAC_BROWSERS]
    return next((path for path in found if starts(path)), "")


def starts(browser):
    # type: (str) -> bool
    """Whether there is a program, and not only the placeholder that some distributions install."""
    return bool(browser) and attempt([browser, "--version"])[0] == 0


def provide_browser():
    # type: () -> None
    """Make sure a browser is there: by the package manager where that is possible without a password."""
    if find_browser():
        return
    apt = which("apt-get")
    if apt and hasattr(os, "geteuid") and os.geteuid() == 0:
        tell("Installiere den Browser (Paket chromium) …")
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        install = [apt, "install", "--yes", "--quiet", "--no-install-recommends", "chromium"]
        if attempt(install)[0] != 0:
            # The package lists are missing or old.
            attempt([apt, "update", "--quiet"])
            run(install, "Die Installation des Browsers")
        if find_browser():
            return
    way = "mit der Paketverwaltung des Systems"
    if apt:
        way = "mit „sudo apt install chromium“"
    elif sys.platform == "darwin":
        way = "mit „brew install --cask chromium“"
    raise SetupError(
        "Für die Prüfung im Browser fehlt Chromium. Bitte %s installieren (oder mit CHROMIUM=/pfad/zum/browser"
        " einen vorhandenen Chromium oder Chrome nennen) und den Befehl wiederholen." % way
    )


@contextlib.contextmanager
def one_at_a_time():
    # type: () -> Iterator[None]
    """Let a second run wait for the first one."""
    import fcntl  # noqa: PLC0415

    folder = os.path.join(ROOT, ".cache")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "einrichtung.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main():
    # type: () -> int
    """Read the command line and set up what it asks for."""
    parser = GermanParser(
        usage="%(prog)s [--gruppe {site,dev}] [--browser] [--verbose]",
        formatter_class=GermanHelp,
        description="Richtet die Umgebung .venv mit den festgehaltenen Paketen ein. Ist alles auf dem Stand, ändert"
        " der Befehl nichts und braucht kein Netz.",
        add_help=False,
    )
    parser._optionals.title = "Optionen"  # noqa: SLF001
    parser.add_argument("-h", "--help", "--hilfe", action="help", help="zeigt diese Hilfe")
    parser.add_argument(
        "--gruppe",
        choices=sorted(LOCKS),
        default="site",
        help="site: was der Bau der Website braucht (Vorgabe); dev: dazu alles für Prüfung und Entwicklung",
    )
    parser.add_argument(
        "--browser", action="store_true", help="stellt auch Chromium für die Prüfung im Browser bereit"
    )
    parser.add_argument(
        "--verbose", action="store_true", help="zeigt nach einem Fehler alles, was das Programm dazu meldet"
    )
    options = None
    try:
        demand_python()
        options = parser.parse_args()
        with one_at_a_time():
            python = make_environment()
            install_packages(python, options.gruppe)
            install_project(python)
            if options.gruppe == "dev":
                install_node_tools()
            if options.browser:
                provide_browser()
    except SetupError as problem:
        tell("Fehler: %s" % problem, sys.stderr)
        if problem.output and options and options.verbose:
            tell(problem.output.rstrip(), sys.stderr)
        elif problem.output:
            tell(
                "Alle Meldungen zeigt: %s %s --verbose"
                % (os.path.basename(sys.executable), " ".join(sys.argv)),
                sys.stderr,
            )
        return 2
    except (IOError, OSError) as problem:
        tell(
            "Fehler: Die Einrichtung ist fehlgeschlagen. „%s“ lässt sich nicht anlegen, lesen oder ändern (%s)."
            % (problem.filename or ROOT, problem.strerror or problem),
            sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        tell("Abgebrochen. Ein neuer Lauf setzt die Einrichtung fort.", sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
