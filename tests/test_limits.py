"""What bounds the work: a limit on every text, on what Markdown makes of one, and on what the settings of the host may switch on."""

from __future__ import annotations

import itertools
import re
import time

import markdown
import pytest
import yaml

import support
from ikz_award import build, content, pagetext, render, richtext, schema, watchdog
from ikz_award.adapters import folder
from ikz_award.checks import prose

DESCRIPTION = schema.load(support.ROOT / "data")
LONGEST = max(
    one.max_length or 0 for table in DESCRIPTION.tables for one in table.fields if one.form == "markdown"
)
SETTINGS = support.ROOT / "mkdocs.yml"
EXTENSIONS = {"abbr", "admonition", "def_list", "footnotes", "tables", "toc"}
PLUGINS = {"ikz-award", "blog", "tags"}


def is_limited(field):
    """By a length, a list of values, a pattern without an open end, or a form that is checked sign by sign."""
    bounded = field.pattern and not re.search(r"[*+]|\{\d+,\}", field.pattern)
    return bool(field.max_length or field.enum or bounded or field.form in {"zeitangabe", "zeitpunkt"})


def test_every_text_of_the_description_has_a_limit():
    texts = [
        (table.name, one) for table in DESCRIPTION.tables for one in table.fields if one.type == "string"
    ]
    assert len(texts) > 150
    assert [f"{name}.{one.name}" for name, one in texts if not is_limited(one)] == []
    assert not is_limited(schema.Field("offen", "Offen"))
    assert not is_limited(schema.Field("offen", "Offen", pattern="[a-z]+"))


PATHOLOGICAL = (
    *(
        "[",
        "![",
        "[a](",
        "<a ",
        "*",
        "**",
        "*a ",
        "_a*",
        "`",
        "`a``",
        "> ",
        "- ",
        "- - ",
        "1. ",
        "|",
        "\\",
        "&",
        "(",
    ),
    *(
        "[a]: ",
        "[a][",
        "[](",
        "[[",
        "](",
        "~",
        "\n",
        "> \n",
        "* \n",
        "    ",
        "<!--",
        "x[",
        "a**b",
        "![[]()",
        "|-",
    ),
)


@pytest.mark.parametrize("piece", PATHOLOGICAL)
def test_no_text_as_long_as_allowed_keeps_markdown_busy(piece):
    text = (piece * LONGEST)[:LONGEST]
    start = time.process_time()
    richtext.to_html(text)
    richtext.to_blocks(text)
    assert time.process_time() - start < 1


@pytest.mark.nightly
@pytest.mark.parametrize("pieces", list(itertools.combinations(PATHOLOGICAL, 2)), ids=repr)
def test_no_two_pieces_together_keep_markdown_busy(pieces):
    for text in ("".join(pieces) * LONGEST, pieces[0] * (LONGEST // 2) + pieces[1] * LONGEST):
        start = time.process_time()
        richtext.to_html(text[:LONGEST])
        assert time.process_time() - start < 1


ENDLESS = (
    *(
        "a.",
        "a.a.a.a@",
        "a-at-",
        "a-at-b.",
        "a at b punkt ",
        "a(at)",
        "a@b.",
        "0221 ",
        "+49 (",
        "01 ",
        "Tel. ",
        "Durchwahl 1 ",
    ),
    *(
        "x",
        "1. ",
        "> ",
        "- ",
        "## a\n\n",
        "a\n-\n\n",
        "    ",
        "<!-- ",
        "<!-- x -->\n",
        "![a](b) ",
        "[a]: b\n",
        "> [a]: b\n",
        "`",
        "~~~\n",
    ),
)


@pytest.mark.parametrize("piece", ENDLESS)
def test_no_page_as_long_as_allowed_keeps_the_checks_busy(piece):
    head = "---\ntitle: Probe\ndescription: Probe.\n---\n\n"
    for ending in ("", "@", "@" + "b" * 9000, " -->"):
        data = f"{head}{(piece * content.MAX_BYTES)[: content.MAX_BYTES - len(head) - len(ending)]}{ending}".encode()
        start = time.process_time()
        page, _ = content.read("content/x.md", "x.md", data)
        list(prose.check([page], [], {}))
        list(content.check([page], []))
        assert time.process_time() - start < 1, ending


# What is in order for the checks, however long, is for the host to render.
LONG = (
    *(
        "| a ",
        "|a|b|\n|-|-|\n",
        "[^1]: x\n",
        "[^1] ",
        "*[a]: b\n",
        "!!! a\n    ",
        "a\n: b\n",
        "***",
        "**a**",
        "_a_ ",
        "\\",
    ),
    *(
        "http://a.de ",
        "[a][b] ",
        "[a] ",
        "~",
        "=",
        "word ",
        "word\n",
        "word\n\n",
        "    - a\n",
        "- a\n",
        "1. a\n",
        "> a\n\n",
    ),
)
_SETTINGS = yaml.load((support.ROOT / "mkdocs.yml").read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - texts only


@pytest.mark.parametrize("piece", [*ENDLESS, *LONG])
def test_no_page_without_a_finding_is_too_much_for_the_host(piece):
    head = "---\ntitle: Probe\ndescription: Probe.\n---\n\n"
    data = f"{head}{(piece * content.MAX_BYTES)[: content.MAX_BYTES - len(head)]}".encode()
    page, findings = content.read("content/x.md", "x.md", data)
    if findings or any(prose.check([page], [], {})):
        return
    names = [one if isinstance(one, str) else next(iter(one)) for one in _SETTINGS["markdown_extensions"]]
    start = time.process_time()
    markdown.markdown(pagetext.for_host(page.body), extensions=names)
    assert time.process_time() - start < 5


class _Tagged(yaml.SafeLoader):
    """Keeps what is written behind a tag, so that it can be looked at."""


_Tagged.add_multi_constructor("", lambda _, tag, node: (tag, node.start_mark.line + 1))


def tags_in(value, path=()):
    """Every tag in the settings, with the path of its key."""
    if isinstance(value, tuple):
        yield ".".join(map(str, path)), value[0]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from tags_in(inner, (*path, key))


def flaws(text):
    """What the settings switch on that they must not."""
    settings = yaml.load(text, _Tagged)  # noqa: S506 - constructs nothing but plain values
    for key, tag in tags_in(settings):
        if (
            tag != "!ENV"
            or key.rpartition(".")[2] not in {"profil", "zwischenspeicher"}
            or "ikz-award" not in key
        ):
            yield f"{key}: {tag}"
    for key, allowed in (("markdown_extensions", EXTENSIONS), ("plugins", PLUGINS)):
        for one in settings.get(key) or ():
            name = next(iter(one)) if isinstance(one, dict) else one
            if name not in allowed:
                yield f"{key}: {name}"
    for key in ("hooks", "extra_javascript", "extra_templates", "INHERIT", "watch"):
        if key in settings:
            yield key
    if "custom_dir" in settings["theme"]:
        yield "custom_dir"


def test_the_settings_of_the_host_include_nothing_and_run_nothing():
    assert list(flaws(SETTINGS.read_text("utf-8"))) == []
    assert set(folder.EXTENSIONS) == EXTENSIONS


@pytest.mark.parametrize(
    "old, new",
    [
        ("  - abbr\n", "  - abbr\n  - pymdownx.snippets\n"),
        ("  - abbr\n", "  - abbr\n  - md_in_html\n"),
        ("  - abbr\n", "  - abbr\n  - attr_list\n"),
        ("  - tags:\n", "  - macros\n  - tags:\n"),
        ("site_name: ", "hooks: [x.py]\nsite_name: "),
        ("site_name: ", "INHERIT: x.yml\nsite_name: "),
        ("  language: de", "  custom_dir: x\n  language: de"),
        ("site_name: ", "site_name: !ENV HOME #"),
        ("site_name: ", "site_name: !!python/name:os.system #"),
        ("site_name: ", "site_name: !!python/object/apply:os.system [id] #"),
        ("  generator: false", "  generator: !relative x"),
    ],
)
def test_settings_that_would_are_seen(old, new):
    text = SETTINGS.read_text("utf-8")
    assert old in text
    assert list(flaws(text.replace(old, new, 1)))


# --- the time of one page


def test_a_page_that_never_ends_is_a_finding_and_all_others_are_made(tmp_path, monkeypatch):
    root, address = support.lay_out_base(tmp_path), "kooperationen/archiv/"
    whole = build.build(root, "entwurf", support.day(support.DEFAULT_DAY))
    usual = render.render

    def endless(template, at, context):
        while at == address:
            pass
        return usual(template, at, context)

    monkeypatch.setattr(render, "render", endless)
    monkeypatch.setattr(build, "_SECONDS", 0.2)
    outcome = build.build(root, "entwurf", support.day(support.DEFAULT_DAY))
    found = [one for one in outcome.findings if one.code == "E143"]
    assert [one.place.path for one in found] == [source_of(root, address)]
    assert outcome.failed
    assert set(whole.addresses) - set(outcome.addresses) == {address}


def source_of(root, address):
    """The record of a page, by its name."""
    (file,) = (root / "data").rglob(f"{address.split('/')[1]}.yml")
    return file.relative_to(root).as_posix()


def test_a_limit_counts_computing_only_and_ends_with_its_step():
    with watchdog.at_most(0.05):
        time.sleep(0.2)
    with pytest.raises(watchdog.TooLongError), watchdog.at_most(0.05):
        compute(60)
    compute(0.1)


def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
