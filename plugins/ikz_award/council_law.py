"""What a council paper says on the legal form: what to resolve, what the law demands, and who has to approve."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ikz_award import wording
from ikz_award.council_draft import Draft, dig, line, listing, section
from ikz_award.model import Term
from ikz_award.paper import Block, Paragraph, Section
from ikz_award.publication import Entry

# The law on agreements, §§ 23 to 26 GkG NRW, is the same for these; the first does not say what becomes of the task.
_OPEN_AGREEMENT = "oerv"
_PASSING, _MANDATING = "oerv_delegierend", "oerv_mandatierend"
_AGREEMENTS = frozenset({_OPEN_AGREEMENT, _PASSING, _MANDATING})
# The paragraph as a whole, or the sentence on approval in it.
_APPROVAL = re.compile(r"§ 24 (?:Abs\. (?:1 und )?2\b.*)?GkG")
_FOREIGN_LAW, _UNDERSTANDING = "anderes-land", "absprache"
_HOME = "Nordrhein-Westfalen"


def in_question(suitable: Sequence[Term], form: Term | None) -> tuple[Term, ...]:
    """Legal forms a council has to consider.

    Args:
        suitable: those the pattern names.
        form: that of the example, if it is known. It stands alone, unless it is one of another state or an agreement
            of which nobody knows whether it passes the task on: then it leaves what the pattern names of its kind.
    """
    if form is None or form.facts["gruppe"] == _FOREIGN_LAW:
        return tuple(suitable)
    kinds = tuple(one for one in suitable if one.key in {_PASSING, _MANDATING})
    return kinds if form.key == _OPEN_AGREEMENT and kinds else (form,)


def resolution(forms: Sequence[Term]) -> Section | None:
    """What the council resolves; ``forms`` are those in question."""
    match list(forms):
        case []:
            words = line("beschluss_form_offen")
        case [one] if one.key == _OPEN_AGREEMENT:
            words = line("beschluss_form_art", grundlage=one.facts["grundlage"])
        case [one] if one.facts["gruppe"] == _UNDERSTANDING:
            words = line("beschluss_form_frei", form=one.title)
        case [one]:
            words = line("beschluss_form", form=one.title, grundlage=one.facts["grundlage"])
        case several:
            words = line("beschluss_form_auswahl", auswahl="; ".join(one.title for one in several))
    steps = [line("beschluss_partner"), words, line("beschluss_auftrag"), line("beschluss_bericht")]
    return section("beschluss", listing(steps, ordered=True))


def law(
    draft: Draft, forms: Sequence[Term], *, entry: Entry | None = None, form: Term | None = None
) -> Section | None:
    """The legal forms in question, what the law demands of them, and what has to be decided before.

    ``form`` is that of the example ``entry``, whether it is in question or not.
    """
    codes = {one.key for one in forms}
    intro: list[Block] = []
    if entry:
        land = entry.content["land"]
        if land and land != _HOME:
            intro.append(line("anderes_land", land=land))
        if form is None:
            intro.append(line("form_unbekannt"))
        elif form.key == _OPEN_AGREEMENT:
            intro.append(line("form_ohne_art"))
        elif form not in forms:
            intro.append(line("fremde_form", form=form.title))
        intro += draft.quoted(
            "grundlage_beispiel", entry, dig(entry.content, "nachnutzung", "rechtsgrundlage")
        )
    if len(forms) != 1:
        intro.append(line("formen_infrage" if forms else "formen_offen"))
    undecided = not forms or _OPEN_AGREEMENT in codes or {_PASSING, _MANDATING} <= codes
    return section(
        "recht",
        *intro,
        parts=(
            *(_form_part(draft, one, forms[:index]) for index, one in enumerate(forms)),
            _choice_part(draft) if undecided else None,
            _approval_part(draft, forms),
        ),
    )


def _demands(form: Term) -> Sequence[Mapping[str, Any]]:
    return cast("Sequence[Mapping[str, Any]]", form.facts.get("anforderungen") or ())


def _form_part(draft: Draft, form: Term, before: Sequence[Term]) -> Section:
    """A legal form; what the law demands of one ``before`` it in the same words is not told twice."""
    facts = form.facts
    source = {"adresse": facts["quelle"], "titel": f"{form.title}: {facts['grundlage']}"}
    known = draft.behind([source] if facts["quelle"] else [])
    blocks: list[Block] = [
        Paragraph((facts["erklaerung"],)),
        Paragraph((wording.load().label("zustaendigkeit", facts["zustaendigkeit"]),)),
        line("form_grundlage", grundlage=facts["grundlage"], nachweis=known),
    ]
    told = {(row["text"], row["fundstelle"]): one for one in reversed(before) for row in _demands(one)}
    rest = [row for row in _demands(form) if (row["text"], row["fundstelle"]) not in told]
    demands = listing(
        line(
            "anforderung",
            text=row["text"].rstrip("."),
            fundstelle=row["fundstelle"],
            nachweis=_comma(draft.place(row["quelle"], row["fundstelle"])),
        )
        for row in rest
    )
    if demands:
        blocks += [line("anforderungen"), demands]
    for one in before:
        same = [
            row["fundstelle"] for row in _demands(form) if told.get((row["text"], row["fundstelle"])) is one
        ]
        if same:
            places = ", ".join(dict.fromkeys(same))
            blocks.append(line("wie_oben", form=one.title, fundstellen=places))
    return Section(form.title, tuple(blocks))


def _comma(words: str) -> str:
    return f", {words}" if words else ""


def _choice_part(draft: Draft) -> Section | None:
    return section(
        "wahl",
        line("wahl", quelle=draft.law("gkg-23")),
        listing([line("wahl_delegierend"), line("wahl_mandatierend")]),
        line("wahl_unsere"),
    )


def _approval_part(draft: Draft, forms: Sequence[Term]) -> Section | None:
    """Who has to approve. Mere understandings without a legal form need nobody."""
    blocks: list[Block] = []
    if not forms or any(one.key in _AGREEMENTS for one in forms):
        # A legal form that cites the paragraph among its demands says the same.
        stated = any(_APPROVAL.search(row["fundstelle"]) for one in forms for row in _demands(one))
        if not stated:
            blocks += [line("genehmigung", quelle=draft.law("gkg-24")), line("unterrichtung")]
        blocks.append(line("aufsicht"))
    if any(one.key not in _AGREEMENTS and one.facts["gruppe"] != _UNDERSTANDING for one in forms):
        blocks.append(line("aufsicht_klaeren"))
    return section("genehmigung", *blocks)
