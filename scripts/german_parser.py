"""A command line whose help and error messages are German. Standard library only: some commands run without the set-up."""

from __future__ import annotations

import argparse
import errno
import re
from typing import NoReturn

OK, COULD_NOT_RUN, INTERRUPTED = 0, 2, 130

# What argparse says, and our words for it.
_PHRASES = (
    (r"unrecognized arguments: (.*)", r"Unbekannte Angabe: \1"),
    (r"the following arguments are required: (.*)", r"Es fehlt: \1"),
    (r"argument (\S+): expected one argument", r"Hinter \1 fehlt der Wert"),
    (r"argument (\S+): ignored explicit argument (.*)", r"\1 nimmt keinen Wert: \2"),
    (r"argument (\S+): invalid choice: (\S+) \(choose from (.*)\)", r"\1: \2 ist nicht möglich; erlaubt: \3"),
    (r"argument (\S+): invalid \w+ value: (.*)", r"\1: \2 ist nicht möglich"),
    (r"ambiguous option: (\S+) could match (.*)", r"\1 ist mehrdeutig: \2"),
    (r"argument (\S+): (.*)", r"\1: \2"),
)
_CAUSES = {
    errno.EACCES: "keine Berechtigung",
    errno.EADDRINUSE: "der Port ist schon belegt",
    errno.EBUSY: "wird gerade benutzt",
    errno.EEXIST: "gibt es schon",
    errno.EISDIR: "ist ein Ordner",
    errno.ENAMETOOLONG: "der Name ist zu lang",
    errno.ENOENT: "gibt es nicht",
    errno.ENOSPC: "der Datenträger ist voll",
    errno.ENOTDIR: "ist kein Ordner",
    errno.ENOTEMPTY: "ist nicht leer",
    errno.EPERM: "keine Berechtigung",
    errno.EROFS: "der Datenträger ist schreibgeschützt",
    errno.EXDEV: "liegt auf einem anderen Datenträger",
}


class GermanParser(argparse.ArgumentParser):
    """Command line whose usage line and error messages are German, too."""

    def __init__(self, description: str, usage: str = "[OPTIONEN]", epilog: str | None = None) -> None:
        super().__init__(
            description=description,
            epilog=epilog,
            add_help=False,
            allow_abbrev=False,
            usage=f"%(prog)s {usage}".rstrip(),
        )
        self._optionals.title, self._positionals.title = "Optionen", "Angaben"
        self.add_argument("-h", "--help", "--hilfe", action="help", help="zeigt diese Hilfe")

    def format_usage(self) -> str:
        """Usage line."""
        return super().format_usage().replace("usage:", "Aufruf:", 1)

    def format_help(self) -> str:
        """Whole help."""
        return super().format_help().replace("usage:", "Aufruf:", 1)

    def error(self, message: str) -> NoReturn:
        """Say it and leave."""
        for pattern, words in _PHRASES:
            changed = re.sub(pattern, words, message)
            if changed != message:
                message = changed
                break
        self.exit(COULD_NOT_RUN, f"{message.rstrip('.')}.\nHilfe: {self.prog} --hilfe\n")


def cause(error: OSError) -> str:
    """What the system refused, as a German sentence."""
    words = _CAUSES.get(error.errno or 0) or error.strerror or str(error)
    return f"„{error.filename}“: {words}." if error.filename else f"{words[:1].upper()}{words[1:]}."
