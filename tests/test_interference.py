"""What is hidden changes nothing: with it and without it the same bytes go out."""

from __future__ import annotations

from collections import Counter

import pytest

import drawn_sets
import support
from ikz_award import build
from test_leaks import leaks

NIGHTLY = 200
# Sets with a submission, a picture and limited entries among what is shown.
# In 206, no picture is.
SITES = tuple(one for one in range(200, 212) if one != 206)


def parts(outcome):
    """Everything a host gets from the core, by what it is; also in which order."""
    found = {
        f"Seite /{one.address}": repr((one, outcome.finished(one.address, one.html))) for one in outcome.pages
    }
    found |= {f"Datei {one.address}": one.data for one in outcome.assets}
    found |= {f"Text /{one.address}": repr(one) for one in outcome.content}
    found |= {f"Platzhalter in /{address}": repr(known) for address, known in outcome.placeholders.items()}
    found |= {f"Kopf von /{address}": repr(head) for address, head in outcome.heads.items()}
    found |= {f"Suche: /{one.address}": repr(one) for one in outcome.findable}
    found |= {f"Feed {one.topic}": repr(one) for one in outcome.feeds}
    found["Reihenfolge"] = repr([list(found), outcome.addresses])
    found["nächste Änderung"] = repr((outcome.next_change, outcome.website))
    return {name: one if isinstance(one, bytes) else one.encode() for name, one in found.items()}


def outcome_of(root, seed, form, **options):
    return build.build(
        drawn_sets.write(root / form, seed, form, **options),
        "entwurf",
        drawn_sets.NOW,
        support.shared_cache(),
    )


def differing(one, other):
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def compare(root, seed):
    """Prove one set; return what was hidden in it, and why."""
    bare, whole, shown = (outcome_of(root, seed, form) for form in drawn_sets.FORMS)
    assert not bare.failed, [one for one in bare.findings if one.severity.name == "ERROR"]
    without, with_hidden = parts(bare), parts(whole)
    assert differing(without, with_hidden) == []
    # The proof that a difference would have been found: of one record more, in every kind of output.
    kinds = {name.partition(" ")[0] for name in differing(with_hidden, parts(shown))}
    assert {"Seite", "Datei", "Kopf", "Suche:", "Feed", "Reihenfolge"} <= kinds
    assert not any(leaks(one, [drawn_sets.CANARY.lower()]) for one in with_hidden.values())
    return Counter(one.reason for one in whole.decisions if not one.published), whole


@pytest.mark.parametrize("seed", range(8))
def test_records_that_are_hidden_change_nothing_that_goes_out(tmp_path, seed):
    compare(tmp_path, seed)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(8, NIGHTLY))
def test_hidden_records_change_nothing_in_any_of_two_hundred_sets(tmp_path, seed):
    compare(tmp_path, seed)


def test_the_sets_hide_for_every_reason():
    hidden = Counter(kind for seed in range(NIGHTLY) for kind in drawn_sets.chosen(seed))
    assert hidden.keys() == drawn_sets.kinds()
    assert min(hidden.values()) >= 20


# --- whole sites, by the command that publishes


def site_of(root, fertig, seed, form):
    project = drawn_sets.write(root / f"projekt-{form}", seed, form, faulty=False)
    settings = (support.ROOT / "mkdocs.yml").read_text("utf-8")
    # Without a menu of its own the host lists every page in it, and sees what comes before and after each.
    menu = settings.index("nav:\n"), settings.index("validation:\n")
    features = settings.replace("    - toc.follow\n", "    - toc.follow\n    - navigation.footer\n")
    shift = len(features) - len(settings)
    (project / "mkdocs.yml").write_text(features[: menu[0] + shift] + features[menu[1] + shift :], "utf-8")
    return fertig(root / f"site-{form}", projekt=project, moment=drawn_sets.NOW)


def files_of(site):
    return {one.relative_to(site).as_posix(): one.read_bytes() for one in site.rglob("*") if one.is_file()}


def compare_sites(root, fertig, seed):
    without, with_hidden = (files_of(site_of(root, fertig, seed, form)) for form in ("ohne", "mit"))
    assert differing(without, with_hidden) == []
    for part in (
        "sitemap.xml",
        "pagefind/",
        "feeds/",
        "daten/faelle.csv",
        "assets/ikz/bilder/",
        "mitteilungen/vom-",
    ):
        assert any(name.startswith(part) for name in with_hidden), part
    return with_hidden


def test_a_site_with_hidden_records_is_the_site_without_them(tmp_path, fertig):
    site = compare_sites(tmp_path, fertig, SITES[0])
    assert not [
        name
        for name, data in site.items()
        if leaks(name.encode() + b"\n" + data, [drawn_sets.CANARY.lower()])
    ]


@pytest.mark.nightly
@pytest.mark.parametrize("seed", SITES[1:])
def test_any_of_ten_sites_is_the_same_and_one_record_more_is_found_in_it(tmp_path, fertig, seed):
    site = compare_sites(tmp_path, fertig, seed)
    changed = differing(site, files_of(site_of(tmp_path, fertig, seed, "gezeigt")))
    for part in (
        "sitemap.xml",
        "pagefind/fragment/",
        "pagefind/index/",
        "feeds/",
        "daten/faelle.csv",
        "assets/ikz/bilder/",
    ):
        assert any(name.startswith(part) for name in changed), part
