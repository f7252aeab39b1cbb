"""Rules of privacy: consents, addresses and numbers of people, and where links in texts lead. Always in force."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ikz_award import text as texts
from ikz_award.checks.registry import Context, Reader, case_rule, lone_rule, record_rule
from ikz_award.dates import Moment, in_words
from ikz_award.findings import Finding
from ikz_award.model import Case, Record
from ikz_award.schema import Table
from ikz_award.yamlfile import Path as KeyPath

# Contact data that the public is meant to have: that of an edition, and what the law wants of the operator.
_MEANT = {
    "editionen": {"kontakt.stelle", "kontakt.telefon", "kontakt.email"},
    "betreiber": {
        *("impressum.email", "impressum.telefon", "impressum.umsatzsteuer"),
        *("datenschutz.verantwortlich", "datenschutz.beauftragte_stelle", "barrierefreiheit.formular"),
    },
}
# Links in long texts, each with its target: in brackets, in angle brackets and as a definition.
_LINKS = re.compile(
    r"\[[^\[\]]*\]\(\s*(?:<(?P<angle>[^<>\n]*)>|(?P<bare>(?:[^\s()<>]|\([^\s()]*\))*))"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
    r"|<(?P<auto>[a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>"
    r"|^ {0,3}\[[^\[\]]+\]:\s*<?(?P<defined>[^\s<>]+)",
    re.IGNORECASE | re.MULTILINE,
)
_LOCAL_PART = re.compile(r"[\w.+-]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>()\"']*", re.IGNORECASE)
# Other targets vanish from a page without a word, or their Markdown stays to be read.
_KEPT = ("http:", "https:", "mailto:")
_RUNS = ("javascript:", "vbscript:", "data:", "file:")
_MAX_SHOWN = 60


@case_rule(
    "einwilligung-stimmig",
    "E318",
    of_award=False,
    clause="DSGVO, Artikel 7",
    summary="Eine Einwilligung hat ein Datum, das nicht in der Zukunft liegt; auch ein Widerruf hat eines, und es liegt nicht davor.",
)
def _consent(case: Case, context: Context) -> Iterator[Finding]:
    record = case.record
    given, withdrawn = record["einwilligung.erteilt_am"], record["einwilligung.widerrufen_am"]
    wanted = (
        record["einwilligung.grundlage"] != "oeffentliche-quellen"
        and record["einwilligung.veroeffentlichung"]
    )
    if wanted and given is None:
        yield Finding("E318", record.key_place("einwilligung"), "Einwilligung")
    if isinstance(given, Moment) and given.day > context.today:
        # The gate takes it for none until that day; then the same files would give another site, and nobody builds it.
        values = {"heute": in_words(context.today)}
        yield Finding("E344", record.place("einwilligung", "erteilt_am"), "Einwilligung erteilt am", values)
    written = (*record.base, "einwilligung", "widerrufen_am")
    if withdrawn is None and record.raw.document.holds(written):
        # Whoever has begun to write a withdrawal down must not find the page still there because the day is missing.
        yield Finding("E451", record.key_place("einwilligung", "widerrufen_am"), "Einwilligung widerrufen am")
    if isinstance(given, Moment) and isinstance(withdrawn, Moment) and withdrawn.ends < given.begins:
        yield Finding("E319", record.place("einwilligung", "widerrufen_am"), "Einwilligung widerrufen am")


@lone_rule(
    "nur-stellen-als-kontakt",
    "E326",
    of_award=False,
    clause="DSGVO, Artikel 5 (Datenminimierung)",
    summary="Öffentliche Adressen gehören Stellen, nicht Personen.",
)
def _functional_addresses(record: Record, reader: Reader) -> Iterator[Finding]:
    for path, label, value in reader.public(record, "adresse"):
        # Beside the path, a „?cc=…“ can name people; nothing behind the address is shown to whoever clicks.
        scheme, _, address = value.partition(":")
        if scheme.casefold() == "mailto" and not _is_meant(record.table, path[len(record.base) :]):
            yield from _address(record, path, label, address)
    contact = record["kontakt.email"]
    if record.table.name == "editionen" and isinstance(contact, str):
        yield from _address(record, (*record.base, "kontakt", "email"), "E-Mail", contact)


def _address(record: Record, path: KeyPath, label: str, address: str) -> Iterator[Finding]:
    place = record.raw.place(record.raw.document.spot(path))
    if not texts.EMAIL.fullmatch(address):
        yield Finding("E341", place, label, {"wert": address})
    elif not texts.is_functional_address(address):
        yield Finding("E326", place, label, {"wert": address})


@lone_rule(
    "keine-kontaktdaten-im-text",
    "E327",
    of_award=False,
    clause="DSGVO, Artikel 5 (Datenminimierung)",
    summary="Texte für die Öffentlichkeit enthalten weder E-Mail-Adressen noch Telefonnummern.",
)
def _no_contact_data(record: Record, reader: Reader) -> Iterator[Finding]:
    values = reader.public(record, "text", "markdown")
    # All of them together, since one look takes a fraction of the time of twenty; lines end what is looked for.
    whole = "\n".join(value for *_, value in values)
    if not any(texts.emails(one) or phones(one) for one in texts.as_read(whole)):
        return
    for path, label, value in values:
        if _is_meant(record.table, path[len(record.base) :]):
            continue
        readings = texts.as_read(value)
        mails = next(filter(None, map(texts.emails, readings)), [])
        numbers = next(filter(None, map(phones, readings)), [])
        for code, found in (("E327", mails), ("E328", numbers)):
            for one in dict.fromkeys(found):
                spot = record.raw.document.locate(path, one)
                if spot == record.raw.document.spot(path):
                    # Written otherwise, the part before the @ may still stand there.
                    spot = record.raw.document.locate(path, one.partition("@")[0])
                yield Finding(code, record.raw.place(spot), label, {"wert": one})


def phones(text: str) -> list[str]:
    """Telephone numbers in a text; what stands in the address of a page is none."""
    return texts.phones(_WEB_ADDRESS.sub(" ", text) if "://" in text else text)


def contacts(text: str) -> Iterator[tuple[str, str]]:
    """Each address of somebody, and each number, with the code of its finding."""
    people = [one for one in texts.emails(text) if not texts.is_functional_address(local_part(one))]
    for code, found in (("E327", people), ("E328", phones(text))):
        for one in dict.fromkeys(found):
            yield code, one


def local_part(address: str) -> str:
    """What stands before the @, or before its disguise."""
    found = _LOCAL_PART.match(address)
    return found[0] if found else address


def _is_meant(table: Table, path: KeyPath) -> bool:
    return ".".join(str(part) for part in path) in _MEANT.get(table.name, ())


@record_rule(
    "verweis-bleibt",
    "E342",
    of_award=False,
    clause="Gute Daten",
    summary="Verweise in langen Texten beginnen mit https://, http:// oder mailto:, sonst erscheinen sie nicht.",
)
def _links_stay(record: Record, context: Context) -> Iterator[Finding]:
    edition = context.data.editions.get(record.text("edition"))
    for path, label, value in context.reader.public(record, "markdown"):
        for target, written in _links(value):
            # The invented edition holds some that run a program on purpose: its pages show that they do no harm.
            on_purpose = edition is not None and edition.is_example and target.lower().startswith(_RUNS)
            kept = target.lower().startswith(_KEPT) and texts.leads_somewhere(target)
            if not kept and not on_purpose:
                spot = record.raw.document.locate(path, written.strip())
                shown = " ".join(written.split())[:_MAX_SHOWN]
                yield Finding("E342", record.raw.place(spot), label, {"wert": shown})


def _links(text: str) -> Iterator[tuple[str, str]]:
    """Targets of all links in Markdown, each with what is written there."""
    if "](" not in text and "]:" not in text and "<" not in text:
        return
    for match in _LINKS.finditer(texts.CODE.sub(" ", text)):
        yield next((one for one in match.groups() if one), ""), match[0]
