"""The live preview of MkDocs, so that a build that fails is one sentence and neither a traceback nor a page that hangs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mkdocs.__main__ import cli
from mkdocs.commands import serve as host
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException

from ikz_award.adapters.ahead import PreviewServer


class Unusable(Exception):  # noqa: N818 - says something about the settings, not about the program
    """The host cannot work with its settings; ``key`` is the setting, or empty."""

    def __init__(self, reason: str, key: str = "") -> None:
        super().__init__(reason)
        self.key = key


def look_at_settings(config_file: Path) -> None:
    """Let the host read its settings before anything is started.

    Raises:
        Unusable: it cannot work with them.
    """
    config = MkDocsConfig(config_file_path=str(config_file))
    try:
        with config_file.open("rb") as file:
            config.load_file(file)
        errors, _ = config.validate()
    except MkDocsException as error:
        raise Unusable(str(error)) from error
    if errors:
        key, problem = errors[0]
        raise Unusable(str(problem), key)


def serve(config_file: Path, address: str, attempt: Callable[[Callable[[], None]], None]) -> None:
    """Serve until interrupted.

    Args:
        config_file: settings of the host.
        address: ``host:port`` to listen at.
        attempt: is given each build; what it lets through keeps every page waiting until a build succeeds.

    Raises:
        Unusable: the very first build failed.
    """

    class Server(PreviewServer):
        def __init__(
            self, builder: Callable[[], None], host: str, port: int, root: str, mount_path: str
        ) -> None:
            super().__init__(attempt, lambda: _build(builder), host, port, root, mount_path)

    # The command has no place to hand in a server of one's own, and a type checker rightly calls this a replacement.
    host.LiveReloadServer = Server  # type: ignore[attr-defined, assignment]
    command = ["serve", "--no-strict", "--config-file", str(config_file), "--dev-addr", address]
    try:
        cli(command, prog_name="mkdocs", standalone_mode=False)
    except MkDocsException as error:
        raise Unusable(error.format_message()) from error


def _build(builder: Callable[[], None]) -> None:
    try:
        builder()
    except MkDocsException as error:
        raise Unusable(error.format_message()) from error
