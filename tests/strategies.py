"""Whole projects at random: several records of fictional places, some right, some hostile. For any test that uses Hypothesis."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import yaml
from hypothesis import strategies as st

import support

STATUS = ("entwurf", "eingereicht", "zugelassen", "nicht-zugelassen", "ausgezeichnet", "zurueckgezogen")
PLACES = ("Nirgendwo", "Irgendwo", "Anderswo", "Überall", "Nimmersatt", "Hintertupf")
HOSTILE = (
    *(
        "<script>alert(1)</script>",
        "::error file=x::y",
        "##[error]x",
        "{{ 7*7 }}",
        "=1+1",
        "](javascript:x)",
        "\u202e",
        "\x1b[31m",
    ),
    *(
        "../../x",
        "[" * 60,
        "a" * 5000,
        "2030-02-30",
        "ja",
        "",
        "~",
        "&a *a",
        "Ja: nein",
        "# nichts",
        "%",
        "\t",
    ),
)
_WORDS = st.sampled_from(["Haus", "Garten", "Werk", "Schule", "Straße", "Fluss", "Amt", "Brücke"])


@dataclass(frozen=True)
class Project:
    """Files by path; ``hidden`` are words that stand only in what must not be published."""

    files: dict[str, str]
    hidden: tuple[str, ...]

    def lay_out(self, root: Path) -> Path:
        """Write the small project with these files in it."""
        support.lay_out_base(root)
        for path, text in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
        return root


@st.composite
def submissions(draw, number: int, *, hostile: bool = True):
    """One submission as plain values, and whether all of it must stay hidden."""
    place, other = draw(st.permutations(PLACES))[:2]
    title = " ".join(draw(st.lists(_WORDS, min_size=1, max_size=4)))
    status = draw(st.sampled_from(STATUS))
    consent = draw(st.sampled_from(["ja", "nein"]))
    withdrawn = draw(st.booleans())
    record = {
        "titel": f"{title} {number} SPUR{number}T",
        "status": status,
        "kategorie": draw(st.sampled_from(["verwaltung", "kultur"])),
        "eingereicht_am": "2030-02-11",
        "federfuehrung": f"Stadt {place} {number}",
        "beteiligte": [
            {"name": f"Stadt {place} {number}", "art": "kommune"},
            {"name": f"Gemeinde {other} {number}", "art": "kommune"},
        ],
        "rechtsform": "oerv_mandatierend",
        "vereinbart_am": "2028-05",
        "ein_satz": f"Zwei Kommunen machen etwas gemeinsam, Nummer {number}.",
        "aufgabenfelder": ["archiv"],
        "kontakt": {"name": f"SPUR{number}K", "email": f"spur{number}k@nirgendwo.example"},
        "intern": {"vermerk": f"SPUR{number}I"},
        "einwilligung": {
            "grundlage": "einwilligung",
            "veroeffentlichung": consent,
            "bilder": "nein",
            "erteilt_am": "2030-02-11",
        },
        "unbekannt": ["in_betrieb_seit", "stand"],
    }
    if withdrawn:
        record["einwilligung"]["widerrufen_am"] = "2030-03-01"
    if hostile and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(record)))
        record[key] = draw(
            st.sampled_from(HOSTILE) | st.just([1, {"x": "y"}]) | st.just({"a": {"b": {"c": "d"}}})
        )
    is_hidden = status not in {"zugelassen", "ausgezeichnet"} or consent != "ja" or withdrawn
    return record, is_hidden


@st.composite
def written(draw, record):
    """A record as some editor or program would write it; now and then with a scar."""
    text = draw(
        st.sampled_from(
            [
                lambda: yaml.safe_dump(record, allow_unicode=True, sort_keys=False, default_style='"'),
                lambda: json.dumps(record, ensure_ascii=False, indent=1),
            ]
        )
    )()
    if draw(st.integers(0, 5)) == 0:
        lines = text.split("\n")
        lines.insert(
            draw(st.integers(0, len(lines))),
            draw(st.sampled_from(["\tx", "- y", "a: b: c", "<<: *x", "---", '"'])),
        )
        text = "\n".join(lines)
    return text


@st.composite
def projects(draw, *, hostile: bool = True, most: int = 5):
    """Projects with several submissions of one edition."""
    files, hidden = {}, []
    for number in range(draw(st.integers(1, most))):
        record, is_hidden = draw(submissions(number, hostile=hostile))
        scarred = draw(written(record)) if hostile else json.dumps(record, ensure_ascii=False)
        files[f"data/submissions/2030/spur-{number}.yml"] = scarred
        hidden += [f"SPUR{number}K", f"spur{number}k@", f"SPUR{number}I"]
        # A winner without consent is named, by what the edition allows.
        hidden += [f"SPUR{number}T"] if is_hidden and record.get("status") != "ausgezeichnet" else []
    return Project(files, tuple(hidden))
