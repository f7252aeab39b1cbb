"""Taking German compounds apart: with the words of a collection alone, and never into nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikz_award.compounds import Splitter, nouns, tally

TEXTS = (
    "Die Kooperation der Verwaltung hilft. Eine Halle und ein Bad, dazu die Schule, der Grund und das Konzept.",
    "Der Bund, das Amt, der Rat, das Klima und der Schutz. Für den Verband die Versammlung und das Personal.",
    "Zur Feuerwehr gehört das Haus, zum Jahr der Abschluss, zur Rechnung die Prüfung, zu den Kosten der Anteil.",
    "Über die Teilung und die Stellung entscheidet der Beruf nicht. Ein Wald, eine Wiese, ein Ort und ein Dorf.",
)
SPLITTER = Splitter(nouns([tally(TEXTS)]))


@pytest.mark.parametrize(
    "word",
    [
        "Verwaltungs|kooperation",
        "Grundschul|kooperation",
        "Hallen|bad",
        "Hallen|bäder",
        "Hallen|bädern",
        "Klimaschutz|konzept",
        "Verbands|versammlung",
        "Jahres|abschluss",
        "Rechnungs|prüfung",
        "Personalkosten|anteil",
        "Feuerwehr|häuser",
        "Schul|dorf",
        "Wald|wiesen",
    ],
)
def test_a_compound_of_known_nouns_comes_apart(word):
    assert SPLITTER.parts(word.replace("|", "")) == tuple(word.split("|"))


def test_a_long_noun_at_the_end_is_enough():
    assert SPLITTER.parts("Berufsfeuerwehr") == ("Berufs", "feuerwehr")
    assert Splitter(frozenset(["kooperation"])).parts("Theaterkooperation") == ("Theater", "kooperation")


@pytest.mark.parametrize(
    "word",
    [
        *("Verbund", "Beratung", "Abteilung", "Darstellung", "Gleichstellung", "Wirtschaft", "Vorort"),
        *("Halle", "Hallen", "Schule", "Kooperation", "hallenbad", "HALLENBAD", "Bad", "", "Heirat", "Unrat"),
    ],
)
def test_what_is_no_compound_stays_whole(word):
    assert SPLITTER.parts(word) == ()


def test_nouns_deeper_inside_are_known_too():
    assert {"Grundschul", "Kooperation"} <= SPLITTER.inner("Grundschulkooperation") | {
        one.capitalize() for one in SPLITTER.parts("Grundschulkooperation")
    }
    assert {"Klima", "Schutz"} <= {one.capitalize() for one in SPLITTER.inner("Klimaschutzkonzept")}
    assert SPLITTER.inner("Hallenbad") == frozenset()


def test_only_what_is_written_like_a_noun_is_one():
    texts = (
        "Das Gemeinsame bleibt. Gemeinsame Stellen, gemeinsame Wege, gemeinsame Ziele. Siehe www.Muster.de/Pfad und Datei_Name.",
        "Die Kooperation hilft. Eine Kooperation ist das.",
    )
    found = nouns([tally(texts)])
    # Page by page or all at once.
    assert found == nouns(tally([one]) for one in texts)
    assert {"stellen", "wege", "ziele"} <= found
    assert not found & {"gemeinsame", "das", "pfad", "name", "muster"}


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüßABC- ", max_size=30))
def test_parts_are_the_word_itself(word):
    assert "".join(SPLITTER.parts(word)) in {"", word}
    assert all(len(one) >= 3 for one in SPLITTER.parts(word))
