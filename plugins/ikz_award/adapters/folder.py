"""Door to any other generator: the same pages as Markdown files with HTML in them, and a manifest of all addresses.

Beside them lie the settings with which one of these generators, Zensical, builds the folder as it is.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ikz_award import content, pagetext, picture_files, render, routes, yamlfile
from ikz_award.build import Outcome

SETTINGS = "zensical.toml"
# The extensions the editors' pages are written with. Zensical's own choice would also change signs in texts.
EXTENSIONS = ("abbr", "admonition", "def_list", "footnotes", "tables", "toc")

_HEADING = re.compile(r"^# |<h1", re.MULTILINE)
# More settings than the site generator of the project ever nests.
_MAX_DEPTH = 20
_SETTINGS = """\
# Damit baut Zensical diesen Ordner: „zensical build“ schreibt die Website nach site/.
# Geschrieben von scripts/export_pages.py. Was Sie hier ändern, überschreibt der Befehl nicht.

[project]
site_name = {name}
{website}docs_dir = "docs"
site_dir = "site"
extra_css = [{css}]
extra_javascript = [{javascript}]

[project.theme]
language = "de"
# Schriften des Geräts: nichts wird von Dritten geladen.
font = false

{extensions}
"""


def write(outcome: Outcome, project_root: Path, target: Path) -> None:
    """Write ``docs/``, ``manifest.json`` and, if there are none, the settings below ``target``.

    Editors' pictures are drawn anew.
    """
    docs = target / "docs"
    source = project_root / "content"
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source).as_posix()
        if not file.is_file() or file.suffix == ".md" or name in outcome.withheld:
            continue
        if content.is_publishable(source, file):
            _put(docs / routes.public_path(name), picture_files.redrawn(file))
    for page in outcome.content:
        known = outcome.placeholders.get(page.address, {})
        title = "" if _HEADING.search(page.body) else f"\n<h1>{render.escape(page.title)}</h1>\n\n"
        body = pagetext.fill(content.relinked(page), known)
        text = f"{page.head_text}{title}{body}"
        rendered = outcome.page(page.address)
        if rendered:
            text = f"{text.rstrip()}\n\n{_block(rendered.html)}"
        # Other hosts have no place for it in the head that they would let us fill; search engines read it here as well.
        structured = outcome.heads[page.address].structured
        if structured:
            text = f"{text.rstrip()}\n\n{structured}\n"
        _put(docs / routes.public_path(page.file), text.encode())
    for one in outcome.pages:
        if not one.follows_content:
            head = json.dumps({"title": one.title, "description": one.description}, ensure_ascii=False)
            _put(
                docs / routes.file_of(one.address),
                f"---\n{head}\n---\n\n{_block(outcome.finished(one.address, one.html), outcome.heads[one.address].structured)}".encode(),
            )
    for asset in outcome.assets:
        _put(docs / asset.address, asset.data)
    manifest = {"seiten": list(outcome.addresses), "dateien": [one.address for one in outcome.assets]}
    _put(target / "manifest.json", (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode())
    if not (target / SETTINGS).exists():
        _put(target / SETTINGS, settings(outcome, project_root).encode())


def settings(outcome: Outcome, project_root: Path) -> str:
    """Settings with which Zensical builds the folder."""
    return _SETTINGS.format(
        name=_quoted(_site_name(project_root)),
        website=f"site_url = {_quoted(outcome.website)}\n" if outcome.website else "",
        css=_quoted(f"{routes.ASSETS}ikz.css"),
        javascript=", ".join(_quoted(f"{routes.ASSETS}{one}.js") for one in ("ikz", "begriffe")),
        extensions="\n".join(f"[project.markdown_extensions.{one}]" for one in EXTENSIONS),
    )


def _site_name(project_root: Path) -> str:
    """What the settings of the project call the site."""
    file = project_root / "mkdocs.yml"
    found = yamlfile.read(file.read_bytes(), _MAX_DEPTH).value if file.is_file() else None
    name = found.get("site_name") if isinstance(found, dict) else None
    return name if isinstance(name, str) and name else "Website"


def _quoted(text: str) -> str:
    """A text in TOML; what JSON escapes, TOML escapes in the same way."""
    return json.dumps(text, ensure_ascii=False)


def _block(html: str, structured: str = "") -> str:
    """One block of HTML, which Markdown leaves alone from its first tag to its last."""
    inside = f"{html}\n{structured}".rstrip()
    return f'<div class="ikz-seite">\n{inside}\n</div>\n'


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
