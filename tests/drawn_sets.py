"""Random sets of records for the proof that what is hidden changes nothing: the same set for the same seed.

A set is written in two or three forms. ``ohne`` holds what the public may see, and nothing else as far as a record can be
without it. ``mit`` holds the same and everything hidden: records in every state that is not public, internal fields,
pictures, posts; each with a canary in every text. ``gezeigt`` is ``mit`` with one record more, which is public: whoever
compares has to find that.
"""

from __future__ import annotations

import io
import itertools
import shutil
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

import support

NOW = support.day("2030-07-01")
CANARY = "Kanarie"
FORMS = ("ohne", "mit", "gezeigt")
_PLACES = (
    "Wiesenau",
    "Traumfurt",
    "Nebelheim",
    "Sternbach",
    "Fabelstein",
    "Wolkenrode",
    "Märchental",
    "Silberquell",
)
_FIELDS, _PATTERNS = ("archiv", "bauhof", "musikschule"), ("gemeinsame_einrichtung", "zweigstelle")
_CATEGORIES, _FORMS = ("kultur", "umwelt", "verwaltung"), ("oerv_delegierend", "oerv_mandatierend")
_KNOWN = {
    "05900001": "Stadt Musterstadt",
    "05900002": "Gemeinde Beispielhausen",
    "05900003": "Stadt Probeheim",
}
_GIVEN = "  grundlage: einwilligung\n  veroeffentlichung: ja\n  bilder: ja\n  erteilt_am: 2030-02-0{}\n"
# Why a submission is not public, with its status, its consent and the edition it lies in.
HIDDEN = {
    **{one: (one, _GIVEN.format(1), "offen") for one in ("entwurf", "eingereicht", "nicht-zugelassen", "zurueckgezogen")},
    "gesperrt": ("zugelassen", _GIVEN.format(1), "morgen"),
    "gesperrter Preis": ("ausgezeichnet", _GIVEN.format(1), "morgen"),
    "ohne Bekanntgabe": ("zugelassen", _GIVEN.format(1), "nie"),
    "erfunden": ("zugelassen", _GIVEN.format(1), "erfunden"),
    "nicht gefragt": ("zugelassen", "", "offen"),
    "abgelehnt": ("zugelassen", "  veroeffentlichung: nein\n", "offen"),
    "Preis ohne Einwilligung": ("ausgezeichnet", "  veroeffentlichung: nein\n", "offen"),
    "widerrufen": ("zugelassen", f"{_GIVEN.format(1)}  widerrufen_am: 2030-06-20\n", "offen"),
    "Widerruf mit späterem Tag": ("zugelassen", f"{_GIVEN.format(1)}  widerrufen_am: 2031-06-20\n", "offen"),
}  # fmt: skip
# What stops a build of the whole site, though not a preview.
FAULTY = {
    "Angabe fehlt": ("zugelassen", _GIVEN.format(1), "offen"),
    "Bild mit Exif": ("zugelassen", _GIVEN.format(1), "offen"),
}
_EDITIONS = {
    "offen": "2030-06-15",
    "knapp": "2030-06-15",
    "morgen": "2031-06-15T11:00+02:00",
    "nie": "",
    "erfunden": "2030-06-15",
}
# Pages to which the foot of every page leads.
_FOOT = (
    *("abonnieren", "barrierefreiheit", "datenschutz", "english", "faq"),
    *("impressum", "kontakt", "leichte-sprache"),
)
_DATES = "bewerbung:\n  beginn: 2030-01-07\n  ende: 2030-03-31\n"
_PAGE = "---\ntitle: {}\ndescription: Ein Satz für die Suche.\n{}---\n\nEin Text, damit die Seite nicht leer ist.\n"


def write(root: Path, seed: int, form: str, *, faulty: bool = True) -> Path:
    """Write the set as a project; ``faulty`` allows hidden records with mistakes."""
    draw = Random(seed)  # noqa: S311
    support.lay_out_base(root)
    for name in ("submissions/2030", "uebernahmen"):
        shutil.rmtree(root / "data" / name)
    without = draw.choice(
        ["titel, kategorie", "titel, kategorie, federfuehrung", "kategorie", "titel, rechtsform"]
    )
    for number, (key, announced) in enumerate(_EDITIONS.items(), 6):
        text = f"nummer: {number}\ntitel: Durchgang {key}\nkurz: Durchgang {key}\n{_DATES}"
        text += f"bekanntgabe: {announced}\n" if announced else ""
        text += "beispiel: ja\n" if key == "erfunden" else ""
        text += "kategorien:\n" + "".join(f"  - kategorie: {one}\n" for one in _CATEGORIES)
        text += f"ohne_einwilligung: [{without}]\n" if key == "knapp" else ""
        (root / f"data/reference/editionen/{key}.yml").write_text(text, "utf-8")
    _pages(root)
    for number in range(draw.randint(2, 4)):
        _visible(root, draw, f"{number}-{draw.choice(['bad', 'see', 'tal'])}", form)
    for number in range(draw.randint(2, 3)):
        _limited(root, draw, number, form)
    _uptake(root, f"offen-{seed}", "musikschule", "zweigstelle", draw.choice(_PLACES))
    reasons = HIDDEN | FAULTY if faulty else HIDDEN
    for number, (kind, (status, consent, edition)) in enumerate(
        (one, reasons[one]) for one in chosen(seed, faulty=faulty)
    ):
        _hidden(root if form != "ohne" else None, draw, f"{CANARY}{number}", kind, status, consent, edition)
    if form != "ohne":
        _posts(root)
    if form == "gezeigt":
        _visible(root, draw, "9-gezeigt", form, rich=True)
    return root


def chosen(seed: int, *, faulty: bool = True) -> list[str]:
    """Why the hidden records of a set are hidden."""
    draw = Random(f"hidden {seed}")  # noqa: S311
    return draw.sample([*HIDDEN, *(FAULTY if faulty else ())], draw.randint(4, 8))


def _pages(root: Path) -> None:
    """Pages that a search would leave out without a text, and news."""
    for file in (
        "kategorien/index",
        *(f"kategorien/{one}" for one in _CATEGORIES),
        "vergleich",
        "passt-das-zu-uns",
        *_FOOT,
    ):
        _write(root / f"content/{file}.md", _PAGE.format(file.rpartition("/")[2].title(), ""))
    # Every case says where to tell of an uptake.
    _write(root / "content/uebernahmen.md", _PAGE.format("Übernahmen", "") + "\n## Melden\n\nSo geht es.\n")
    _write(root / "content/index.md", _PAGE.format("Start", ""))
    posts = root / "content/mitteilungen"
    _write(posts / "index.md", _PAGE.format("Mitteilungen", "template: main.html\n"))
    for day in ("2030-05-01", "2030-06-20"):
        _write(
            posts / f"posts/vom-{day}.md", _PAGE.format(f"Neues vom {day}", f"date: {day}\ntags: [Probe]\n")
        )


def _posts(root: Path) -> None:
    """A draft, a post of a later month, and a picture of each."""
    posts = root / "content/mitteilungen/posts"
    for name, line in (("entwurf", "draft: true\n"), ("spaeter", "date: 2030-09-09\n")):
        head = f"{line}tags: [{CANARY}]\n"
        picture = f"\n![{CANARY}]({CANARY.lower()}-{name}.png)\n"
        _write(posts / f"{CANARY.lower()}-{name}.md", _PAGE.format(f"{CANARY} {name}", head) + picture)
        (posts / f"{CANARY.lower()}-{name}.png").write_bytes(_picture(name, "PNG"))


def _visible(root: Path, draw: Random, slug: str, form: str, *, rich: bool = False) -> None:
    place, (ags, known) = draw.choice(_PLACES), draw.choice(list(_KNOWN.items()))
    submission, with_picture, award = (rich or draw.random() < part for part in (0.7, 0.5, 0.4))
    body = _body(draw, f"Gemeinsame Sache {slug}", f"Stadt {place} {slug}", {known: ags})
    consent = _GIVEN.format(1)
    inside = ""
    if form != "ohne":
        # Another day of the consent, and everything internal.
        consent, inside = _GIVEN.format(2), _internal("Vermerk")
    if not with_picture:
        consent = consent.replace("bilder: ja", "bilder: nein")
    shown = ""
    name = f"bild-{slug}.jpg" if form == "ohne" else f"{CANARY.lower()}-{slug}.jpg"
    if with_picture or (form != "ohne" and submission):
        # Without leave a picture is as hidden as a record.
        alt = f"Ein Haus von {slug}" if with_picture else f"{CANARY} steht vor einem Haus"
        shown = f"bilder:\n  - datei: {name}\n    alt: {alt}\n    nachweis: Stadt\n    lizenz: CC BY 4.0\n"
    if submission:
        status = "ausgezeichnet" if award else "zugelassen"
        folder, head = "submissions/offen", f"status: {status}\nkategorie: {draw.choice(_CATEGORIES)}\n"
        head += "auszeichnung:\n  art: anerkennung\n" if award else ""
        tail = f"{shown}{inside}einwilligung:\n{consent}"
    else:
        folder, head = "cooperations", ""
        tail = shown + (f"intern:\n  vermerk: {CANARY} Vermerk\n" if inside else "")
    if shown:
        _save(root / f"data/{folder}/bilder/{name}", _picture(slug, "JPEG"))
    _write(root / f"data/{folder}/{slug}.yml", f"{head}{body}{_SOURCES}{tail}")


def _limited(root: Path, draw: Random, number: int, form: str) -> None:
    """A winner without consent: what the edition names is the same in every form, the rest and the file name are not."""
    category, legal, place = draw.choice(_CATEGORIES), draw.choice(_FORMS), draw.choice(_PLACES)
    title, lead = f"Preis für {draw.choice(['alle', 'viele'])}", f"Stadt {place} am Preis {number}"
    spare = Random(f"{number} {form}")  # noqa: S311
    other = (
        {"Gemeinde Ersatz": ""}
        if form == "ohne"
        else {f"Gemeinde {CANARY}": "", "Stadt Musterstadt": "05900001"}
    )
    body = _body(spare, title, lead, other, legal=legal, mark="" if form == "ohne" else CANARY)
    # The order of the files turns round.
    slug = f"{number}-ersatz" if form == "ohne" else f"{9 - number}-{CANARY.lower()}"
    tail = (
        ""
        if form == "ohne"
        else f"{_internal('Jury')}einwilligung:\n  veroeffentlichung: nein\n  bilder: ja\n"
    )
    head = f"status: ausgezeichnet\nkategorie: {category}\nauszeichnung:\n  art: anerkennung\n"
    _write(root / f"data/submissions/knapp/{slug}.yml", f"{head}{body}{tail}")


def _hidden(
    root: Path | None, draw: Random, mark: str, kind: str, status: str, consent: str, edition: str
) -> None:
    """A submission that nobody may see, with a picture, and sometimes somebody who took it over; drawn even if not written."""
    slug = f"{draw.choice('amz')}-{mark.lower()}"
    body = _body(
        draw, f"Titel {mark}", f"Stadt {mark}", dict([draw.choice(list(_KNOWN.items()))[::-1]]), mark=mark
    )
    category, followed = draw.choice(_CATEGORIES), draw.random() < 0.5
    if root is None:
        return
    head = f"status: {status}\nkategorie: {category}\n"
    head += "auszeichnung:\n  art: anerkennung\n" if status == "ausgezeichnet" else ""
    if kind == "Angabe fehlt":
        body = body.replace("ein_satz:", "ein_sats:")
    picture = f"bilder:\n  - datei: {slug}.jpg\n    alt: {mark} vor einem Haus\n    nachweis: {mark}\n    lizenz: CC BY 4.0\n"
    data = _picture(mark, "JPEG", secret=mark if kind == "Bild mit Exif" else "")
    _save(root / f"data/submissions/{edition}/bilder/{slug}.jpg", data)
    agreed = f"einwilligung:\n{consent}" if consent else ""
    _write(
        root / f"data/submissions/{edition}/{slug}.yml",
        f"{head}{body}{picture}{_SOURCES.replace('quelle.', f'{mark.lower()}.')}{_internal(mark)}{agreed}",
    )
    if followed:
        _uptake(root, slug, f"{edition}/{slug}", "zweigstelle", mark)


def _body(
    draw: Random, title: str, lead: str, others: dict[str, str], *, legal: str = "", mark: str = ""
) -> str:
    parties = "".join(
        f"  - name: {name}\n    art: kommune\n" + (f"    ags: {ags!r}\n" if ags else "")
        for name, ags in {lead: "", **others}.items()
    )
    begin = draw.randint(1990, 2028)
    patterns = ["zweigstelle", *draw.sample(_PATTERNS[:1], draw.randint(0, 1))]
    return (
        f"titel: {title}\nfederfuehrung: {lead}\nbeteiligte:\n{parties}"
        f"rechtsform: {legal or draw.choice(_FORMS)}\nvereinbart_am: {begin}\nin_betrieb_seit: {begin + 1}\n"
        f"stand: {draw.choice(['laufend', 'beendet'])}\nein_satz: Zwei Orte teilen sich {mark or draw.choice(['ein Haus', 'Fachleute'])}.\n"
        f"anlass: |\n  Es fehlte {draw.choice(['Platz', 'Zeit', 'Geld'])} {mark}.\n"
        f"aufgabenfelder: [{', '.join(draw.sample(_FIELDS, draw.randint(1, 2)))}]\nmuster: [{', '.join(patterns)}]\n"
    )


_SOURCES = (
    "quellen:\n  - adresse: https://quelle.example/seite\n    titel: Amtsblatt\n    gelesen_am: 2030-01-15\n"
    "beleg: hoch\ngeprueft_am: 2030-01-15\n"
)


def _internal(mark: str) -> str:
    word = f"{CANARY} {mark}"
    return (
        f"eingereicht_am: 2030-02-03T03:33+01:00\nkontakt:\n  name: {word}\n  email: kanarie@kanarie.example\n"
        f"  telefon: {word}\nintern:\n  vermerk: {word}\n  jury: {word}\n"
    )


def _uptake(root: Path, slug: str, model: str, pattern: str, place: str) -> None:
    _write(
        root / f"data/uebernahmen/{slug}.yml",
        f"ein_satz: Auch {place} macht es so.\nart: nachahmung\nmuster: {pattern}\nfall: {model}\nvon: Stadt Probeheim\n"
        f"an: Gemeinde {place} am Rand\nuebernommen_am: 2030\nveraendert: In {place} gibt es keine festen Tage.\n"
        f"{_SOURCES.partition('beleg')[0]}geprueft_am: 2030-01-15\n",
    )


def _picture(mark: str, kind: str, *, secret: str = "") -> bytes:
    """A picture with the mark drawn into it, and in its metadata if asked for."""
    image = Image.new("RGB", (420, 300), tuple(Random(mark).randbytes(3)))  # noqa: S311
    ImageDraw.Draw(image).text((20, 20), mark, fill="white")
    stream, exif = io.BytesIO(), Image.Exif()
    if secret:
        exif[0x010E], exif[0x013B] = secret, secret
    image.save(stream, kind, **({"exif": exif} if secret else {}))
    return stream.getvalue()


def _write(file: Path, text: str) -> None:
    _save(file, text.encode())


def _save(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def kinds() -> frozenset[str]:
    """Every reason for which a record is hidden."""
    return frozenset(itertools.chain(HIDDEN, FAULTY))
