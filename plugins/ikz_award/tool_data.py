"""What the two tools in the browser load: answers for comparing cases, and who did what where for „Passt das zu uns?“."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ikz_award import routes
from ikz_award.catalogue import Catalogue
from ikz_award.comparison import Comparison
from ikz_award.wording import Wording


def files(catalogue: Catalogue, comparison: Comparison, wording: Wording) -> Iterator[tuple[str, bytes]]:
    """Address and bytes of both files."""
    yield routes.COMPARE_DATA, _json(_compare(catalogue, comparison))
    yield routes.FIT_DATA, _json(_fit(catalogue, wording))


def _json(value: object) -> bytes:
    """As small as it gets: these files are loaded on phones."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _compare(catalogue: Catalogue, comparison: Comparison) -> Mapping[str, Any]:
    return {
        "fragen": comparison.questions,
        "faelle": {
            key: {"titel": one.title, "adresse": routes.entry(one), "antworten": comparison.answers(one)}
            for key, one in catalogue.described_entries.items()
        },
    }


def _fit(catalogue: Catalogue, wording: Wording) -> Mapping[str, Any]:
    return {
        "groessen": wording.labels["groesse"],
        "kommunen": {
            key: {"name": one.title, "groesse": one.facts["groesse"], "kreis": one.facts["kreis_ags"]}
            for key, one in catalogue.municipalities.items()
        },
        "nachbarn": {
            key: sorted(catalogue.geography.around(key)) for key in sorted(catalogue.municipalities)
        },
        "muster": {
            one.key: {
                "titel": one.title,
                "adresse": routes.pattern(one.key),
                "satz": one.facts["ein_satz"],
                "bekannt": wording.label("bekanntheit", one.facts["bekanntheit"]),
                "ziele": [row["wert"] for row in one.facts["ziele"]],
                "platz": place,
            }
            for place, one in enumerate(catalogue.ranked_patterns)
        },
        "faelle": [
            {
                "titel": one.title,
                "adresse": routes.entry(one),
                "muster": one.patterns,
                "felder": one.task_fields,
                # A key without an entry in the table of municipalities is none the tool could speak of.
                "ags": [key for key in one.municipalities if key in catalogue.municipalities],
            }
            for one in catalogue.described_entries.values()
        ],
    }
