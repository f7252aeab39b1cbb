"""A page somebody looks at does not wait for all others: the server of a preview that shows some pages before they are built.

After a change, the pages last asked for are made first and shown; then all pages are built, beside those that are served. If
another change comes in the meantime, that build is given up. Where a page cannot be made ahead, browsers wait for the build.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from mkdocs.livereload import LiveReloadServer

# How often files are looked at, in seconds. The host does so half as often, and that is most of what somebody would wait for.
_POLL = 0.2
# So many pages are made ahead: more windows than that, nobody has before their eyes.
_AHEAD = 3


class Glimpses(Protocol):
    """Whoever builds the site, and can make some pages before all others."""

    # Where the next build goes, if not to where the host wants it, and whether it is still wanted.
    target: Path | None
    is_wanted: Callable[[], bool]

    def glimpse(self, addresses: Collection[str]) -> Mapping[str, bytes]:
        """Pages as the next build will make them, by address, empty if there will be none; missing if that cannot be told."""


class GivenUp(Exception):  # noqa: N818 - nothing went wrong
    """A build ended early, since files have changed again."""


class PreviewServer(LiveReloadServer):
    """Serves one folder while the next build goes to another."""

    def __init__(
        self,
        attempt: Callable[[Callable[[], None]], None],
        builder: Callable[[], None],
        host: str,
        port: int,
        root: str,
        mount_path: str,
    ) -> None:
        super().__init__(
            lambda: attempt(lambda: self._build(builder)),
            *(host, port, root, mount_path),
            polling_interval=_POLL,
        )
        self._glimpses: Glimpses | None = None
        self._other = Path(tempfile.mkdtemp(prefix="vorschau_"))
        # Addresses of pages last asked for, and what is shown of them before they are built.
        self._asked: deque[str] = deque(maxlen=_AHEAD)
        self._ahead: Mapping[str, bytes] = {}

    def take(self, glimpses: Glimpses) -> None:
        """Let somebody make pages ahead."""
        self._glimpses = glimpses
        glimpses.is_wanted = lambda: not self._want_rebuild

    def _build(self, builder: Callable[[], None]) -> None:
        if self._glimpses is None:
            builder()
            return
        ahead = self._glimpses.glimpse(tuple(self._asked))
        if ahead:
            self._ahead = ahead
            with self._epoch_cond:
                self._visible_epoch = self._wanted_epoch
                self._epoch_cond.notify_all()
        self._glimpses.target = self._other
        try:
            builder()
        except GivenUp:
            return
        shown = {one: self._shown(one) for one in self._asked}
        self.root, self._other = str(self._other), Path(self.root)
        self._ahead = {}
        if any(self._shown(one) != page for one, page in shown.items()):
            with self._epoch_cond:
                # Ends when the host says that this build is there, and has browsers ask again.
                self._wanted_epoch += 1

    def _shown(self, address: str) -> bytes | None:
        if address in self._ahead:
            return self._ahead[address]
        try:
            return Path(self.root, address, "index.html").read_bytes()
        except OSError:
            return None

    def serve_request(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer with what was made ahead, or as the host does."""
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "ignore")
        if not path.endswith("/") or not path.startswith(self.mount_path):
            return super().serve_request(environ, start_response)
        address = path.removeprefix(self.mount_path)
        if address in self._asked:
            self._asked.remove(address)
        self._asked.append(address)
        page = self._ahead.get(address)
        if page is None:
            return super().serve_request(environ, start_response)
        status = "200 OK" if page else "404 Not Found"
        page = page or self.error_handler(404) or status.encode()
        # The host has no types for it, and no other way to have a page reload.
        page = self._inject_js_into_html(page, self._visible_epoch)  # type: ignore[no-untyped-call]
        start_response(status, [("Content-Type", "text/html"), ("Content-Length", str(len(page)))])
        return [page]

    def shutdown(self, wait: bool = False) -> None:  # noqa: FBT001, FBT002 - as the host calls it
        """Leave nothing behind; the host removes the folder it knows."""
        super().shutdown(wait)
        for folder in (self._other, Path(self.root)):
            shutil.rmtree(folder, ignore_errors=True)
