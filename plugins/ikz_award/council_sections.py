"""The sections of a council paper apart from the law; each is left out where there is nothing to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ikz_award import routes, wording
from ikz_award.council_draft import Draft, dig, line, listing, long_text, say, section
from ikz_award.model import Facts, Term, party_count
from ikz_award.paper import Block, Link, Paragraph, Piece, Section
from ikz_award.publication import Entry

_ALL_PARTIES, _FIRST_PARTIES = 6, 5


def has_paper(pattern: Term) -> bool:
    """Whether a pattern says enough for a paper of its own."""
    return bool(dig(pattern.facts, "nachmachen", "schritte"))


def head() -> Section | None:
    """What stands above every paper of a municipality."""
    keys = ("vorlage_nr", "vorlage_datum", "vorlage_beratung", "vorlage_amt")
    return section("vorlage", listing(line(one) for one in keys))


def council() -> Section | None:
    """Who deliberates, and who decides."""
    return section("beratungsfolge", listing([line("vorberatung"), line("entscheidung")]))


def pattern_part(draft: Draft, pattern: Term, further: Sequence[Term] = ()) -> Section | None:
    """The pattern: its problem and its solution; ``further`` ones of the example are named."""
    facts = pattern.facts
    return section(
        "muster",
        Paragraph((facts["ein_satz"],)),
        line("beschreibung", nachweis=draft.behind(facts["quellen"])),
        *long_text(facts["problem"], "muster_problem"),
        *long_text(facts["loesung"], "muster_loesung"),
        _further(draft, further) if further else None,
        muster=pattern.title,
    )


def _further(draft: Draft, patterns: Sequence[Term]) -> Paragraph:
    """That the paper leaves out these patterns, and where to find their own papers."""
    pieces: list[Piece] = [say("saetze", "weitere_muster")]
    for index, one in enumerate(patterns):
        if index:
            pieces.append(say("saetze", "und") if one is patterns[-1] else ", ")
        pieces.append(say("saetze", "weiteres_muster", muster=one.title))
        if has_paper(one):
            pieces += [say("saetze", "eigene_vorlage"), *draft.where(routes.pattern(one.key)), ")"]
    return Paragraph((*pieces, "."))


def examples_part(draft: Draft, entries: Iterable[Entry]) -> Section | None:
    """One line on each of several cases."""
    lines = []
    for one in entries:
        words = line("beispiel", fall=one.title, satz=one.content["ein_satz"] or "").pieces
        lines.append(Paragraph((*words, " ", *draft.where(routes.entry(one)))))
    return section("beispiele", listing(lines))


def example_part(draft: Draft, entry: Entry, form: Term | None) -> Section | None:
    """The case that serves as the example, and what proves it."""
    facts = entry.content
    effects = listing(_effect(row) for row in facts["wirkung"])
    hint = facts["beleg_hinweis"]
    return section(
        "beispiel",
        Paragraph((facts["kurzbeschreibung"] or facts["ein_satz"],)),
        listing(_particulars(facts, form)),
        *long_text(facts["anlass"], "anlass"),
        *long_text(facts["ziel"], "ziel"),
        *long_text(facts["umsetzung"], "umsetzung"),
        *((line("wirkungen"), effects) if effects else ()),
        line("belegt", nachweis=draft.witness(entry)),
        line("beleg_hinweis", hinweis=hint) if hint else None,
        fall=entry.title,
    )


def _particulars(facts: Facts, form: Term | None) -> Iterable[Paragraph]:
    """What is known of a case, one line each, in the order of its page."""
    state = facts["stand"]
    values = {
        "federfuehrung": facts["federfuehrung"],
        "beteiligte": _parties(facts["beteiligte"]),
        "rechtsform": form.title if form else None,
        **{key: facts[key] for key in ("vereinbart_am", "geaendert_am", "in_betrieb_seit", "belegt_seit")},
        "stand": wording.load().label("stand", state) if state else None,
        "land": facts["land"],
    }
    return (Paragraph((say("angaben", key, wert=value),)) for key, value in values.items() if value)


def _parties(rows: Sequence[Mapping[str, Any]]) -> str:
    """Their names; of many the first ones, and how many more there are."""
    named = rows if len(rows) <= _ALL_PARTIES else rows[:_FIRST_PARTIES]
    names = [
        say("saetze", "stellen", name=row["name"], anzahl=row["anzahl"]) if row["anzahl"] else row["name"]
        for row in named
    ]
    more = party_count(rows[len(named) :])
    listed = ", ".join(names)
    return say("saetze", "weitere", namen=listed, anzahl=more) if more else listed


def _effect(row: Mapping[str, Any]) -> Paragraph:
    amount = " ".join(str(row[key]) for key in ("wert", "einheit") if row[key])
    direction = wording.load().label("richtung", row["richtung"]) if row["richtung"] else ""
    optional = {"wert": amount, "zeitraum": row["zeitraum"], "richtung": direction, "beleg": row["beleg"]}
    words = {
        key: say("saetze", f"wirkung_{key}", **{key: value}) if value else ""
        for key, value in optional.items()
    }
    return line("wirkung", groesse=row["groesse"], **words)


def key_question(pattern: Term | None) -> Section | None:
    """The question the pattern answers, and why the answer fits here."""
    if pattern is None:
        return section("kernfrage", line("warum_so"))
    return section(
        "kernfrage",
        line("kernfrage", frage=pattern.facts["kernfrage"]),
        line("antwort"),
        *long_text(pattern.facts["kontext"], "passt"),
        line("warum_partner"),
    )


def finances(draft: Draft, entry: Entry | None, pattern: Term | None) -> Section | None:
    """What it costs and who bears it."""
    told = _funding(draft, entry) if entry else ()
    return section("finanzen", *told, *_effort(draft, entry, pattern), *_money(draft))


def _funding(draft: Draft, entry: Entry) -> tuple[Block, ...]:
    """How the example shares its costs: in kinds, and in its own words."""
    label = wording.load().label
    kinds = ", ".join(
        label("finanzierung", row["wert"]) for row in entry.content.get("finanzierung_art") or ()
    )
    told = draft.quoted("finanzierung", entry, entry.content["finanzierung"])
    if not kinds:
        return told
    return (line("finanzierung_art", arten=kinds, nachweis=draft.witness(entry)), *told)


def _effort(draft: Draft, entry: Entry | None, pattern: Term | None) -> tuple[Block, ...]:
    if entry:
        own = draft.quoted("aufwand_beispiel", entry, dig(entry.content, "nachnutzung", "aufwand"))
        if own:
            return own
    level = dig(pattern.facts, "nachmachen", "aufwand") if pattern else None
    if pattern is None or not level:
        return ()
    hint = dig(pattern.facts, "nachmachen", "aufwand_hinweis")
    told = wording.load().label("aufwand", level)
    if not hint:
        told = say("saetze", "aufwand_heisst", stufe=told, bedeutung=say("aufwand", level))
    words = line("aufwand", muster=pattern.title, stufe=told).pieces
    return (Paragraph((*words, f" {hint}") if hint else words),)


def _money(draft: Draft) -> tuple[Block, ...]:
    return (
        line("eigene_zahlen"),
        line("steuer", steuer=draft.law("ustg-2b"), vergabe=draft.law("gwb-108")),
    )


def alternatives(pattern: Term | None, related: Mapping[str, Term]) -> Section | None:
    """Other patterns for the same problem, and doing without."""
    codes = (
        [row["muster"] for row in pattern.facts["verwandt"] if row["art"] == "alternative-zu"]
        if pattern
        else []
    )
    others = [related[code] for code in codes if code in related]
    items = [line("alternative", muster=one.title, satz=one.facts["ein_satz"]) for one in others]
    return section("alternativen", listing([*items, line("ohne")]))


def _kit(draft: Draft, entry: Entry | None, pattern: Term | None, key: str) -> tuple[Block, ...]:
    """A part of the instructions for imitation: the case's own, or else the editors' advice on the pattern."""
    if entry:
        own = draft.quoted("aus_dem_beispiel", entry, dig(entry.content, "nachnutzung", key))
        if own:
            return own
    return _advice(pattern, dig(pattern.facts, "nachmachen", key)) if pattern else ()


def _advice(pattern: Term, text: object) -> tuple[Block, ...]:
    """A text of the editors that rests on experience, marked as such."""
    blocks = long_text(text)
    return (line("rat", muster=pattern.title), *blocks) if blocks else ()


def risks(draft: Draft, entry: Entry | None, pattern: Term | None) -> Section | None:
    """What others stumbled over, and what the pattern brings with it."""
    parts = [section("stolpersteine", *_kit(draft, entry, pattern, "stolpersteine"))]
    if pattern:
        told = line("beschreibung", nachweis=draft.behind(pattern.facts["quellen"]))
        for key in ("folgen", "kraefte"):
            blocks = long_text(pattern.facts[key])
            parts.append(section(key, told, *blocks) if blocks else None)
        parts.append(section("rat", *_advice(pattern, pattern.facts["rat"])))
    return section("risiken", line("umgang"), parts=parts)


def next_steps(draft: Draft, entry: Entry | None, pattern: Term | None) -> Section | None:
    """What has to be there, and the way from here."""
    office = dig(entry.content, "nachnutzung", "kontakt") if entry else None
    return section(
        "schritte",
        line("zeitplan"),
        line("ansprechstelle", stelle=office) if office else None,
        parts=(
            section("voraussetzungen", *_kit(draft, entry, pattern, "voraussetzungen")),
            section("weg", *_kit(draft, entry, pattern, "schritte")),
        ),
    )


def checklist(pattern: Term | None) -> Section | None:
    """What to tick off before the agreement is signed."""
    rows = (pattern.facts.get("checkliste") or ()) if pattern else ()
    boxes = listing((Paragraph((row["wert"],)) for row in rows), boxes=True)
    if pattern is None or boxes is None:
        return section("checkliste", line("pruefpunkte"))
    return section("checkliste", line("rat", muster=pattern.title), boxes)


def annexes(draft: Draft, entry: Entry | None) -> Section | None:
    """What is attached, and where to find the papers of the example."""
    material: list[Block] = []
    if entry:
        material += draft.quoted("unterlagen", entry, dig(entry.content, "nachnutzung", "unterlagen"))
    links = [
        Paragraph((f"{row['titel']}, ", Link(row["adresse"])))
        for row in (entry.content["links"] if entry else ())
    ]
    return section("anlagen", listing([line("anlage_entwurf"), line("anlage_kosten"), *links]), *material)
