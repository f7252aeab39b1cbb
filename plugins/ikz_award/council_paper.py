"""The skeleton of a council paper as a value and as Markdown: what is known of a pattern or a case, and gaps for the rest.

What comes from whom stays visible: facts name their sources by number, advice of the editors is introduced as such, and
a gap says what the municipality has to add. Takes public values only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias, cast

from ikz_award import richtext, routes, wording
from ikz_award.dates import PartialDate
from ikz_award.model import Facts, Term
from ikz_award.publication import Entry

# The law on agreements, §§ 23 to 26 GkG NRW, is the same for these; the first does not say what becomes of the task.
_OPEN_AGREEMENT = "oerv"
_PASSING, _MANDATING = "oerv_delegierend", "oerv_mandatierend"
_AGREEMENTS = frozenset({_OPEN_AGREEMENT, _PASSING, _MANDATING})
# The paragraph as a whole, or the sentence on approval in it.
_APPROVAL = re.compile(r"§ 24 (?:Abs\. (?:1 und )?2\b.*)?GkG")
_FOREIGN_LAW, _UNDERSTANDING = "anderes-land", "absprache"
_HOME = "Nordrhein-Westfalen"
_ALL_PARTIES, _FIRST_PARTIES = 6, 5
_EXAMPLES = 5

# Not allowed in XML 1.0, so not in a DOCX either; and marks that turn the direction of a text without being seen.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t\r\n\x85\u2028\u2029]+")
_GAP = re.compile(r"\[\[(.+?)\]\]")


@dataclass(frozen=True, slots=True)
class Gap:
    """A place the municipality fills; ``hint`` says with what."""

    hint: str


@dataclass(frozen=True, slots=True)
class Link:
    """An address readers can follow, shown as it is."""

    address: str


Piece: TypeAlias = str | Gap | Link


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words, gaps and addresses in a row."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; ``start`` is the number of its first item, ``boxes`` means items that are ticked off."""

    items: tuple[Paragraph, ...]
    ordered: bool = False
    start: int = 1
    boxes: bool = False


Block: TypeAlias = Paragraph | Listing


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it; never empty. ``parts`` are sections one level down."""

    title: str
    blocks: tuple[Block, ...]
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. The last of its sections lists ``sources``, pairs of title and address.

    ``origin`` is the address of the page it was made from, ``as_of`` the day in words on which the sources were read
    last, or empty. Neither depends on the day of the build, so the same data make the same paper on any day.
    """

    title: str
    lead: tuple[Paragraph, ...]
    sections: tuple[Section, ...]
    sources: tuple[tuple[str, str], ...]
    origin: str
    as_of: str


def for_pattern(
    pattern: Term,
    forms: Sequence[Term],
    *,
    related: Mapping[str, Term],
    examples: Sequence[Entry] = (),
    site: str = "",
) -> Paper:
    """The paper of a pattern.

    Args:
        pattern: the pattern.
        forms: legal forms that come into question for it, maybe none.
        related: patterns by code, to name its alternatives.
        examples: cases that show it; the first ones are named.
        site: address of the site's root, or empty while it is unknown.
    """
    draft = _Draft(site)
    facts = pattern.facts
    shown = [one for one in examples if not one.limited][:_EXAMPLES]
    return draft.paper(
        title=_say("titel", "muster", muster=pattern.title),
        sections=(
            _section("betreff", _line("betreff_muster", muster=pattern.title)),
            _council(),
            _resolution(forms),
            _section(
                "sachverhalt",
                parts=(
                    _section("problem", _line("problem")),
                    _pattern_part(draft, pattern),
                    _section("beispiele", _listing(draft.example(one) for one in shown)),
                ),
            ),
            _key_question(pattern),
            _law(draft, forms),
            _section("finanzen", *_effort(draft, None, pattern), *_money(draft)),
            _section("personal", _line("personal")),
            _alternatives(pattern, related),
            _risks(draft, None, pattern),
            _next_steps(draft, None, pattern),
            _checklist(pattern),
            _annexes(draft, None),
        ),
        address=routes.pattern(pattern.key),
        as_of=_last_read(facts),
    )


def for_case(
    entry: Entry,
    pattern: Term | None,
    form: Term | None,
    *,
    related: Mapping[str, Term],
    forms: Sequence[Term] = (),
    task_fields: Sequence[str] = (),
    site: str = "",
) -> Paper:
    """The paper of a case: what its own record lacks for imitation comes from the pattern, and says so.

    Args:
        entry: a published case.
        pattern: the pattern it shows, if any.
        form: its legal form, if known.
        related: patterns by code, to name the alternatives of ``pattern``.
        forms: legal forms that come into question for the pattern; offered where that of the case is open.
        task_fields: titles of its task fields.
        site: address of the site's root, or empty while it is unknown.

    Raises:
        ValueError: only a few facts of the entry are published, and it has no page to refer to.
    """
    if entry.limited:
        message = "an entry without consent has no council paper"
        raise ValueError(message)
    draft = _Draft(site)
    usable = form if form and form.facts["gruppe"] != _FOREIGN_LAW else None
    subject = (
        _line("betreff_fall_aufgabe", fall=entry.title, aufgabe=", ".join(task_fields))
        if task_fields
        else _line("betreff_fall", fall=entry.title)
    )
    return draft.paper(
        title=_say("titel", "fall", fall=entry.title),
        sections=(
            _section("betreff", subject),
            _council(),
            _resolution((usable,) if usable and usable.key != _OPEN_AGREEMENT else forms),
            _section(
                "sachverhalt",
                parts=(
                    _section("problem", _line("problem")),
                    _pattern_part(draft, pattern) if pattern else None,
                    _example_part(draft, entry, form),
                ),
            ),
            _key_question(pattern),
            _law(draft, (usable,) if usable else forms, entry=entry, form=form),
            _section(
                "finanzen",
                *_funding(draft, entry),
                *_effort(draft, entry, pattern),
                *_money(draft),
            ),
            _section("personal", _line("personal")),
            _alternatives(pattern, related),
            _risks(draft, entry, pattern),
            _next_steps(draft, entry, pattern),
            _checklist(pattern),
            _annexes(draft, entry),
        ),
        address=routes.entry(entry),
        as_of=_last_read(entry.content),
    )


def to_markdown(paper: Paper) -> str:
    """The paper as Markdown (CommonMark). Words of the data can neither format nor link anything."""
    lines = [f"# {_escaped(paper.title)}"]
    lines += [_inline(one) for one in paper.lead]
    for section in paper.sections:
        lines += _markdown(section, 2)
    return "\n\n".join(lines) + "\n"


def gap_text(gap: Gap) -> str:
    """A gap in words, in square brackets."""
    return _say("saetze", "luecke", hinweis=gap.hint)


def legible(text: str) -> str:
    """A text on one line, without signs that break a document or turn it around unseen; blanks at its ends stay."""
    return _BLANKS.sub(" ", _UNFIT.sub("", text))


# Sentences


@cache
def _texts() -> Mapping[str, Mapping[str, Any]]:
    return cast("Mapping[str, Mapping[str, Any]]", wording.texts("beschlussvorlage.yml"))


@cache
def _laws() -> Mapping[str, str]:
    """Titles of laws by address: a reference to one of their sentences is not the name of the page."""
    return {one["adresse"]: one["titel"] for one in _texts()["gesetze"].values()}


def _say(group: str, key: str, **values: object) -> str:
    return cast("str", _texts()[group][key]).format(**values)


def _pieces(template: str, **values: object) -> tuple[Piece, ...]:
    """A sentence with its gaps. They are found before the values come in, so a value cannot bring one along."""
    parts = [part.format(**values) for part in _GAP.split(template)]
    return tuple(Gap(part) if index % 2 else part for index, part in enumerate(parts) if part)


def _line(key: str, **values: object) -> Paragraph:
    return Paragraph(_pieces(_texts()["saetze"][key], **values))


def _section(
    key: str, *blocks: Block | None, parts: Iterable[Section | None] = (), **values: object
) -> Section | None:
    """A section of what is there; ``None`` if nothing is, so that no heading stands alone."""
    present = tuple(one for one in blocks if one is not None)
    below = tuple(one for one in parts if one is not None)
    return Section(_say("ueberschriften", key, **values), present, below) if present or below else None


def _listing(items: Iterable[Paragraph], *, ordered: bool = False, boxes: bool = False) -> Listing | None:
    rows = tuple(items)
    return Listing(rows, ordered=ordered, boxes=boxes) if rows else None


def _long(text: object, label: str = "") -> tuple[Block, ...]:
    """A long text as blocks; ``label`` names the sentence in front of it."""
    blocks: list[Block] = []
    for one in richtext.to_blocks(cast("str | None", text)):
        if isinstance(one, richtext.Prose):
            blocks.append(Paragraph((one.text,)))
        else:
            blocks.append(Listing(tuple(Paragraph((item,)) for item in one.items), one.ordered, one.start))
    if not blocks or not label:
        return tuple(blocks)
    words = _line(label).pieces
    first = blocks[0]
    if isinstance(first, Paragraph):
        return (Paragraph((*words, *first.pieces)), *blocks[1:])
    return (Paragraph(words), *blocks)


def _dig(facts: Facts, *path: str) -> Any:  # noqa: ANN401 - values of records are of any kind
    """The value below ``facts``; nothing if the description of the data does not know a key."""
    value: Any = facts
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _last_read(facts: Facts) -> str:
    """The day in words on which the sources were read last, or empty."""
    days = [_dig(facts, "geprueft_am"), *(row["gelesen_am"] for row in facts["quellen"])]
    known = [one for one in days if isinstance(one, PartialDate)]
    return str(max(known, key=lambda one: one.latest)) if known else ""


# What is collected while a paper is written


@dataclass
class _Draft:
    """A paper in the making: numbers its sources in the order in which they are first needed.

    ``titles`` are those of sources by address; one known only for paragraphs of a law has them in ``places`` instead.
    """

    site: str
    titles: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)

    def cite(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """„Quellen 1 bis 3“ for rows with address and title, or empty."""
        numbers = []
        for row in rows:
            address = str(row["adresse"])
            if not self.titles.get(address):
                title = _laws().get(address) or str(row.get("titel") or address)
                read = row.get("gelesen_am")
                self.titles[address] = _say("saetze", "gelesen", titel=title, tag=read) if read else title
            numbers.append(list(self.titles).index(address) + 1)
        return _numbered(sorted(set(numbers)))

    def law(self, key: str) -> str:
        """The same for a law that a sentence of ours names."""
        return self.cite([_texts()["gesetze"][key]])

    def place(self, address: str | None, place: str) -> str:
        """The same for a page that tells a paragraph of a law; its own title may be unknown."""
        if not address:
            return ""
        if not self.titles.setdefault(address, _laws().get(address, "")):
            places = self.places.setdefault(address, [])
            if place not in places:
                places.append(place)
        return _numbered([list(self.titles).index(address) + 1])

    def behind(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """The same in brackets, to stand behind a word."""
        found = self.cite(rows)
        return _say("saetze", "nachweis", quellen=found) if found else ""

    def witness(self, entry: Entry) -> str:
        """Who says what an entry tells."""
        return self.cite(entry.content["quellen"]) or _say("saetze", "einreichende")

    def quoted(self, key: str, entry: Entry, text: object) -> tuple[Block, ...]:
        """A long text of a case below a sentence that says so."""
        blocks = _long(text)
        return (_line(key, nachweis=self.witness(entry)), *blocks) if blocks else ()

    def address(self, path: str) -> str:
        """Where a page of the site is; below an unknown root its path alone."""
        return f"{self.site.rstrip('/')}/{path}" if self.site else path

    def example(self, entry: Entry) -> Paragraph:
        """One line on a case."""
        words = _line("beispiel", fall=entry.title, satz=entry.content["ein_satz"] or "").pieces
        return Paragraph((*words, " ", Link(self.address(routes.entry(entry)))))

    def paper(self, *, title: str, sections: Iterable[Section | None], address: str, as_of: str) -> Paper:
        """The paper, closed by the list of everything that was cited in it."""
        origin = self.address(address)
        sources = tuple(
            (name or _say("saetze", "fundstellen", stellen="; ".join(self.places[target])), target)
            for target, name in self.titles.items()
        )
        made: list[Piece] = [_say("saetze", "herkunft"), Link(origin), ". "]
        if as_of:
            made.append(_say("saetze", "herkunft_stand", stand=as_of) + " ")
        closing = _section(
            "quellen",
            _listing((_reference(*one) for one in sources), ordered=True),
            Paragraph((*made, _say("saetze", "lizenz"))),
        )
        present = tuple(one for one in (*sections, closing) if one is not None)
        return Paper(title, (_line("vorspann"),), present, sources, origin, as_of)


def _reference(title: str, address: str) -> Paragraph:
    return Paragraph((Link(address),) if title == address else (f"{title}, ", Link(address)))


def _numbered(numbers: Sequence[int]) -> str:
    """„Quelle 2“ or „Quellen 1 bis 3 und 7“."""
    if not numbers:
        return ""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    words: list[str] = []
    for run in runs:
        long = len(run) > 2
        words += [_say("saetze", "von_bis", von=run[0], bis=run[-1])] if long else [str(one) for one in run]
    joined = _say("saetze", "und").join(filter(None, (", ".join(words[:-1]), words[-1])))
    return _say("saetze", "quelle" if len(numbers) == 1 else "quellen", zahlen=joined)


# The sections


def _council() -> Section | None:
    return _section("beratungsfolge", _listing([_line("vorberatung"), _line("entscheidung")]))


def _resolution(forms: Sequence[Term]) -> Section | None:
    match forms:
        case []:
            form = _line("beschluss_form_offen")
        case [one]:
            form = _line("beschluss_form", form=one.title, grundlage=one.facts["grundlage"])
        case _:
            form = _line("beschluss_form_auswahl", auswahl="; ".join(one.title for one in forms))
    steps = [_line("beschluss_partner"), form, _line("beschluss_auftrag"), _line("beschluss_bericht")]
    return _section("beschluss", _listing(steps, ordered=True))


def _pattern_part(draft: _Draft, pattern: Term) -> Section | None:
    facts = pattern.facts
    return _section(
        "muster",
        Paragraph((facts["ein_satz"],)),
        _line("beschreibung", nachweis=draft.behind(facts["quellen"])),
        *_long(facts["problem"], "muster_problem"),
        *_long(facts["loesung"], "muster_loesung"),
        muster=pattern.title,
    )


def _example_part(draft: _Draft, entry: Entry, form: Term | None) -> Section | None:
    facts = entry.content
    effects = _listing(_effect(row) for row in facts["wirkung"])
    hint = facts["beleg_hinweis"]
    return _section(
        "beispiel",
        Paragraph((facts["kurzbeschreibung"] or facts["ein_satz"],)),
        _listing(_particulars(facts, form)),
        *_long(facts["anlass"], "anlass"),
        *_long(facts["ziel"], "ziel"),
        *_long(facts["umsetzung"], "umsetzung"),
        *((_line("wirkungen"), effects) if effects else ()),
        _line("belegt", nachweis=draft.witness(entry)),
        _line("beleg_hinweis", hinweis=hint) if hint else None,
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
    return (Paragraph((_say("angaben", key, wert=value),)) for key, value in values.items() if value)


def _parties(rows: Sequence[Mapping[str, Any]]) -> str:
    """Their names; of many the first ones, and how many more there are."""
    named = rows if len(rows) <= _ALL_PARTIES else rows[:_FIRST_PARTIES]
    names = [
        _say("saetze", "stellen", name=row["name"], anzahl=row["anzahl"]) if row["anzahl"] else row["name"]
        for row in named
    ]
    more = sum(row["anzahl"] or 1 for row in rows[len(named) :])
    listed = ", ".join(names)
    return _say("saetze", "weitere", namen=listed, anzahl=more) if more else listed


def _effect(row: Mapping[str, Any]) -> Paragraph:
    amount = " ".join(str(row[key]) for key in ("wert", "einheit") if row[key])
    direction = wording.load().label("richtung", row["richtung"]) if row["richtung"] else ""
    optional = {"wert": amount, "zeitraum": row["zeitraum"], "richtung": direction, "beleg": row["beleg"]}
    words = {
        key: _say("saetze", f"wirkung_{key}", **{key: value}) if value else ""
        for key, value in optional.items()
    }
    return _line("wirkung", groesse=row["groesse"], **words)


def _key_question(pattern: Term | None) -> Section | None:
    if pattern is None:
        return _section("kernfrage", _line("warum_so"))
    return _section(
        "kernfrage",
        _line("kernfrage", frage=pattern.facts["kernfrage"]),
        _line("antwort"),
        *_long(pattern.facts["kontext"], "passt"),
        _line("warum_partner"),
    )


def _law(
    draft: _Draft, forms: Sequence[Term], *, entry: Entry | None = None, form: Term | None = None
) -> Section | None:
    """The legal forms in question, what the law demands of them, and what has to be decided before.

    ``form`` is that of the example ``entry``.
    """
    codes = {one.key for one in forms}
    intro: list[Block] = []
    if entry:
        land = entry.content["land"]
        if land and land != _HOME:
            intro.append(_line("anderes_land", land=land))
        if form is None:
            intro.append(_line("form_unbekannt"))
        elif form not in forms:
            intro.append(_line("fremde_form", form=form.title))
        intro += draft.quoted(
            "grundlage_beispiel", entry, _dig(entry.content, "nachnutzung", "rechtsgrundlage")
        )
    if len(forms) != 1:
        intro.append(_line("formen_infrage" if forms else "formen_offen"))
    undecided = not forms or _OPEN_AGREEMENT in codes or {_PASSING, _MANDATING} <= codes
    return _section(
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


def _form_part(draft: _Draft, form: Term, before: Sequence[Term]) -> Section:
    """A legal form; what the law demands of one ``before`` it in the same words is not told twice."""
    facts = form.facts
    source = {"adresse": facts["quelle"], "titel": f"{form.title}: {facts['grundlage']}"}
    known = draft.behind([source] if facts["quelle"] else [])
    blocks: list[Block] = [
        Paragraph((facts["erklaerung"],)),
        Paragraph((wording.load().label("zustaendigkeit", facts["zustaendigkeit"]),)),
        _line("form_grundlage", grundlage=facts["grundlage"], nachweis=known),
    ]
    told = {(row["text"], row["fundstelle"]): one for one in reversed(before) for row in _demands(one)}
    rest = [row for row in _demands(form) if (row["text"], row["fundstelle"]) not in told]
    demands = _listing(
        _line(
            "anforderung",
            text=row["text"].rstrip("."),
            fundstelle=row["fundstelle"],
            nachweis=_comma(draft.place(row["quelle"], row["fundstelle"])),
        )
        for row in rest
    )
    if demands:
        blocks += [_line("anforderungen"), demands]
    for one in before:
        same = [
            row["fundstelle"] for row in _demands(form) if told.get((row["text"], row["fundstelle"])) is one
        ]
        if same:
            places = ", ".join(dict.fromkeys(same))
            blocks.append(_line("wie_oben", form=one.title, fundstellen=places))
    return Section(form.title, tuple(blocks))


def _comma(words: str) -> str:
    return f", {words}" if words else ""


def _choice_part(draft: _Draft) -> Section | None:
    return _section(
        "wahl",
        _line("wahl", quelle=draft.law("gkg-23")),
        _listing([_line("wahl_delegierend"), _line("wahl_mandatierend")]),
        _line("wahl_unsere"),
    )


def _approval_part(draft: _Draft, forms: Sequence[Term]) -> Section | None:
    """Who has to approve. Mere understandings without a legal form need nobody."""
    blocks: list[Block] = []
    if not forms or any(one.key in _AGREEMENTS for one in forms):
        # A legal form that cites the paragraph among its demands says the same.
        stated = any(_APPROVAL.search(row["fundstelle"]) for one in forms for row in _demands(one))
        if not stated:
            blocks += [_line("genehmigung", quelle=draft.law("gkg-24")), _line("unterrichtung")]
        blocks.append(_line("aufsicht"))
    if any(one.key not in _AGREEMENTS and one.facts["gruppe"] != _UNDERSTANDING for one in forms):
        blocks.append(_line("aufsicht_klaeren"))
    return _section("genehmigung", *blocks)


def _funding(draft: _Draft, entry: Entry) -> tuple[Block, ...]:
    """How the example shares its costs: in kinds, and in its own words."""
    label = wording.load().label
    kinds = ", ".join(
        label("finanzierung", row["wert"]) for row in entry.content.get("finanzierung_art") or ()
    )
    told = draft.quoted("finanzierung", entry, entry.content["finanzierung"])
    if not kinds:
        return told
    return (_line("finanzierung_art", arten=kinds, nachweis=draft.witness(entry)), *told)


def _effort(draft: _Draft, entry: Entry | None, pattern: Term | None) -> tuple[Block, ...]:
    if entry:
        own = draft.quoted("aufwand_beispiel", entry, _dig(entry.content, "nachnutzung", "aufwand"))
        if own:
            return own
    level = _dig(pattern.facts, "nachmachen", "aufwand") if pattern else None
    if pattern is None or not level:
        return ()
    hint = _dig(pattern.facts, "nachmachen", "aufwand_hinweis")
    words = _line("aufwand", muster=pattern.title, stufe=_say("aufwand", level)).pieces
    return (Paragraph((*words, f" {hint}") if hint else words),)


def _money(draft: _Draft) -> tuple[Block, ...]:
    return (
        _line("eigene_zahlen"),
        _line("steuer", steuer=draft.law("ustg-2b"), vergabe=draft.law("gwb-108")),
    )


def _alternatives(pattern: Term | None, related: Mapping[str, Term]) -> Section | None:
    codes = (
        [row["muster"] for row in pattern.facts["verwandt"] if row["art"] == "alternative-zu"]
        if pattern
        else []
    )
    others = [related[code] for code in codes if code in related]
    items = [_line("alternative", muster=one.title, satz=one.facts["ein_satz"]) for one in others]
    return _section("alternativen", _listing([*items, _line("ohne")]))


def _kit(draft: _Draft, entry: Entry | None, pattern: Term | None, key: str) -> tuple[Block, ...]:
    """A part of the instructions for imitation: the case's own, or else the editors' advice on the pattern."""
    if entry:
        own = draft.quoted("aus_dem_beispiel", entry, _dig(entry.content, "nachnutzung", key))
        if own:
            return own
    return _advice(pattern, _dig(pattern.facts, "nachmachen", key)) if pattern else ()


def _advice(pattern: Term, text: object) -> tuple[Block, ...]:
    """A text of the editors that rests on experience, marked as such."""
    blocks = _long(text)
    return (_line("rat", muster=pattern.title), *blocks) if blocks else ()


def _risks(draft: _Draft, entry: Entry | None, pattern: Term | None) -> Section | None:
    parts = [_section("stolpersteine", *_kit(draft, entry, pattern, "stolpersteine"))]
    if pattern:
        told = _line("beschreibung", nachweis=draft.behind(pattern.facts["quellen"]))
        for key in ("folgen", "kraefte"):
            blocks = _long(pattern.facts[key])
            parts.append(_section(key, told, *blocks) if blocks else None)
        parts.append(_section("rat", *_advice(pattern, pattern.facts["rat"])))
    return _section("risiken", _line("umgang"), parts=parts)


def _next_steps(draft: _Draft, entry: Entry | None, pattern: Term | None) -> Section | None:
    office = _dig(entry.content, "nachnutzung", "kontakt") if entry else None
    return _section(
        "schritte",
        _line("zeitplan"),
        _line("ansprechstelle", stelle=office) if office else None,
        parts=(
            _section("voraussetzungen", *_kit(draft, entry, pattern, "voraussetzungen")),
            _section("weg", *_kit(draft, entry, pattern, "schritte")),
        ),
    )


def _checklist(pattern: Term | None) -> Section | None:
    rows = (pattern.facts.get("checkliste") or ()) if pattern else ()
    boxes = _listing((Paragraph((row["wert"],)) for row in rows), boxes=True)
    if pattern is None or boxes is None:
        return _section("checkliste", _line("pruefpunkte"))
    return _section("checkliste", _line("rat", muster=pattern.title), boxes)


def _annexes(draft: _Draft, entry: Entry | None) -> Section | None:
    material: list[Block] = []
    if entry:
        material += draft.quoted("unterlagen", entry, _dig(entry.content, "nachnutzung", "unterlagen"))
    links = [
        Paragraph((f"{row['titel']}, ", Link(row["adresse"])))
        for row in (entry.content["links"] if entry else ())
    ]
    return _section("anlagen", _listing([_line("anlage_entwurf"), _line("anlage_kosten"), *links]), *material)


# Markdown

_ANYWHERE = re.compile(r"[\\`*\[\]<~#]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")


def _escaped(text: str) -> str:
    """A text in which nothing means more than it says; words with underscores and addresses stay readable."""
    return _ANYWHERE.sub(lambda match: "\\" + match[0], legible(text))


def _inline(paragraph: Paragraph) -> str:
    parts = []
    for piece in paragraph.pieces:
        match piece:
            case Gap():
                parts.append(f"**{_say('saetze', 'luecke', hinweis=_escaped(piece.hint))}**")
            case Link():
                parts.append(_target(legible(piece.address)))
            case _:
                parts.append(_escaped(piece))
    line = "".join(parts).strip(" ")
    # A number or a sign at the start would make a list or a heading of the paragraph.
    return re.sub(r"^(\d{1,9})(?=[.)](?:\s|$))", r"\1\\", re.sub(r"^(?=[>+=-])", r"\\", line))


def _target(address: str) -> str:
    """An address as a link where it is one, as words where it is the path of a page on a site still unknown."""
    whole = re.fullmatch(r"(?:https?://|mailto:)[^\s<>]+", address, re.IGNORECASE)
    return f"<{address}>" if whole else _escaped(address)


def _markdown(section: Section, level: int) -> list[str]:
    lines = [f"{'#' * level} {_escaped(section.title)}"]
    for block in section.blocks:
        if isinstance(block, Paragraph):
            lines.append(_inline(block))
        else:
            lines.append("\n".join(_item(block, index) for index in range(len(block.items))))
    for part in section.parts:
        lines += _markdown(part, level + 1)
    return lines


def _item(listing: Listing, index: int) -> str:
    text = _inline(listing.items[index])
    if listing.ordered:
        return f"{listing.start + index}. {text}"
    return f"- [ ] {text}" if listing.boxes else f"- {text}"
