"""A preview shows the page somebody looks at before all others are built, and it is the page that is then built."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from ikz_award.adapters.ahead import GivenUp, PreviewServer

# --- what is made ahead

CASE, PATTERN, OVERVIEW = "kooperationen/hwserft/", "muster/zweigstelle/", "kooperationen/"
RECORD = "data/cooperations/hwserft.yml"


@pytest.fixture(scope="module")
def gebaut(projekt_kopie, umgebung, jetzt, tmp_path_factory):
    """A small copy of the project, built as a preview does it: with one plug-in from build to build."""
    project, site = projekt_kopie(fast=True), tmp_path_factory.mktemp("vorschau")

    def load():
        return load_config(str(project / "mkdocs.yml"), site_dir=str(site), strict=False)

    with pytest.MonkeyPatch.context() as patch:
        for name, value in umgebung(jetzt, PROFIL="entwurf").items():
            patch.setenv(name, value)
        first = load()
        first.plugins.on_startup(command="serve", dirty=False)
        plugin = first.plugins["ikz-award"]

        def once(config=None) -> None:
            config = config or load()
            assert config.plugins["ikz-award"] is plugin
            build(config)

        def page(address: str) -> bytes:
            return (site / address / "index.html").read_bytes()

        once(first)
        yield SimpleNamespace(project=project, build=once, page=page, plugin=plugin)
    # The host keeps the instance for as long as the process lives.
    type(plugin).__init__(plugin)


@pytest.fixture
def vorschau(gebaut):
    """The same, and a way to change files that are as they were behind each test."""
    saved = {}

    def change(old: str, new: str, record: str = RECORD) -> None:
        file = gebaut.project / record
        text = file.read_text(encoding="utf-8")
        saved.setdefault(file, text)
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    yield SimpleNamespace(**vars(gebaut), change=change)
    for file, text in saved.items():
        file.write_text(text, encoding="utf-8")
    gebaut.plugin.is_wanted = lambda: True


def test_a_page_made_ahead_is_the_page_that_is_built(vorschau):
    assert vorschau.plugin.glimpse([CASE]) == {CASE: vorschau.page(CASE)}

    vorschau.change("titel: ", "titel: Geändert & neu, ")
    ahead = vorschau.plugin.glimpse([CASE, PATTERN])
    assert set(ahead) == {CASE, PATTERN}
    assert b"ndert &amp; neu, " in ahead[CASE]
    assert ahead[CASE] != vorschau.page(CASE)
    vorschau.build()
    assert ahead == {one: vorschau.page(one) for one in ahead}


def test_findings_are_shown_ahead_and_gone_with_their_cause(vorschau):
    before = vorschau.plugin.glimpse([PATTERN])
    vorschau.change("titel: ", "titl: ")
    ahead = vorschau.plugin.glimpse([CASE, PATTERN])
    # The record has a fault, and so no page.
    assert set(ahead) == {PATTERN}
    assert b"hwserft.yml" in ahead[PATTERN]
    vorschau.build()
    assert ahead[PATTERN] == vorschau.page(PATTERN)

    vorschau.change("titl: ", "titel: ")
    assert vorschau.plugin.glimpse([PATTERN]) == before


def test_a_page_that_is_withdrawn_is_gone_at_once(vorschau):
    vorschau.build()
    file = vorschau.project / RECORD
    text = file.read_text(encoding="utf-8")
    file.unlink()
    try:
        assert vorschau.plugin.glimpse([CASE, "faq/", "kooperationen/fehlt/"]) == {CASE: b""}
    finally:
        file.write_text(text, encoding="utf-8")


def test_what_cannot_be_told_ahead_is_left_to_the_build(vorschau):
    # Pages that the host renders, that are nowhere, and all of them while the description of the data is faulty.
    assert vorschau.plugin.glimpse(["", OVERVIEW, "faq/", "kooperationen/fehlt/"]) == {}
    vorschau.change("fields:", "fields: [", "data/schema/fall.yml")
    assert vorschau.plugin.glimpse([CASE]) == {}


def test_a_build_that_nobody_wants_any_more_ends_and_its_frames_are_those_of_the_last(vorschau):
    before = vorschau.plugin.glimpse([CASE])
    vorschau.change("titel: ", "titel: Eins ")
    vorschau.plugin.is_wanted = lambda: False
    with pytest.raises(GivenUp):
        vorschau.build()
    vorschau.change("titel: Eins ", "titel: ")
    assert vorschau.plugin.glimpse([CASE]) == before


# --- the server


class Site:
    """Somebody who builds a page from a text, and may make it ahead."""

    target = None
    is_wanted = staticmethod(lambda: True)

    def __init__(self, text: str) -> None:
        self.text, self.ahead, self.while_building = text, True, lambda: None

    def glimpse(self, addresses):
        return {
            one: f"<p>{self.text}</p></body>".encode() for one in addresses if self.ahead and one == "fall/"
        }

    def build(self, folder) -> None:
        for address in ("", "fall/"):
            (folder / address).mkdir(parents=True, exist_ok=True)
            (folder / address / "index.html").write_text(f"<p>{self.text}</p></body>")
        self.while_building()


@pytest.fixture
def server(tmp_path):
    site = Site("eins")
    first = tmp_path / "erste"
    first.mkdir()

    def builder() -> None:
        site.build(site.target or first)

    builder()
    server = PreviewServer(lambda build: build(), builder, "127.0.0.1", 0, str(first), "/")
    server.take(site)
    server.watch(str(tmp_path))

    def get(path: str) -> str:
        answer = server.serve_request({"PATH_INFO": path}, lambda *_: None)
        return b"".join(answer).decode().partition("<script>")[0]

    def rebuild(text: str) -> None:
        site.text = text
        server._wanted_epoch += 1
        server.builder()
        server._visible_epoch = server._wanted_epoch

    yield SimpleNamespace(site=site, get=get, rebuild=rebuild, itself=server)
    folders = [server._other, first]
    server.shutdown()
    assert not any(one.exists() for one in folders)


def test_the_page_somebody_looks_at_is_shown_while_the_others_are_built(server):
    assert server.get("/fall/") == "<p>eins</p>"
    seen = []
    # The other page is the old one as a whole, not half of the new.
    server.site.while_building = lambda: seen.extend(map(server.get, ("/fall/", "/")))
    server.rebuild("zwei")
    assert seen == ["<p>zwei</p>", "<p>eins</p>"]
    assert [server.get(one) for one in ("/fall/", "/")] == ["<p>zwei</p>"] * 2


def test_of_a_page_that_will_be_no_more_the_server_says_so(server):
    server.get("/fall/")
    server.site.glimpse = lambda addresses: dict.fromkeys(addresses, b"")
    server.itself.error_handler = lambda code: f"<p>{code}</p></body>".encode()
    seen = []
    server.site.while_building = lambda: seen.append(server.get("/fall/"))
    server.rebuild("zwei")
    assert seen == ["<p>404</p>"]


def test_browsers_ask_again_once_if_what_they_show_is_what_was_built(server):
    server.get("/fall/")
    epochs = []
    server.site.while_building = lambda: epochs.append(server.itself._visible_epoch)
    before = server.itself._visible_epoch
    server.rebuild("zwei")
    assert before < epochs[0] == server.itself._visible_epoch
    # A page that was not made ahead was shown as it had been.
    server.get("/")
    server.rebuild("drei")
    assert epochs[1] < server.itself._visible_epoch


def test_without_a_page_ahead_browsers_wait_for_the_build(server):
    server.site.ahead = False
    server.get("/fall/")
    states = []
    server.site.while_building = lambda: states.append(
        server.itself._visible_epoch < server.itself._wanted_epoch
    )
    server.rebuild("zwei")
    assert states == [True]
    assert server.get("/fall/") == "<p>zwei</p>"


def test_a_build_given_up_leaves_what_was_shown(server):
    server.get("/fall/")

    def give_up() -> None:
        raise GivenUp

    server.site.while_building = give_up
    server.rebuild("zwei")
    assert server.get("/fall/") == "<p>zwei</p>"
    assert server.get("/") == "<p>eins</p>"
    server.site.while_building = lambda: None
    server.rebuild("drei")
    assert [server.get(one) for one in ("/fall/", "/")] == ["<p>drei</p>"] * 2


def test_a_change_during_a_build_makes_it_unwanted(server):
    assert server.site.is_wanted()
    server.itself._want_rebuild = True
    assert not server.site.is_wanted()


def test_of_many_pages_only_the_last_are_made_ahead(server):
    asked = []
    server.site.glimpse = lambda addresses: asked.extend(addresses) or {}
    for one in ("/a/", "/b/", "/c/", "/b/", "/d/", "/e.txt", "/f"):
        server.itself.serve_request({"PATH_INFO": one}, lambda *_: None)
    server.rebuild("zwei")
    assert asked == ["c/", "b/", "d/"]
