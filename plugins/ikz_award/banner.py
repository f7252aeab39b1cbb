"""What stands at the top of a page that is not the published one: „Entwurf“, „Beispiel“, and open findings."""

from __future__ import annotations

from collections.abc import Sequence

from ikz_award import render, wording
from ikz_award.findings import Finding
from ikz_award.publication import Profile


def html(profile: Profile, findings: Sequence[Finding], trouble: str = "") -> str:
    """HTML for the top of every page; empty for the published site without findings.

    ``trouble`` is a sentence for a preview that has nothing to show.
    """
    if profile == "produktion" and not findings and not trouble:
        return ""
    return render.render(
        "banner.html",
        "",
        {"profile": profile, "findings": findings, "trouble": trouble, "wording": wording.load()},
    )
