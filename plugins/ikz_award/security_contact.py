"""Whom to tell about a weakness of the site: ``security.txt`` as RFC 9116 has it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from ikz_award import routes
from ikz_award.dates import Moment
from ikz_award.model import Facts


def text(operator: Facts, website: str, now: datetime) -> str:
    """The whole file; empty while the operator has named nobody, or once the name holds no longer."""
    facts = cast("Facts", operator["sicherheit"])
    contact, until = facts["kontakt"], facts["gueltig_bis"]
    if not contact or not isinstance(until, Moment) or until.ends <= now:
        return ""
    lines = [
        f"Contact: {contact}",
        f"Expires: {until.ends.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: de, en",
    ]
    if website:
        lines.append(f"Canonical: {website}/{routes.SECURITY_CONTACT}")
    return "\n".join([*lines, ""])
