"""Which posts of the editors are out at a moment: never a draft, and none before its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from ikz_award import routes
from ikz_award.content import ContentPage, targets
from ikz_award.dates import BERLIN, in_words


def begins(post: ContentPage) -> datetime | None:
    """First instant of the day a post bears; ``None`` if it never goes out as it is."""
    return datetime.combine(post.day, time.min, BERLIN) if post.day else None


def is_out(page: ContentPage, now: datetime) -> bool:
    """Whether a page may be shown. Only posts have to wait."""
    moment = begins(page)
    return not page.is_post or (moment is not None and moment <= now)


def newest_first(pages: Iterable[ContentPage], now: datetime) -> tuple[ContentPage, ...]:
    """Posts that are out."""
    out = [one for one in pages if one.is_post and is_out(one, now)]
    return tuple(
        sorted(out, key=lambda one: (one.day.toordinal() if one.day else 0, one.address), reverse=True)
    )


def withheld(pages: Iterable[ContentPage], files: Iterable[str], now: datetime) -> dict[str, str]:
    """Files below ``content/`` that must not go out now, each with the reason; none where a finding says it already.

    A picture among the posts, or of a post that is not out, goes out with the first page that shows it, for it may tell what
    is not to be told yet.
    """
    pages, pictures = list(pages), {one for one in files if not one.endswith(".md")}
    shown, waiting = (
        {target for one in pages if is_out(one, now) is out for target in targets(one)}
        for out in (True, False)
    )
    beside = {one for one in pictures if one.startswith(routes.POSTS)} | (pictures & waiting)
    return {
        **{one.file: _reason(one) for one in pages if not is_out(one, now)},
        **dict.fromkeys(beside - shown, "gehört zu keiner Mitteilung, die schon erschienen ist"),
    }


def _reason(post: ContentPage) -> str:
    if post.is_draft:
        return "Entwurf einer Mitteilung"
    return f"Mitteilung erscheint am {in_words(post.day)}" if post.day else ""


def next_change(pages: Iterable[ContentPage], now: datetime) -> datetime | None:
    """When the next post comes out by itself."""
    moments = (begins(one) for one in pages if one.is_post)
    return min((one for one in moments if one and one > now), default=None)
