"""Door to any other generator: the same pages as Markdown files with HTML in them, and a manifest of all addresses."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ikz_award import content, render, routes
from ikz_award.build import Outcome
from ikz_award.pages import RenderedPage

_HEADING = re.compile(r"^# |<h1", re.MULTILINE)


def write(outcome: Outcome, project_root: Path, target: Path) -> None:
    """Write ``docs/`` and ``manifest.json`` below ``target``.

    Editors' files that are not Markdown are copied as they are.
    """
    docs = target / "docs"
    source = project_root / "content"
    for file in sorted(source.rglob("*")):
        if file.is_file() and file.suffix != ".md" and content.is_publishable(source, file):
            _put(docs / file.relative_to(source), file.read_bytes())
    for page in outcome.content:
        known = outcome.placeholders.get(page.address, {})
        head = page.text.removesuffix(page.body)
        title = "" if _HEADING.search(page.body) else f"\n<h1>{render.escape(page.title)}</h1>\n\n"
        body = content.fill(page.body, known)
        text = f"{head}{title}{body}"
        rendered = outcome.page(page.address)
        if rendered:
            text = f"{text.rstrip()}\n\n{_block(rendered)}"
        _put(docs / page.file, text.encode())
    for one in outcome.pages:
        if not one.follows_content:
            head = json.dumps({"title": one.title, "description": one.description}, ensure_ascii=False)
            _put(docs / routes.file_of(one.address), f"---\n{head}\n---\n\n{_block(one)}".encode())
    for asset in outcome.assets:
        _put(docs / asset.address, asset.data)
    manifest = {"seiten": list(outcome.addresses), "dateien": [one.address for one in outcome.assets]}
    _put(target / "manifest.json", (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode())


def _block(page: RenderedPage) -> str:
    """One block of HTML, which Markdown leaves alone from its first tag to its last."""
    return f'<div class="ikz-seite">\n{page.html}\n</div>\n'


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
