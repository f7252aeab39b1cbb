"""Pages of ours that are all alike, written outside of the host's page loop: the frame once by the host, then filled by ``shell``.

The host plans such a page like any other and knows its address, its place and its anchors; it only never renders it. What the
host makes of one page of each folder is compared with ours in every build. Where they differ, or where somebody else wants to
see every page, the host renders all of them, as if this module were not there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from markupsafe import Markup
from mkdocs.commands import build as host
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from ikz_award import parallel, routes, security_policy
from ikz_award.assets import Asset
from ikz_award.heads import Head
from ikz_award.render import RenderedPage
from ikz_award.shell import Probe, Shell, UnfitError

_log = get_plugin_logger("ikz-award")
# A frame and a comparison cost two pages.
FEWEST = 3
# Whoever has a say in one of these may change a page that is not the one we compare.
_EVENTS = (
    *("pre_page", "page_read_source", "page_markdown", "page_content"),
    *("page_context", "post_page", "post_build"),
)
# These see every page and leave alone whatever has neither tags nor a date.
_INDIFFERENT = ("material.plugins.blog", "material.plugins.tags")


class GeneratedFile(File):
    """A page of ours."""

    rendered: RenderedPage
    head: Head | None
    is_outside = False
    finish: Callable[[], bytes]

    @classmethod
    def of(cls, config: MkDocsConfig, rendered: RenderedPage, head: Head | None) -> GeneratedFile:
        """The file of a page."""
        file = cast("GeneratedFile", cls.generated(config, routes.file_of(rendered.address), content=""))
        file.rendered, file.head = rendered, head
        return file

    @property
    def planned(self) -> Page:
        """The page the host has made of it before it asks for its menu."""
        return cast("Page", self.page)

    def is_documentation_page(self) -> bool:
        """Whether the host renders it."""
        return not self.is_outside

    def copy_file(self, dirty: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as the host calls it
        """Write the finished page, as the host does with whatever it need not render."""
        target = Path(self.abs_dest_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.finish())


class AssetFile(File):
    """A file of ours that is no page; its bytes are fetched when they are asked for, to be written for example."""

    asset: Asset

    @classmethod
    def of(cls, config: MkDocsConfig, asset: Asset) -> AssetFile:
        """The file of an asset."""
        # Said outright, since the host leaves out folders such as „.well-known“.
        included = InclusionLevel.INCLUDED
        file = cast("AssetFile", cls.generated(config, asset.address, content=b"", inclusion=included))
        file.asset = asset
        return file

    @property
    def _content(self) -> bytes:
        """Where the host keeps the content of a file that lies on no disk, and looks for it."""
        return self.asset.data

    @_content.setter
    def _content(self, value: str | bytes | None) -> None:
        data = value if isinstance(value, bytes) else (value or "").encode()
        self.asset = Asset(self.src_uri, data)


class Outside:
    """The pages that leave the host's loop in one build."""

    def __init__(
        self,
        owner: object,
        body: Callable[[RenderedPage], str],
        texts: dict[str, str],
        *,
        secured: bool,
    ) -> None:
        """Begin a build.

        Args:
            owner: the plug-in, whose own events are no stranger's.
            body: the finished content of a page; depends on nothing but the page.
            texts: gets it by address.
            secured: whether pages say what a browser may do on them.
        """
        self._owner = owner
        self._body = body
        self._texts = texts
        self._secured = secured
        self._folders: dict[str, list[GeneratedFile]] = {}
        # By folder and shape of a page; only where they fit.
        self._shells: dict[tuple[str, object], Shell] = {}
        # What stands for all pages that have the same scripts, by the name of one of them.
        self.typical: dict[str, str] = {}
        # Every page, in the host's order.
        self.listed: Sequence[File] = ()

    @property
    def written(self) -> frozenset[Path]:
        """The files that are no business of the host's."""
        every = (one for some in self._folders.values() for one in some)
        return frozenset(Path(one.abs_dest_path) for one in every if one.is_outside)

    def take(self, files: Files, nav: Navigation, config: MkDocsConfig) -> None:
        """Choose the pages: those that stand in a folder with others, and in no menu."""
        in_menu = {one.file.src_uri for one in nav.pages}
        for file in files.documentation_pages():
            if not isinstance(file, GeneratedFile) or file.src_uri in in_menu:
                continue
            # Asked for while the host still takes it for a page, which decides about the address.
            folder = _folder(file.url)
            # A theme puts a heading where there is none, and each page at the top has a menu of its own.
            if folder and "<h1" in file.rendered.html:
                self._folders.setdefault(folder, []).append(file)
        self._folders = {folder: some for folder, some in self._folders.items() if len(some) >= FEWEST}
        strangers = sorted(set(_strangers(config, self._owner)))
        if strangers and self._folders:
            _warn(f"die Erweiterung {', '.join(f'„{one}“' for one in strangers)} will jede Seite sehen")
            self._folders = {}
        for file in (file for some in self._folders.values() for file in some):
            file.is_outside = True

    def frame(self, env: Any, nav: Navigation, files: Files, config: MkDocsConfig) -> None:  # noqa: ANN401 - Jinja is not ours
        """Have the host make the frames; give back what does not fit into them."""
        left = {one.src_uri for some in self._folders.values() for one in some}
        listed = left | {one.src_uri for one in files.documentation_pages()}
        self.listed = [one for one in files if one.src_uri in listed]

        def rendered(page: Page) -> str:
            host._populate_page(page, config, files)  # noqa: SLF001 - as ordinary as it gets
            host._build_page(page, config, files.documentation_pages(), nav, env)  # noqa: SLF001
            return Path(page.file.abs_dest_path).read_bytes().decode()

        pages = [one.rendered for some in self._folders.values() for one in some]
        self._texts |= zip((one.address for one in pages), parallel.each(self._body, pages), strict=True)
        for folder, some in self._folders.items():
            with TemporaryDirectory() as scratch:
                fits = self._fits(some, rendered, partial(_stand_in, config=config, scratch=scratch))
            if not fits:
                _warn(f"unter /{folder} macht das Thema aus gleichen Seiten verschiedene Rahmen")
                for file in some:
                    file.is_outside = False
                    host._populate_page(file.planned, config, files)  # noqa: SLF001

    def _fits(
        self,
        some: Sequence[GeneratedFile],
        rendered: Callable[[Page], str],
        stand_in: Callable[[GeneratedFile, Probe], Page],
    ) -> bool:
        shells: dict[object, Shell] = {}
        typical: dict[str, str] = {}
        try:
            for file in some:
                shape = _shape(file.rendered, file.head)
                if shape not in shells:
                    probe = Probe(secrets.token_hex(16))
                    page = rendered(stand_in(file, probe))
                    typical[str(file.dest_uri)] = page
                    shells[shape] = self._shell(page, probe)
        except UnfitError:
            return False
        for file in some:
            file.finish = partial(self._finish, file, shells[_shape(file.rendered, file.head)])
            # The host asks it whether links of editors lead to something.
            file.planned.present_anchor_ids = {one.anchor for one in file.rendered.headings}
        sample = max(some, key=lambda one: len(one.rendered.headings))
        shape = _shape(sample.rendered, sample.head)
        if self._safe(rendered(sample.planned)).encode() != shells[shape].filled(self._own(sample)):
            return False
        self.typical |= typical
        self._shells |= {(_folder(sample.rendered.address), shape): shell for shape, shell in shells.items()}
        return True

    def anew(self, page: RenderedPage, head: Head | None, content: str) -> bytes | None:
        """The page of another build in the frame of this one; ``None`` if this one has no such frame."""
        shell = self._shells.get((_folder(page.address), _shape(page, head)))
        return shell.filled(_values(page, head) | {"content": content}) if shell else None

    def _shell(self, page: str, probe: Probe) -> Shell:
        shell = probe.cut(self._safe(page))
        # What stands in a script decides about its hash, and all pages of a shell are to have the same.
        if not all(security_policy.is_closed(one) for one in shell.pieces):
            raise UnfitError
        return shell

    def _safe(self, page: str) -> str:
        return security_policy.with_policy(page, compiles=True) if self._secured else page

    def _own(self, file: GeneratedFile) -> dict[str, str]:
        return _values(file.rendered, file.head) | {"content": self._texts[file.rendered.address]}

    def _finish(self, file: GeneratedFile, shell: Shell) -> bytes:
        values = self._own(file)
        page = shell.filled(values)
        if not all(map(security_policy.is_inert, values.values())):
            self.typical[str(file.dest_uri)] = page.decode()
        return page


def _warn(cause: str) -> None:
    """Say why it takes longer. The host would count a warning and end a strict build, though every page is right."""
    _log.info("Warnung: Der Bau dauert länger als nötig, denn %s.", cause)


def _strangers(config: MkDocsConfig, owner: object) -> Iterator[str]:
    """Names of those who want to see every page."""
    names = {id(plugin): name for name, plugin in config.plugins.items()}
    for handler in (one for event in _EVENTS for one in config.plugins.events[event]):
        who = getattr(handler, "__self__", None)
        if who is not owner and not type(who).__module__.startswith(_INDIFFERENT):
            yield names.get(id(who), handler.__module__)


def _folder(url: str) -> str:
    """Pages in the same folder have the same way to everywhere, and the same place in the menu."""
    above, slash, _ = url.rstrip("/").rpartition("/")
    return f"{above}{slash}"


def _values(page: RenderedPage, head: Head | None) -> dict[str, str]:
    """All that is a page's own, as plain text but for ``content`` and ``structured``."""
    values = {
        "place": page.address.rstrip("/").rpartition("/")[2],
        "title": page.title,
        "description": page.description,
        "content": page.html,
    }
    if head:
        values |= {
            "head_title": head.title,
            "head_description": head.description,
            "card": head.card,
            "card_alt": head.card_alt,
            "structured": str(head.structured),
        }
    for place, one in enumerate(page.headings):
        values |= {f"heading_{place}": one.title, f"anchor_{place}": one.anchor}
    return values


def _shape(page: RenderedPage, head: Head | None) -> object:
    """What else a template may look at: which values there are at all, and how headings lie in each other."""
    there = tuple(field for field, value in _values(page, head).items() if value)
    return there, head.kind if head else "", tuple(one.level for one in page.headings)


def _stand_in(file: GeneratedFile, probe: Probe, *, config: MkDocsConfig, scratch: str) -> Page:
    """A page like another, of sentinels; it is written elsewhere."""
    made = {
        field: value and _sentinel(field, probe) for field, value in _values(file.rendered, file.head).items()
    }
    page, head = file.rendered, file.head
    headings = tuple(
        replace(one, title=made[f"heading_{place}"], anchor=made[f"anchor_{place}"])
        for place, one in enumerate(page.headings)
    )
    rendered = replace(
        page,
        address=f"{_folder(file.url)}{made['place']}/",
        title=made["title"],
        description=made["description"],
        html=made["content"],
        headings=headings,
    )
    if head:
        head = replace(
            head,
            title=made["head_title"],
            description=made["head_description"],
            card=made["card"],
            card_alt=made["card_alt"],
            structured=Markup(made["structured"]),  # noqa: S704 - made of nothing but letters
        )
    twin = GeneratedFile.of(config, rendered, head)
    twin.inclusion, twin.dest_dir = file.inclusion, scratch
    result = Page(None, twin, config)
    result.parent = file.planned.parent
    return result


def _sentinel(field: str, probe: Probe) -> str:
    if field in {"content", "structured"}:
        return probe.markup(field)
    is_name = field == "place" or field.startswith("anchor_")
    return probe.name(field) if is_name else probe.text(field)
