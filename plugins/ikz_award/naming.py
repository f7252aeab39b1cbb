"""German names of traits: from the reference data where there are some, else from the wording."""

from __future__ import annotations

from collections.abc import Mapping

from ikz_award import routes
from ikz_award.catalogue import Catalogue
from ikz_award.model import Term
from ikz_award.traits import Trait
from ikz_award.wording import Wording


class Names:
    """Names of dimensions and of their values, and where a reader finds more."""

    def __init__(self, catalogue: Catalogue, wording: Wording) -> None:
        self._wording = wording
        self._terms: Mapping[str, Mapping[str, Term]] = {
            "muster": catalogue.patterns,
            "aufgabenfeld": catalogue.task_fields,
            "rechtsform": catalogue.legal_forms,
        }

    def dimension(self, trait: Trait) -> str:
        """„Rechtsform“."""
        return self._wording.label("merkmal", trait.dimension)

    def value(self, trait: Trait) -> str:
        """„Zweckverband“, „in einem Kreis“."""
        terms = self._terms.get(trait.dimension)
        if terms is None:
            return self._wording.label(trait.dimension, trait.value)
        return terms[trait.value].title if trait.value in terms else trait.value

    def whole(self, trait: Trait) -> str:
        """„Rechtsform Zweckverband“; quotation marks only where the value is a name of its own."""
        return f"{self.dimension(trait)} „{self.value(trait)}“"

    def address(self, trait: Trait) -> str:
        """Page about the value, empty if it has none."""
        if trait.dimension == "muster":
            return routes.pattern(trait.value)
        if trait.dimension == "rechtsform":
            return routes.legal_form(trait.value)
        return ""
