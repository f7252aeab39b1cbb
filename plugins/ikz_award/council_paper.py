"""Which sections a council paper has, for a pattern and for a case: what is known of it, and gaps for the rest.

What comes from whom stays visible: facts name their sources by number, advice of the editors is introduced as such, and
a gap says what the municipality has to add. Takes public values only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ikz_award import council_law, council_sections, routes
from ikz_award.catalogue import Catalogue
from ikz_award.council_draft import Draft, line, say, section
from ikz_award.model import Term, last_read
from ikz_award.paper import Paper
from ikz_award.publication import Entry

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Pending:
    """A paper still to be made: the address of its page, and a digest of all that it is made from."""

    address: str
    source: str
    make: Callable[[], Paper]


def for_all(catalogue: Catalogue) -> Iterator[Pending]:
    """A paper for every pattern with a kit and every case."""
    words = _Words()
    for pattern in catalogue.patterns.values():
        if council_sections.has_paper(pattern):
            yield words.pending(
                routes.pattern(pattern.key),
                for_pattern,
                pattern,
                catalogue.suitable_forms(pattern),
                related=_related(catalogue, pattern),
                examples=_examples(catalogue.by_pattern[pattern.key]),
                site=catalogue.website,
            )
    for entry in catalogue.described_entries.values():
        patterns = [catalogue.patterns[code] for code in entry.patterns]
        shown = patterns[0] if patterns else None
        yield words.pending(
            routes.entry(entry),
            for_case,
            entry,
            shown,
            catalogue.legal_forms.get(entry.legal_form),
            related=_related(catalogue, shown) if shown else {},
            further=patterns[1:],
            forms=catalogue.suitable_forms(shown) if shown else (),
            task_fields=[catalogue.task_fields[code].title for code in entry.task_fields],
            site=catalogue.website,
        )


class _Words:
    """Puts into words what papers are made from. A term that many papers tell of is put into words once, and shortened."""

    def __init__(self) -> None:
        self._terms: dict[int, str] = {}

    def pending(
        self, address: str, make: Callable[..., Paper], *arguments: object, **named: object
    ) -> Pending:
        """The paper that ``make`` returns for these arguments, which are its whole source."""
        source = f"{make.__name__} {self._told(arguments)} {self._told(named)}"
        return Pending(
            address, hashlib.sha256(source.encode()).hexdigest(), partial(make, *arguments, **named)
        )

    def _told(self, value: object) -> str:
        match value:
            case Term():
                return self._terms.get(id(value)) or self._terms.setdefault(id(value), _digest(value))
            case Mapping():
                return repr({key: self._told(one) for key, one in value.items()})
            case list() | tuple():
                return repr([self._told(one) for one in value])
            case _:
                return repr(value)


def _digest(term: Term) -> str:
    return hashlib.sha256(repr((term.key, term.title, term.facts)).encode()).hexdigest()


def _related(catalogue: Catalogue, pattern: Term) -> Mapping[str, Term]:
    """The patterns a pattern names, as far as they are there. All the others would only make its papers depend on them."""
    codes = (row["muster"] for row in pattern.facts["verwandt"])
    return {code: catalogue.patterns[code] for code in codes if code in catalogue.patterns}


def _examples(entries: Iterable[Entry]) -> Sequence[Entry]:
    """Those of the cases that a paper names."""
    return [one for one in entries if not one.limited][:_EXAMPLES]


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
        site: address of the site without a slash at its end, or empty while it is unknown.
    """
    draft = Draft(site)
    facts = pattern.facts
    shown = _examples(examples)
    return draft.paper(
        title=say("titel", "muster", muster=pattern.title),
        sections=(
            council_sections.head(),
            section("betreff", line("betreff_muster", muster=pattern.title)),
            council_sections.council(),
            council_law.resolution(forms),
            section(
                "sachverhalt",
                parts=(
                    section("problem", line("problem")),
                    council_sections.pattern_part(draft, pattern),
                    council_sections.examples_part(draft, shown),
                ),
            ),
            council_sections.key_question(pattern),
            council_law.law(draft, forms),
            council_sections.finances(draft, None, pattern),
            section("personal", line("personal")),
            section("klima", line("klima")),
            council_sections.alternatives(pattern, related),
            council_sections.risks(draft, None, pattern),
            council_sections.next_steps(draft, None, pattern),
            council_sections.checklist(pattern),
            council_sections.annexes(draft, None),
        ),
        page=pattern.title,
        address=routes.pattern(pattern.key),
        as_of=last_read(facts),
    )


def for_case(
    entry: Entry,
    pattern: Term | None,
    form: Term | None,
    *,
    related: Mapping[str, Term],
    further: Sequence[Term] = (),
    forms: Sequence[Term] = (),
    task_fields: Sequence[str] = (),
    site: str = "",
) -> Paper:
    """The paper of a case: what its own record lacks for imitation comes from the pattern, and says so.

    Args:
        entry: a published case.
        pattern: the pattern it shows, if any; of several the first.
        form: its legal form, if known.
        related: patterns by code, to name the alternatives of ``pattern``.
        further: the other patterns it shows; they are only named.
        forms: legal forms the pattern names; offered where that of the case is open.
        task_fields: titles of its task fields.
        site: address of the site without a slash at its end, or empty while it is unknown.

    Raises:
        ValueError: only a few facts of the entry are published, and it has no page to refer to.
    """
    if entry.limited:
        message = "an entry without consent has no council paper"
        raise ValueError(message)
    draft = Draft(site)
    open_forms = council_law.in_question(forms, form)
    subject = (
        line("betreff_fall_aufgabe", fall=entry.title, aufgabe=", ".join(task_fields))
        if task_fields
        else line("betreff_fall", fall=entry.title)
    )
    return draft.paper(
        title=say("titel", "fall", fall=entry.title),
        sections=(
            council_sections.head(),
            section("betreff", subject),
            council_sections.council(),
            council_law.resolution(open_forms),
            section(
                "sachverhalt",
                parts=(
                    section("problem", line("problem")),
                    council_sections.pattern_part(draft, pattern, further) if pattern else None,
                    council_sections.example_part(draft, entry, form),
                ),
            ),
            council_sections.key_question(pattern),
            council_law.law(draft, open_forms, entry=entry, form=form),
            council_sections.finances(draft, entry, pattern),
            section("personal", line("personal")),
            section("klima", line("klima")),
            council_sections.alternatives(pattern, related),
            council_sections.risks(draft, entry, pattern),
            council_sections.next_steps(draft, entry, pattern),
            council_sections.checklist(pattern),
            council_sections.annexes(draft, entry),
        ),
        page=entry.title,
        address=routes.entry(entry),
        as_of=last_read(entry.content),
    )
