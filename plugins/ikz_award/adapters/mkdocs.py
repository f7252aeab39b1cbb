"""Door to MkDocs (and ProperDocs, which runs the same plug-ins): events in, core calls out. Knows MkDocs, decides nothing."""

from __future__ import annotations

import html
import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from mkdocs.config import config_options as opt
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils.templates import TemplateContext

from ikz_award import (
    banner,
    build,
    content,
    pagetext,
    picture_files,
    render,
    replay,
    report,
    routes,
    search_index,
    security_policy,
    wording,
)
from ikz_award.adapters.ahead import GivenUp, PreviewServer
from ikz_award.adapters.outside import AssetFile, GeneratedFile, Outside
from ikz_award.dates import moment_from
from ikz_award.heads import Head
from ikz_award.publication import PROFILES, is_ahead
from ikz_award.records import Cache
from ikz_award.render import Heading, RenderedPage
from ikz_award.replay import Store
from ikz_award.schema import DescriptionError

_log = get_plugin_logger("ikz-award")
# The theme brings a search of its own; ours is the only one.
_UNUSED = ("assets/javascripts/lunr/", "assets/javascripts/workers/search.")


# MkDocs leaves its base classes partly untyped, and hands over every argument of an event by name: hence the marks below.
class IkzAwardConfig(Config):  # type: ignore[no-untyped-call]
    """Options in ``mkdocs.yml``."""

    profil = opt.Choice(PROFILES, default="entwurf")
    heute = opt.Optional(opt.Type(str))
    zwischenspeicher = opt.Type(str, default=replay.FOLDER)


class IkzAwardPlugin(BasePlugin[IkzAwardConfig]):  # type: ignore[no-untyped-call]
    """Adds the core's pages to a site and holds back a build that has errors."""

    def __init__(self) -> None:
        self.outcome = build.Outcome()
        self.cache = Cache()
        self.is_preview = False
        # What stands on each page, by address, as the index of the search gets it.
        self.texts: dict[str, str] = {}
        self.nav = Navigation([], [])
        self.outside = self._none_outside()
        # Of a preview: where to build, whether that is still wanted, and the frames of the last build with the banner in them.
        self.target: Path | None = None
        self.is_wanted: Callable[[], bool] = lambda: True
        self.last: tuple[Path, Outside, str] | None = None

    def _none_outside(self) -> Outside:
        return Outside(self, self._body, self.texts, secured=not self.is_preview)

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:  # noqa: ARG002
        """Having this event keeps the instance, and with it the cache, from one preview build to the next."""
        self.is_preview = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Run the core and show what it found."""
        if not config.use_directory_urls:
            raise PluginError(
                "ikz-award: use_directory_urls muss true sein; die Adressen der Seiten enden auf „/“."
            )
        root = _root(config)
        if self.target:
            config.site_dir = str(self.target)
        trouble = ""
        self.texts = {}
        self.outside = self._none_outside()
        self.cache.store = self._store(root)
        try:
            self.outcome = build.build(root, self.config.profil, self._now(), self.cache)
        except DescriptionError as error:
            trouble = f"Die Beschreibung der Daten ist nicht lesbar: {error}"
            if not self.is_preview:
                raise PluginError(trouble) from error
            _log.error("%s", trouble)
            self.outcome = build.Outcome()
        words = wording.load()
        if self.outcome.findings:
            _log.info("\n%s", report.as_text(self.outcome.findings, words))
        if self.outcome.failed and not self.is_preview:
            raise PluginError(f"Nicht gebaut: {report.summary(self.outcome.findings, words)}.")
        if self.outcome.website:
            config.site_url = f"{self.outcome.website}/"
        theme = resources.files("ikz_award").joinpath("adapters/material")
        config.theme.dirs.insert(0, str(theme))
        config.extra_css.append(f"{routes.ASSETS}ikz.css")
        config.extra_javascript += [f"{routes.ASSETS}ikz.js", f"{routes.ASSETS}begriffe.js"]
        config.extra["ikz"] = {
            "banner": banner.html(
                self.config.profil, self.outcome.findings if self.is_preview else (), trouble
            ),
            "index": self.config.profil == "produktion",
            "feeds": [
                (f"{one.title} ({name})", routes.feed(one.topic, kind), f"application/{media}")
                for one in self.outcome.feeds
                for name, kind, media in (("Atom", "xml", "atom+xml"), ("JSON Feed", "json", "feed+json"))
            ],
        }
        return config

    def _store(self, root: Path) -> Store:
        return Store(root / self.config.zwischenspeicher, f"{root} {self.config.profil}")

    def _now(self) -> datetime:
        # Tests can set this clock from outside, and no other.
        clock = datetime.fromtimestamp(time.time()).astimezone()
        moment = moment_from(self.config.heute, os.environ.get("SOURCE_DATE_EPOCH"), clock)
        if is_ahead(self.config.profil, moment, clock):
            raise PluginError(
                "Nicht gebaut: Was hinausgeht, entsteht nie für einen späteren Zeitpunkt als jetzt."
            )
        return moment

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add generated pages and assets; of the editors' files, take what may go out."""
        self._go_on()
        root = Path(config.docs_dir)
        for file in list(files):
            if file.src_uri.startswith(_UNUSED):
                files.remove(file)
            source = Path(file.abs_src_path) if file.abs_src_path else None
            if source is None or not source.is_relative_to(root):
                continue
            if not content.is_publishable(root, source) or file.src_uri in self.outcome.withheld:
                files.remove(file)
            elif file.src_uri in self.outcome.unreadable and file.src_uri.startswith(routes.POSTS):
                # Only a preview comes here. A post is read by the host itself, before anybody could give it other text.
                files.remove(file)
            elif file.src_uri in self.outcome.unreadable:
                # Only a preview comes here. The host would die of the file itself.
                files.remove(file)
                files.append(File.generated(config, file.src_uri, content="# Diese Seite ist nicht lesbar\n"))
            elif source.suffix != ".md":
                files.remove(file)
                files.append(File.generated(config, file.src_uri, content=picture_files.redrawn(source)))
        for page in self.outcome.pages:
            if not page.follows_content:
                files.append(GeneratedFile.of(config, page, self.outcome.heads.get(page.address)))
        for asset in self.outcome.assets:
            files.append(AssetFile.of(config, asset))
        for file in list(files):
            # Source maps of the theme: nobody but its makers reads them.
            if file.src_uri.startswith("assets/") and file.src_uri.endswith(".map"):
                files.remove(file)
        return files

    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Give each page outside of the menu its place there, so that the menu shows where a reader is."""
        by_address = {one.url: one for one in nav.pages}
        for file in files.documentation_pages():
            overview = by_address.get(f"{file.url.partition('/')[0]}/")
            if file.page and overview and file.url not in by_address:
                # Typed as a section only; all that is asked of it is whether it is active.
                file.page.parent = overview.parent or overview  # type: ignore[assignment]
        self.nav = nav
        self.outside.take(files, nav, config)
        return nav

    # Behind everybody who gives the theme something of his own.
    @event_priority(-100)
    def on_env(self, env: Any, /, *, config: MkDocsConfig, files: Files) -> Any:  # noqa: ANN401 - Jinja is another's room
        """Keep compiled templates for the next build, and have frames made for the pages that the host does not render."""
        self._go_on()
        env.bytecode_cache = render.Bytecode(env)
        self.outside.frame(env, self.nav, files, config)
        return env

    def on_template_context(
        self,
        context: TemplateContext,
        /,
        *,
        template_name: str,  # noqa: ARG002
        config: MkDocsConfig,  # noqa: ARG002
    ) -> TemplateContext:
        """List all pages for whoever lists pages, as the sitemap does."""
        context["pages"] = self.outside.listed
        return context

    def _rendered(self, page: Page) -> RenderedPage | None:
        if isinstance(page.file, GeneratedFile):
            return page.file.rendered
        return self.outcome.page(_address(page))

    def _head(self, page: Page) -> Head | None:
        return (
            page.file.head if isinstance(page.file, GeneratedFile) else self.outcome.heads.get(_address(page))
        )

    def on_page_markdown(self, markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        """Keep the editors' notes from the host; give it titles and descriptions as HTML, since its templates print them unescaped."""
        self._go_on()
        rendered = self._rendered(page)
        if rendered and not rendered.follows_content:
            # Not in the menu, so there is nothing to show beside the page.
            page.meta.update(title=rendered.title, description=rendered.description, hide=["navigation"])
        for key in ("title", "description"):
            if isinstance(page.meta.get(key), str):
                page.meta[key] = html.escape(page.meta[key])
        if isinstance(page.meta.get("tags"), list):
            page.meta["tags"] = [html.escape(str(one)) for one in page.meta["tags"]]
        return pagetext.for_host(markdown)

    def on_page_context(
        self,
        context: TemplateContext,
        /,
        *,
        page: Page,
        config: MkDocsConfig,
        nav: Navigation,  # noqa: ARG002
    ) -> TemplateContext:
        """Give the theme all pages, and what stands in the head of this one for machines."""
        context["pages"] = self.outside.listed
        head = self._head(page)
        if head:
            # Who follows a link to the picture does not know the page it stands on.
            root = config.site_url or routes.relative(_address(page), "")
            # The host types its own names only; a theme may be given more.
            context["ikz_head"] = {  # type: ignore[typeddict-unknown-key]
                "head": head,
                "card": f"{root}{head.card}",
            }
        return context

    def on_page_content(self, html: str, /, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG002
        """Put generated parts in: for comments in the editors' text, behind it, or as the whole page."""
        rendered = self._rendered(page)
        address = rendered.address if rendered else routes.of_content(page.file.src_uri)
        known = self.outcome.placeholders.get(address, {})
        html = self.outcome.finished(address, self._whole(pagetext.fill(html, known), page, rendered))
        self.texts[address] = html
        return html

    def _body(self, rendered: RenderedPage) -> str:
        return self.outcome.finished(rendered.address, rendered.html)

    def _whole(self, html: str, page: Page, rendered: RenderedPage | None) -> str:
        """The editors' text and what is generated, as one."""
        if "<h1" not in html and (rendered is None or rendered.follows_content):
            # Else the theme takes the words of the menu, and another host those of the head.
            html = f"<h1>{page.meta.get('title', page.title)}</h1>\n{html}"
        if rendered is None:
            return html
        tokens = _tokens(rendered.headings)
        # The host checks links to anchors and knows only those it made itself.
        page.present_anchor_ids = {
            *(page.present_anchor_ids or ()),
            *(one.anchor for one in rendered.headings),
        }
        if rendered.follows_content:
            page.toc.items += get_toc(tokens).items
            return f"{html}\n{rendered.html}"
        page.toc = get_toc(tokens)
        return rendered.html

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Prove that every planned page is there, make the index of the search, and say in each what a browser may do on it."""
        self._go_on()
        site = Path(config.site_dir)
        missing = [one for one in self.outcome.addresses if not (site / one / "index.html").is_file()]
        if missing:
            listed = ", ".join(f"/{one}" for one in missing)
            raise PluginError(f"E405: geplante Seiten fehlen in der gebauten Website: {listed}")
        try:
            search_index.write(site, self.outcome.findable, self.texts, self.cache.store)
        except search_index.SearchIndexError as error:
            raise PluginError(f"Das Verzeichnis für die Suche ist nicht vollständig: {error}") from error
        # A preview puts a script of its own into every page as it is sent, and no policy could know that one.
        if not self.is_preview:
            _secure(site, self.outside)
        self.cache.store.settle()
        self.last = _root(config), self.outside, config.extra["ikz"]["banner"]

    def _go_on(self) -> None:
        if not self.is_wanted():
            raise GivenUp

    def glimpse(self, addresses: Collection[str]) -> Mapping[str, bytes]:
        """Generated pages as the next build will make them, in the frames of the last one; empty are those that are no more."""
        if self.last is None:
            return {}
        root, outside, shown = self.last
        try:
            # Nothing is kept of it: the build that follows keeps what it made.
            cache = replace(self.cache, store=self._store(root))
            made = build.some(root, self.config.profil, self._now(), cache, addresses)
        except DescriptionError:
            return {}
        told = banner.html(self.config.profil, made.findings)
        # A frame without a banner has no place for one.
        if not shown and told:
            return {}
        pages = {
            one.address: outside.anew(one, made.heads.get(one.address), made.finished(one.address, one.html))
            for one in made.pages
        }
        mine = {one.address for one in self.outcome.pages if not one.follows_content}
        gone = made.gone & mine
        return dict.fromkeys(gone, b"") | {
            address: page.replace(shown.encode(), told.encode(), 1) if shown else page
            for address, page in pages.items()
            if page
        }

    def on_serve(
        self,
        server: LiveReloadServer,
        /,
        *,
        config: MkDocsConfig,
        builder: Callable[..., None],  # noqa: ARG002
    ) -> LiveReloadServer:
        """Build again when a record changes."""
        server.watch(str(_root(config) / "data"))
        if isinstance(server, PreviewServer):
            server.take(self)
        return server


def _root(config: MkDocsConfig) -> Path:
    """The folder of the project."""
    return Path(config.config_file_path or "mkdocs.yml").resolve().parent


def _address(page: Page) -> str:
    """Where the core knows the page."""
    return "" if page.url in {"./", "."} else str(page.url)


def _secure(site: Path, outside: Outside) -> None:
    """Write the policy into every finished page that has none yet, and the settings for web servers beside them.

    The search in the browser is a program that has to be compiled there.
    """
    written = outside.written
    files = sorted(one for one in site.rglob("*.html") if one not in written and one.is_file())
    pages = {str(one.relative_to(site)): _page(one) for one in files} | outside.typical
    strange = security_policy.strange_scripts(pages.items())
    if strange:
        raise PluginError(
            f"Nicht gebaut: Ein Skript steht auf manchen Seiten, aber nicht auf allen: {', '.join(strange[:5])}"
        )
    for file in files:
        file.write_bytes(security_policy.with_policy(_page(file), compiles=True).encode())
    hashes = frozenset[str]().union(*map(security_policy.script_hashes, pages.values()))
    for address, text in security_policy.server_files(hashes, compiles=True):
        target = site / address
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")


def _page(file: Path) -> str:
    return file.read_bytes().decode("utf-8")


def _tokens(headings: tuple[Heading, ...]) -> list[Any]:
    """Headings as the nested tokens of Python-Markdown's table of contents; names are HTML there."""
    top: list[Any] = []
    for one in headings:
        token = {"level": one.level, "id": one.anchor, "name": html.escape(one.title), "children": []}
        parent = top[-1]["children"] if top and one.level > top[-1]["level"] else top
        parent.append(token)
    return top
