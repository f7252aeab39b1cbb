#!/usr/bin/env python3
"""Derive ``data/reference/kommunen.csv`` from the BKG administrative areas as packed on npm.

Only keys, names and kinds are taken over, no geometry. The size class comes from the ordinance quoted below.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from administrative_areas import MUNICIPALITIES, Rows, WrongPackageError, derive, expect, features

DISTRICTS = 53  # Kreise, Städteregion Aachen and kreisfreie Städte
COLUMNS = ("ags", "name", "art", "kreis_ags", "kreis", "regierungsbezirk", "groesse")

# BKG codes of the kind of unit (IBZ).
CITY_OF_ITS_OWN = {"40", "60"}
CITY_REGION = "46"
KIND = {
    "60": "kreisfreie-stadt",
    "61": "stadt",
    "62": "gemeinde",
    "42": "kreis",
    CITY_REGION: "staedteregion",
}

# Verordnung zur Bestimmung der Großen kreisangehörigen Städte und der Mittleren kreisangehörigen Städte nach § 4 der
# Gemeindeordnung für das Land Nordrhein-Westfalen vom 13. November 1979 (GV. NW. S. 867), Stand 1. Januar 2025:
# § 1 and § 2, names as the ordinance spells them, to be compared with
# https://recht.nrw.de/lmi/owa/br_text_anzeigen?bes_ab=01012025&bes_id=51029&show_preview=0
BY_ORDINANCE = {
    "gross": """
        Arnsberg, Bergheim, Bergisch Gladbach, Bocholt, Castrop-Rauxel, Detmold, Dinslaken, Dormagen, Dorsten,
        Düren, Gladbeck, Grevenbroich, Gütersloh, Herford, Herten, Iserlohn, Kerpen, Lippstadt, Lüdenscheid,
        Lünen, Marl, Minden, Moers, Neuss, Paderborn, Ratingen, Recklinghausen, Rheine, Siegen, Troisdorf, Unna,
        Velbert, Viersen, Wesel, Witten
    """,
    "mittel": """
        Ahaus, Ahlen, Alsdorf, Altena, Attendorn, Bad Honnef, Bad Oeynhausen, Bad Salzuflen, Baesweiler, Beckum,
        Bedburg, Bergkamen, Borken, Bornheim, Brilon, Brühl, Bünde, Coesfeld, Datteln, Delbrück, Dülmen,
        Elsdorf, Emmerich, Emsdetten, Ennepetal, Erftstadt, Erkelenz, Erkrath, Eschweiler, Espelkamp,
        Euskirchen, Frechen, Geilenkirchen, Geldern, Gevelsberg, Goch, Greven, Gronau (Westf.), Gummersbach,
        Haan, Haltern, Hamminkeln, Harsewinkel, Hattingen, Heiligenhaus, Heinsberg, Hemer, Hennef (Sieg),
        Herdecke, Herzogenrath, Hilden, Höxter, Hückelhoven, Hürth, Ibbenbüren, Jüchen, Jülich, Kaarst, Kamen,
        Kamp-Lintfort, Kempen, Kevelaer, Kleve, Königswinter, Korschenbroich, Kreuztal, Lage, Langenfeld
        (Rhld.), Leichlingen (Rhld.), Lemgo, Lennestadt, Lohmar, Löhne, Lübbecke, Mechernich, Meckenheim,
        Meerbusch, Menden (Sauerland), Meschede, Mettmann, Monheim, Netphen, Nettetal, Neukirchen-Vluyn,
        Niederkassel, Oelde, Oer-Erkenschwick, Olpe, Overath, Petershagen, Plettenberg, Porta Westfalica,
        Pulheim, Radevormwald, Rheda-Wiedenbrück, Rheinbach, Rheinberg, Rietberg, Rösrath, Salzkotten, Sankt
        Augustin, Schloß Holte-Stukenbrock, Schmallenberg, Schwelm, Schwerte, Selm, Siegburg, Soest,
        Sprockhövel, Steinfurt, Stolberg (Rhld.), Sundern (Sauerland), Tönisvorst, Übach-Palenberg, Verl, Voerde
        (Niederrhein), Waltrop, Warendorf, Warstein, Wegberg, Werdohl, Werl, Wermelskirchen, Werne, Wesseling,
        Wetter (Ruhr), Wiehl, Willich, Wipperfürth, Wülfrath, Würselen, Xanten
    """,
}
# Where BKG has another name for a town than the ordinance.
NAMED_BY_BKG = {
    "Emmerich": "Emmerich am Rhein",
    "Haltern": "Haltern am See",
    "Monheim": "Monheim am Rhein",
}
# Aachen belongs to the Städteregion, but has the legal status of a kreisfreie Stadt (§ 4 Städteregion Aachen Gesetz
# vom 26. Februar 2008, GV. NRW. S. 162).
LIKE_A_CITY_OF_ITS_OWN = ("Aachen",)


def units(folder: Path, level: str) -> dict[str, dict[str, Any]]:
    """Properties of all units of one level in North Rhine-Westphalia by AGS, without their geometry."""
    return {feature["properties"]["AGS"]: feature["properties"] for feature in features(folder, level)}


def district_name(unit: dict[str, Any]) -> str:
    """``Kreis Borken``, but ``Rhein-Erft-Kreis``: BKG says whether the kind belongs in front of the name."""
    name: str = unit["GEN"]
    if str(unit["IBZ"]) not in CITY_OF_ITS_OWN and unit["NBD"] == "ja":
        return f"{unit['BEZ']} {name}"
    return name


def size_classes(municipalities: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Size class of every municipality by AGS; every name of the ordinance has to be that of exactly one."""
    classes = {
        key: "kreisfrei" if str(unit["IBZ"]) in CITY_OF_ITS_OWN else "sonstige"
        for key, unit in municipalities.items()
    }
    named: dict[str, list[str]] = {}
    for key, unit in municipalities.items():
        named.setdefault(unit["GEN"], []).append(key)
    for size, names in _named_classes():
        for name in names:
            found = named.get(NAMED_BY_BKG.get(name, name), [])
            expect(f"Gemeinden mit dem Namen „{name}“", len(found), 1)
            if classes[found[0]] != "sonstige":
                raise WrongPackageError(
                    f"{name} steht in zwei Größenklassen: {classes[found[0]]} und {size}."
                )
            classes[found[0]] = size
    return classes


def _named_classes() -> Iterable[tuple[str, Iterable[str]]]:
    yield "kreisfrei", LIKE_A_CITY_OF_ITS_OWN
    for size, text in BY_ORDINANCE.items():
        yield size, [" ".join(name.split()) for name in text.split(",")]


def rows(folder: Path) -> Rows:
    """All rows of the table, sorted by AGS."""
    regions = {key: unit["GEN"] for key, unit in units(folder, "regierungsbezirke").items()}
    districts = units(folder, "kreise")
    municipalities = units(folder, "gemeinden")
    expect("Gemeinden", len(municipalities), MUNICIPALITIES)
    expect("Kreise und kreisfreie Städte", len(districts), DISTRICTS)
    sizes = size_classes(municipalities)

    result: Rows = []
    for key, unit in municipalities.items():
        district = key[:5]
        result.append(
            (
                key,
                unit["GEN"],
                KIND[str(unit["IBZ"])],
                district + "000",
                district_name(districts[district]),
                regions[key[:3]],
                sizes[key],
            )
        )
    for key, unit in districts.items():
        if str(unit["IBZ"]) in CITY_OF_ITS_OWN:
            continue  # already there as a municipality under the same eight digits
        name = district_name(unit)
        result.append(
            (key + "000", name, KIND[str(unit["IBZ"])], key + "000", name, regions[key[:3]], "kreis")
        )
    result.sort()
    cities = sum(row[2] == "kreisfreie-stadt" for row in result)
    expect("Zeilen", len(result), MUNICIPALITIES + DISTRICTS - cities)
    expect("verschiedene Schlüssel", len({row[0] for row in result}), len(result))
    return result


def _summary(table: Rows) -> str:
    sizes = Counter(row[-1] for row in table)
    municipalities = ", ".join(f"{sizes[one]} {one}" for one in ("kreisfrei", "gross", "mittel", "sonstige"))
    return f"{len(table) - sizes['kreis']} Gemeinden ({municipalities}), {sizes['kreis']} Kreise"


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    return derive(
        "Schreibt das Verzeichnis der Gemeinden und Kreise in Nordrhein-Westfalen aus den "
        "Verwaltungsgebieten des Bundesamtes für Kartographie und Geodäsie.",
        "kommunen.csv",
        rows,
        COLUMNS,
        _summary,
        arguments,
    )


if __name__ == "__main__":
    sys.exit(main())
