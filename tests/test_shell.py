"""Frames cut out of one page: whatever values a page has, it is what the template would have made of them."""

from __future__ import annotations

import html
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from ikz_award.shell import Probe, UnfitError

TOKEN = "0123456789abcdef"  # noqa: S105 - a mark, no password
HOSTILE = (
    *("", "schlicht", "<b>fett</b> & „so“", "'einfach' \"doppelt\"", "$1 ${x} \\1 \\g<0> \\", "{{ 7 * 7 }}"),
    *("zwei  Leerzeichen\tund\neine Zeile", "&amp; &lt;i&gt;", "</title><script>1</script>", "\ud800"),
    *(TOKEN, f"{TOKEN}00000", f"{TOKEN}00000<\"  '&>{TOKEN}", f"<h1>{TOKEN}00001</h1>{TOKEN}"),
)


def page(values: dict[str, str]) -> str:
    """A theme in short, with every way in which the real one writes a title."""
    title = html.escape(values["title"])
    label = escape(Markup(title).striptags())  # noqa: S704 - escaped right above
    return (
        f'<title>{title}</title><link href="/ü/{values["place"]}/"><meta content="{escape(values["title"])}">'
        f'<nav title="{label}">{title}</nav><p>{escape(title)}</p>'
        f"{values['title']}<main>{values['content']}</main>{values['place']}"
    )


def probe_page(probe: Probe, make: Callable[[dict[str, str]], str] = page) -> str:
    return make(
        {"title": probe.text("title"), "content": probe.markup("content"), "place": probe.name("place")}
    )


def filled(title: str, content: str = "<h1>x</h1>", place: str = "ort") -> tuple[bytes, str]:
    probe = Probe(TOKEN)
    values = {"title": title, "content": content, "place": place}
    return probe.cut(probe_page(probe)).filled(values), page(values)


@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("content", HOSTILE)
def test_a_filled_frame_is_what_the_template_makes(title, content):
    made, wanted = filled(title, content, place=TOKEN)
    assert made == wanted.encode("utf-8", "xmlcharrefreplace")


@given(st.text(), st.text())
def test_a_filled_frame_is_what_the_template_makes_of_any_text(title, content):
    made, wanted = filled(title, content)
    assert made == wanted.encode("utf-8", "xmlcharrefreplace")


def test_many_values_are_told_apart():
    probe = Probe(TOKEN)
    names = [f"anker{number}" for number in range(120)]
    shell = probe.cut(" ".join(f"<{probe.name(one)}> {probe.text(f'zu {one}')}" for one in names))
    values = {one: one for one in names} | {f"zu {one}": f"{one} & mehr" for one in names}
    assert shell.filled(values).decode() == " ".join(f"<{one}> {one} & mehr" for one in names)


def test_a_frame_has_what_stands_between_and_goes_to_another_process():
    probe = Probe(TOKEN)
    shell = probe.cut(f"ä{probe.text('title')}ö{probe.name('place')}")
    assert shell.pieces == ("ä", "ö", "")
    assert pickle.loads(pickle.dumps(shell)) == shell  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    "spoil",
    [str.upper, str.title, lambda text: text[:12], lambda text: text.replace("<", ""), lambda text: text[9:]],
)
def test_a_template_that_changes_a_value_is_found_out(spoil):
    probe = Probe(TOKEN)
    with pytest.raises(UnfitError):
        probe.cut(f"<title>{spoil(probe.text('title'))}</title>")


def test_content_that_is_written_otherwise_is_found_out():
    probe = Probe(TOKEN)
    with pytest.raises(UnfitError):
        probe.cut(html.escape(probe.markup("content")))
