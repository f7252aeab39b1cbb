"""Show the site in the browser and build it again after every change; a record that is wrong does not end the preview."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from command_line import OK, ROOT, GermanParser, Refusal, add_profile, cause, moment, run
from settings import NAME, demand_usable

HOST, PORT = "127.0.0.1", 8000
# So many ports are tried if the usual one is taken.
TRIES = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until somebody presses Ctrl-C; the return value is the exit status."""
    parser = GermanParser("Zeigt die Website im Browser und baut sie bei jeder Änderung neu. Ende: Strg+C.")
    add_profile(parser)
    parser.add_argument(
        "--port",
        metavar="ZAHL",
        type=_port,
        help=f"Port auf diesem Rechner (Vorgabe: {PORT} oder der nächste freie)",
    )
    parser.add_argument("--projekt", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    return run(lambda: serve(options), "Keine Vorschau")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(
            f"PORT „{text}“ gibt es nicht; möglich ist eine Zahl von 1024 bis 65535"
        )
    return int(text)


def serve(options: argparse.Namespace) -> int:
    """Look at everything that would end in a traceback, then hand over to the generator."""
    project: Path = options.projekt.resolve()
    moment()
    os.environ |= {"PROFIL": options.profil, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    demand_usable(project)
    port = _free(options.port)
    # Late, since loading the generator takes longer than all the rest.
    from ikz_award.adapters import preview  # noqa: PLC0415

    def attempt(build: Callable[[], None]) -> None:
        """Build; what goes wrong is one sentence, and the preview stays as it is."""
        try:
            demand_usable(project)
            build()
        except (Refusal, preview.Unusable) as problem:
            reason = str(problem)
        except OSError as error:
            reason = cause(error)
        else:
            return
        sys.stderr.write(f"Nicht neu gebaut; zu sehen ist der Stand davor. {reason}\n")

    try:
        preview.serve(project / NAME, f"{HOST}:{port}", attempt)
    except preview.Unusable as error:
        raise Refusal(f"Der Seitengenerator meldet: {error}") from error
    return OK


def _free(wanted: int | None) -> int:
    """The wanted port; without a wish the usual one or the next that is free."""
    first = PORT if wanted is None else wanted
    for port in range(first, first + TRIES):
        if _is_free(port):
            if port != first:
                print(f"Port {first} ist belegt; die Vorschau läuft unter http://{HOST}:{port}/", flush=True)
            return port
        if wanted is not None:
            raise Refusal(
                f"Port {wanted} ist belegt; mit einem anderen geht es: make serve PORT={wanted + 1}"
            )
    raise Refusal(
        f"Die Ports {first} bis {first + TRIES - 1} sind belegt; einen freien nennen: make serve PORT=9000"
    )


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        # As the server does it: a port whose last connection is just closing counts as free.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((HOST, port))
        except PermissionError:
            raise Refusal(
                f"Port {port} ist dem System vorbehalten; mit einem anderen geht es: make serve PORT={PORT}"
            ) from None
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
