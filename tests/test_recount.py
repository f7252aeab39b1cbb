"""Every number the site claims, computed a second time: with SQL, from the published files alone.

Nothing of the program is imported here. The features of the cases, the counts, the intervals and the expectations come
from the CSV files as whoever downloads them would compute them; then the sentences on the pages are held against that.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from html import unescape
from math import sqrt
from pathlib import Path

import pytest

# The features of every case by the words of the page „So gehen wir vor“, as a reader would put them into SQL.
FEATURES = """
create table kennung as
  select case when edition = '' then slug else edition || '/' || slug end as fall, * from faelle;
create table merkmal (fall, merkmal, wert);

insert into merkmal select fall, 'muster', wert from fall_muster;
insert into merkmal select fall, 'aufgabenfeld', wert from fall_aufgabenfelder;
insert into merkmal select fall, 'rechtsform', rechtsform from kennung where rechtsform <> '';
insert into merkmal select fall, 'innovation', wert from fall_innovation;
insert into merkmal select fall, 'finanzierung', wert from fall_finanzierung;

insert into merkmal
  select fall, 'partnerzahl', case when n = 2 then '2' when n <= 4 then '3-4' when n <= 9 then '5-9' else 'ab-10' end
  from (select fall, sum(case when anzahl = '' then 1 else cast(anzahl as integer) end) as n from beteiligte group by fall)
  where n >= 2;

insert into merkmal
  select fall, 'partnerart', case
    when sum(art in ('privat', 'verein')) then 'mit-privaten'
    when sum(art = 'ausland') then 'mit-ausland'
    when sum(art = 'land') then 'mit-land'
    when sum(art in ('verband', 'kommunales-unternehmen')) then 'mit-verband'
    when sum(art = 'kreis') = 0 then 'nur-gemeinden'
    when sum(art = 'kommune') = 0 then 'nur-kreise'
    else 'kreis-und-gemeinden' end
  from beteiligte group by fall;

-- Cases whose municipal parties are all known by key.
create table verortet as
  select fall, ags from beteiligte where art in ('kommune', 'kreis')
  and fall not in (select fall from beteiligte where art in ('kommune', 'kreis') and (ags = '' or anzahl <> ''));

insert into merkmal
  select fall, 'raum', 'ueber-staatsgrenze' from beteiligte where art = 'ausland' group by fall;
insert into merkmal
  select fall, 'raum', case when count(distinct kreis_ags) = 1 then 'ein-kreis' else 'mehrere-kreise' end
  from verortet join kommunen using (ags)
  where fall not in (select fall from beteiligte where art = 'ausland') group by fall;

-- A district stands for its municipalities; two neighbours are joined, whichever way round they are written.
create table ort as
  select distinct verortet.fall, gemeinde.ags from verortet
  join kommunen as selbst on selbst.ags = verortet.ags
  join kommunen as gemeinde on gemeinde.ags = selbst.ags and selbst.art not in ('kreis', 'staedteregion')
    or selbst.art in ('kreis', 'staedteregion') and gemeinde.kreis_ags = selbst.ags
       and gemeinde.art not in ('kreis', 'staedteregion')
  where verortet.fall in (select fall from verortet group by fall having count(*) > 1);
create table grenze as select ags as a, nachbar as b from nachbarn union select nachbar, ags from nachbarn;
create index grenze_a on grenze (a);
with recursive erreicht (fall, ags) as (
  select fall, min(ags) from ort group by fall
  union
  select ort.fall, ort.ags from erreicht join grenze on grenze.a = erreicht.ags
    join ort on ort.fall = erreicht.fall and ort.ags = grenze.b
)
insert into merkmal
  select fall, 'lage', case when count(*) = (select count(*) from erreicht where erreicht.fall = ort.fall)
    then 'zusammenhaengend' else 'verstreut' end
  from ort group by fall;
"""
COUNTS = """
select m.merkmal, m.wert, count(*), (select count(distinct fall) from merkmal as k where k.merkmal = m.merkmal)
from merkmal as m group by m.merkmal, m.wert
"""
PAIRS = """
select a.merkmal, a.wert, b.merkmal, b.wert, count(*) from merkmal as a join merkmal as b using (fall)
where a.merkmal <> b.merkmal group by 1, 2, 3, 4
"""
# How many cases have the value while the other dimension is known, too.
BESIDE = """
select a.merkmal, a.wert, b.merkmal, count(distinct a.fall) from merkmal as a join merkmal as b using (fall)
where a.merkmal <> b.merkmal group by 1, 2, 3
"""
BOTH = """
select a.merkmal, b.merkmal, count(distinct a.fall) from merkmal as a join merkmal as b using (fall)
where a.merkmal <> b.merkmal group by 1, 2
"""
NEEDED = (
    *("faelle", "beteiligte", "fall_muster", "fall_aufgabenfelder", "fall_innovation", "fall_finanzierung"),
    *("kommunen", "nachbarn", "muster"),
)


def rows(site: Path, name: str) -> list[dict[str, str]]:
    with (site / f"daten/{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def base(site_entwurf) -> sqlite3.Connection:
    """The published tables, and the features computed from them."""
    connection = sqlite3.connect(":memory:")
    for name in NEEDED:
        with (site_entwurf / f"daten/{name}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            columns = ", ".join(f'"{one}"' for one in next(reader))
            connection.execute(f"create table {name} ({columns})")
            marks = ", ".join("?" * (columns.count(",") + 1))
            connection.executemany(f"insert into {name} values ({marks})", reader)  # noqa: S608 - names from NEEDED
    connection.executescript(FEATURES)
    return connection


def interval(n: int, base: int) -> tuple[float, float]:
    """Wilson's interval as the two roots of (share − p)² = z² p (1 − p) / base."""
    z2 = 1.959963984540054**2
    a, b, c = 1 + z2 / base, -(2 * n / base + z2 / base), (n / base) ** 2
    root = sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def verdict(n: int, base: int, limits: dict[str, str], expected: float | None = None) -> str:
    if base < int(limits["mindestbasis"]):
        return "klein"
    if expected is not None and expected < int(limits["mindesterwartung"]):
        return "klein"
    if expected is not None and interval(n, base)[1] * base >= expected:
        return "belegt"
    return "selten" if interval(n, base)[1] < int(limits["grenze_prozent"]) / 100 else "belegt"


@pytest.fixture(scope="module")
def limits(site_entwurf) -> dict[str, str]:
    return rows(site_entwurf, "auswertung")[0]


def test_the_features_follow_from_the_published_tables(base, site_entwurf):
    published = {(one["fall"], one["merkmal"], one["wert"]) for one in rows(site_entwurf, "fall_merkmale")}
    assert len(published) > 300
    assert set(base.execute("select fall, merkmal, wert from merkmal")) == published


def test_every_count_is_right(base, site_entwurf, limits):
    published = {
        (one["merkmal"], one["wert"]): (int(one["anzahl"]), int(one["grundgesamtheit"]), one["einstufung"])
        for one in rows(site_entwurf, "merkmale")
    }
    own = {
        (dimension, value): (n, known, verdict(n, known, limits))
        for dimension, value, n, known in base.execute(COUNTS)
    }
    assert own == published


def test_every_interval_is_right(site_entwurf):
    for one in (*rows(site_entwurf, "merkmale"), *rows(site_entwurf, "merkmalspaare")):
        low, high = interval(int(one["anzahl"]), int(one["grundgesamtheit"]))
        assert float(one["untere_grenze"]) == pytest.approx(low, abs=0.00006)
        assert float(one["obere_grenze"]) == pytest.approx(high, abs=0.00006)


def test_every_pair_is_right(base, site_entwurf, limits):
    beside = {(d, v, other): n for d, v, other, n in base.execute(BESIDE)}
    both = {(a, b): n for a, b, n in base.execute(BOTH)}
    own = {}
    for a, value_a, b, value_b, n in base.execute(PAIRS):
        expected = beside[a, value_a, b] * beside[b, value_b, a] / both[a, b]
        own[a, value_a, b, value_b] = n, both[a, b], expected, verdict(n, both[a, b], limits, expected)
    published = rows(site_entwurf, "merkmalspaare")
    assert len(published) * 2 == len(own)
    for one in published:
        n, known, expected, word = own[one["merkmal_a"], one["wert_a"], one["merkmal_b"], one["wert_b"]]
        assert (int(one["anzahl"]), int(one["grundgesamtheit"]), one["einstufung"]) == (n, known, word)
        assert float(one["erwartet"]) == pytest.approx(expected, abs=0.00006)


# --- the sentences on the pages

STATEMENT = re.compile(r"<li>(?=(?:(?!</li>).)*kommt in)(.*?)</li>", re.DOTALL)
SINGLE = re.compile(r"(.+?) „(.+)“ kommt in (\d+) von (\d+) Kooperationen")
PAIR = re.compile(
    r"Verbindung aus (.+?) „(.+?)“ und (.+?) „(.+?)“ kommt in (\d+) von (\d+) Kooperationen.*zu erwarten (?:wäre|wären) ([\d,]+)"
)
DIMENSION = {
    "Muster": "muster",
    "Aufgabenfeld": "aufgabenfeld",
    "Rechtsform": "rechtsform",
    "Zahl der Beteiligten": "partnerzahl",
    "Art der Beteiligten": "partnerart",
    "Kreise": "raum",
    "Lage zueinander": "lage",
    "Art der Innovation": "innovation",
    "Finanzierung": "finanzierung",
}


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def test_every_statement_about_a_case_is_right(site_entwurf, seiten):
    counts = {(one["merkmal"], one["bezeichnung"]): one for one in rows(site_entwurf, "merkmale")}
    code = {key: one["wert"] for key, one in counts.items()}
    pairs = {
        (one["merkmal_a"], one["wert_a"], one["merkmal_b"], one["wert_b"]): one
        for one in rows(site_entwurf, "merkmalspaare")
    }
    cases = [
        one
        for one in seiten.addresses(site_entwurf)
        if re.fullmatch(r"kooperationen/.+|preistraeger/.+/.+", one)
    ]
    seen = 0
    for address in cases:
        page = seiten.html(site_entwurf, address)
        block = page[page.index('<section class="ikz-seltenes"') :]
        sentences = STATEMENT.findall(block[: block.index("</section>")])
        assert 1 <= len(sentences) <= 3, address
        for html in sentences:
            sentence, called_rare = plain(html), "selten in dieser Sammlung" in html
            pair = PAIR.search(sentence)
            if pair:
                a, value_a, b, value_b, n, known, expected = pair.groups()
                a, b = DIMENSION[a], DIMENSION[b]
                row = pairs[a, code[a, value_a], b, code[b, value_b]]
                assert round(float(row["erwartet"]), 1) == pytest.approx(
                    float(expected.replace(",", ".")), abs=0.051
                )
            else:
                dimension, value, n, known = SINGLE.search(sentence).groups()
                row = counts[DIMENSION[dimension], value]
            assert (row["anzahl"], row["grundgesamtheit"]) == (n, known), sentence
            assert called_rare == (row["einstufung"] == "selten"), sentence
            seen += 1
    assert seen > 150


def test_every_pattern_page_tells_its_count(base, site_entwurf, seiten, limits):
    (size,) = base.execute("select count(distinct fall) from merkmal where merkmal = 'muster'").fetchone()
    codes = [one for (one,) in base.execute("select code from muster")]
    assert len(codes) == 31
    for code in codes:
        (n,) = base.execute(
            "select count(*) from merkmal where merkmal = 'muster' and wert = ?", [code]
        ).fetchone()
        text = plain(seiten.article(seiten.html(site_entwurf, f"muster/{code}/")))
        if n:
            low, high = (
                f"{share * 100:.1f}".replace(".", ",").removesuffix(",0") for share in interval(n, size)
            )
            assert f"{n} von {size} Kooperationen, das sind" in text
            assert f"Vertrauensbereich {low} bis {high} Prozent" in text
            words = {
                "selten": "Zählung: selten in dieser Sammlung.",
                "belegt": "Zählung: nicht sicher selten.",
            }
            assert words[verdict(n, size, limits)] in text
        else:
            assert "Bisher zeigt es kein Fall dieser Sammlung." in text


def test_the_catalogue_begins_with_the_rare_less_known_patterns(base, site_entwurf, seiten, limits):
    levels = dict(base.execute("select code, bekanntheit from muster"))
    counted = dict(base.execute("select wert, count(*) from merkmal where merkmal = 'muster' group by wert"))
    (size,) = base.execute("select count(distinct fall) from merkmal where merkmal = 'muster'").fetchone()
    page = seiten.article(seiten.html(site_entwurf, "muster/"))
    order = list(
        dict.fromkeys(re.findall(r'class="ikz-karte__titel"><a href="(?:\.\./muster/|\./)?([a-z_]+)/"', page))
    )
    assert sorted(order) == sorted(levels)

    def rank(code: str) -> tuple[int, bool, bool]:
        n = counted.get(code, 0)
        rare = bool(n) and verdict(n, size, limits) == "selten"
        return ["wenig-bekannt", "dazwischen", "bekannt"].index(levels[code]), not n, not rare

    assert [rank(one) for one in order] == sorted(rank(one) for one in order)
