"""Whether exactly these files were found in order before: then nobody has to look at them again.

Told by what the file system knows of each file, as Git does it, so that none has to be opened. What is kept is the bare fact,
and from when to when it holds; whoever has a single finding is checked anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ikz_award import files
from ikz_award.replay import Store

# All that a check looks at.
CHECKED = ("data", "content", "mkdocs.yml")
# A file as young as one step of its clock might change once more without looking different. Most file systems count in
# milliseconds at least, some in whole or even pairs of seconds.
_SECOND = 1_000_000_000
_FINE_STEP, _COARSE_STEP = _SECOND // 10, 2 * _SECOND
_KIND = "in Ordnung"


@dataclass(frozen=True)
class Verdict:
    """What is known of the files of a project as they are when it is made, which is before anybody reads them."""

    store: Store
    root: Path
    profile: str
    now: datetime
    seen: str
    youngest: int

    @classmethod
    def of(cls, store: Store, root: Path, profile: str, now: datetime) -> Verdict:
        """Look at the files from outside."""
        seen, youngest = _seen(root)
        return cls(store, root, profile, now, seen, youngest)

    @property
    def _source(self) -> str:
        return f"{self.root} {self.profile} {self.seen}"

    @property
    def is_in_order(self) -> bool:
        """Whether nothing was found in these files, and this moment would change nothing."""
        known = self.store.known(_KIND, self._source)
        if known is None:
            return False
        since, until = map(datetime.fromisoformat, known.decode().split())
        return since <= self.now < until

    @property
    def still_holds(self) -> bool:
        """Whether no file has changed since; for whoever has read them in the meantime."""
        return _seen(self.root)[0] == self.seen

    def keep(self, until: datetime) -> None:
        """Remember that nothing was found, and from when on the same files may say something else."""
        step = _FINE_STEP if self.youngest % _SECOND else _COARSE_STEP
        if self.store.opened and self.youngest + step < self.store.opened:
            self.store.keep(_KIND, self._source, f"{self.now.isoformat()} {until.isoformat()}".encode())


def is_in_order(folder: Path, root: Path, profile: str, now: datetime) -> bool:
    """Whether a command that left its verdict in a folder found nothing, and would not now."""
    store = Store(folder)
    return Verdict.of(store, root, profile, now).is_in_order


def _seen(root: Path) -> tuple[str, int]:
    traces = sorted(one for name in CHECKED for one in files.traces(root / name))
    return repr(traces), max((one.changed for one in traces), default=0)
