"""Small questions about texts that several checks ask alike."""

from __future__ import annotations

import difflib
import html
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

# Nothing is looked at twice: an address begins where its signs begin, and no part of a name is longer than RFC 1035 allows.
_BEGIN, _LABEL = r"(?<![\w.+-])", r"[\w-]{1,63}"
EMAIL = re.compile(rf"{_BEGIN}[\w.+-]+@{_LABEL}(?:\.{_LABEL})+")
# For a reader also an address: „name (at) amt.de“, „name[at]amt[dot]de“, „name at amt punkt de“.
_AT_WORD = r"[(\[{<](?:at|ät|a|klammeraffe)[)\]}>]|[-_](?:at|ät)[-_]"
# Emphasis and backslashes of Markdown may stand around it.
_AT = rf"[*\\]{{0,3}}(?:\s?(?:@|{_AT_WORD})\s?|\sat\s)[*]{{0,3}}(?!www\.)"
# Code in Markdown: a fenced block, or words between backticks.
CODE = re.compile(r"^(```|~~~).*?^\1[ \t]*$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_DOT = r"(?:\.|\s?[(\[{](?:dot|punkt)[)\]}]\s?|\s(?:dot|punkt)\s)"
_ADDRESS = re.compile(
    rf"{_BEGIN}[\w.+-]+{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{0,8}}{_DOT}[a-z]{{2,63}}(?!\w)", re.IGNORECASE
)
# German numbers: a leading 0 or +49, an area code and at least five digits in all groups together. Between dots the area
# code has to be longer than the day of a date. And those of our neighbours, if written for abroad.
_ABROAD = r"(?:\+|00)(?:49|31|32|33|41|43|352)"
PHONE = re.compile(
    rf"(?<![\w./-])(?:{_ABROAD}[\d ()/.·*–-]{{5,}}\d"
    r"|0[1-9][\d ()/·*–-]{5,}\d|0[1-9]\d{1,3}(?:\.\d{5,}|(?:\.\d{2,4}){2,}))(?!\w|\.\d)"
)
EXTENSION = re.compile(
    r"(?<!\w)(?:Mobil|Handy)(?:nummer|telefon)?[ :–-]{0,3}\d[\d /–-]{5,}\d(?!\w|\.\d)|"
    r"(?:(?<!\w)(?:Durchwahl|Nebenstelle|Rufnummer|Apparat|(?:Tele)?fon(?:nummer|nr\.?)?|Tel\.(?:-?Nr\.?)?|Fax)|[☎☏📞])(?: -?nummer| Nr\.)?"
    r"[ :–-]{0,3}\d[\d /–-]*\d(?!\w|\.\d)|(?<!\w)Tel[ :]{1,3}\d[\d /–-]{3,}\d(?!\w|\.\d)",
    re.IGNORECASE,
)
# Words that fill a line and say nothing.
_FILLERS = frozenset(
    [
        "k.a.",
        "k.a",
        "n.a.",
        "n.a",
        "n/a",
        "-",
        "–",
        "—",
        "?",
        "??",
        "…",
        "...",
        "xxx",
        "tbd",
        "todo",
        "unbekannt",
        "keineangabe",
        "nichtbekannt",
        "siehelink",
        "s.link",
        "sieheoben",
        "s.o.",
        "siehewebsite",
        "siehehomepage",
        "sieheanlage",
    ]
)
_LONGEST_FILLER = max(map(len, _FILLERS))
_MIN_PHONE_DIGITS = 7
# A number that goes on in the next line.
_WRAPPED = re.compile(r"[\d/(][ \t]*\n[ \t]*(?=[\d/)])")
# How every number begins, and a word beside every extension.
_PHONE_BEGINS = re.compile(rf"{_ABROAD}|0[1-9][\d ()/.·*–-]")
_CALLED = ("mobil", "handy", "durchwahl", "nebenstelle", "fon", "fax", "rufnummer", "apparat", "☎", "☏", "📞")
# Apart, since it is part of many words.
_TEL = re.compile(r"tel[.: ](?<!\wtel.)")
# An „at“ with blanks, lines or brackets around it.
_AT_ALONE = re.compile(r"[\W_][aäAÄ][tT][\W_]")
_AT_IN_BRACKETS = re.compile(r"[(\[{<](?i:at|ät|a|klammeraffe)[)\]}>]")
# Local parts that stand for an office, not for a person.
_FUNCTIONAL = re.compile(
    r"(info|kontakt|post(stelle)?|mail|buero|office|rathaus|stadt|gemeinde|kreis|verwaltung|service|presse|ikz|datenschutz|"
    r"buergerbuero|hauptamt|archiv|feuerwehr|vergabe|personal|it|zentrale|geschaeftsstelle|redaktion|barrierefreiheit|sicherheit|security|"
    r"[a-z]+amt|fachbereich[a-z0-9-]*|team[a-z0-9-]*|abteilung[a-z0-9-]*|(stabs|ombuds)stelle[a-z0-9-]*)([._-][a-z0-9-]+)?",
    re.IGNORECASE,
)

# Words that say what a municipality is, not which one.
_KIND_OF_PLACE = frozenset(
    [
        "stadt",
        "gemeinde",
        "kreis",
        "städteregion",
        "region",
        "kreisfreie",
        "kreisstadt",
        "hansestadt",
        "landeshauptstadt",
        "bundesstadt",
        "universitätsstadt",
    ]
)


def nearest(wanted: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known word most like ``wanted``, or empty."""
    names = list(known)
    by_lower = {name.lower(): name for name in names}
    found = difflib.get_close_matches(wanted.lower(), by_lower, 1, cutoff)
    return by_lower[found[0]] if found else ""


def nearest_code(wanted: str, known: Iterable[str]) -> str:
    """The known code most like ``wanted``; a number means something of its own and resembles no other one."""
    return "" if wanted.strip().isdigit() else nearest(wanted, known)


def word_count(text: str) -> int:
    """Words as a reader counts them: runs between blanks that hold a letter or a digit."""
    return sum(any(sign.isalnum() for sign in word) for word in text.split())


def _plain(text: str) -> str:
    """The same number of signs, in the form a keyboard has: other blanks, dashes, digits, dots and @ look alike to a reader."""
    return text if text.isascii() else _UNPLAIN.sub(lambda sign: _plain_sign(sign[0]), text)


@cache
def _plain_sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Zs":
        return " "
    if kind == "Pd" or sign == "\N{MINUS SIGN}":
        return "-"
    # A raised number, as in m², belongs to what stands before it.
    folded = sign if kind == "No" else unicodedata.normalize("NFKC", sign)
    return "." if folded == "\N{IDEOGRAPHIC FULL STOP}" else folded if len(folded) == 1 else sign


# Signs that are not surely plain: all but those of western languages and their quotation marks.
_UNPLAIN = re.compile(
    f"[^{re.escape(''.join(one for one in map(chr, range(0x180)) if _plain_sign(one) == one))}„“”‚‘’]"
)


def emails(text: str) -> list[str]:
    """Everything that is a mail address for a reader, also one in disguise."""
    # Most texts have no such sign at all; to ask for it first takes a fraction of the time.
    plain = _plain(text)
    if not ("@" in plain or _AT_ALONE.search(f" {plain} ") or _AT_IN_BRACKETS.search(plain)):
        return []
    return [text[slice(*match.span())] for match in _ADDRESS.finditer(plain)]


def phones(text: str) -> list[str]:
    """Everything that looks like a German telephone number, or is called one."""
    plain = _WRAPPED.sub(lambda end: end[0][0].ljust(len(end[0])), _plain(text))
    # As above: whether there may be any is asked first.
    found = PHONE.finditer(plain) if _PHONE_BEGINS.search(plain) else ()
    numbers = [
        text[slice(*match.span())].strip()
        for match in found
        if sum(sign.isdigit() for sign in match[0]) >= _MIN_PHONE_DIGITS
    ]
    lowered = plain.lower()
    names = (
        EXTENSION.finditer(plain) if any(one in lowered for one in _CALLED) or _TEL.search(lowered) else ()
    )
    called = [text[slice(*match.span())] for match in names]
    return [*numbers, *(one for one in called if not any(number in one for number in numbers))]


# What Markdown and browsers take away: a backslash before a sign, marks around words, signs nobody sees, codes in addresses.
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_UNSEEN_MARKS = re.compile("[*`\u00ad\u200b-\u200d\u2060\ufeff]")
_CODED = re.compile(r"(?:mailto|tel):[^\s)>\"']*", re.IGNORECASE)
# A link or emphasis within a word: „[erika](…)@stadt.de“, „erika@_stadt_.de“.
_LINK = r"!?\[([^\[\]\n]*)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])"
_LINKED = re.compile(
    rf"(?<=[\w.@-]){_LINK}|{_LINK}(?=[\w.@-])|!?\[(\+?[\d ()/.–-]{{3,}})\](?:\([^()\n]*\)|\[[^\[\]\n]*\])"
)
_EMPHASIS = re.compile(r"(?<=[@.])_+|_+(?=[@.])|(?<!\w)_+(?=[\w+])|(?<=\w)_+(?!\w)")
# Browsers show one blank.
_BLANKS = re.compile(r"(?<=\S)[ \t]{2,}(?=\S)")


def as_read(text: str) -> tuple[str, ...]:
    """Markdown as readers and their mail programs have it: with where links lead and, if that may hide something, without.

    Every line stays a line. What the second one holds is of interest where the first holds nothing.
    """
    coded = _CODED.sub(lambda match: " ".join(unquote(match[0]).split()), html.unescape(text))
    # Of other addresses no more than that, or parts of them would look like numbers.
    coded = coded.replace("%40", "@")
    shown = _UNSEEN_MARKS.sub("", _ESCAPED.sub(r"\1", coded))
    shown = _BLANKS.sub(" ", shown) if "  " in shown or "\t" in shown else shown
    bare = _LINKED.sub(lambda match: next(filter(None, match.groups()), ""), shown) if "[" in shown else shown
    bare = _EMPHASIS.sub("", bare) if "_" in bare else bare
    return (shown,) if bare == shown else (shown, bare)


def leads_somewhere(address: str) -> bool:
    """Whether programs can take the address of a link apart, and a web address names a host.

    With brackets in the wrong place, some programs end with an error.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme not in {"http", "https"} or bool(parts.netloc)


def says_nothing(text: str) -> bool:
    """Whether a text only fills its line: „k. A.“, „siehe Link“, „–“."""
    words = text.split(None, _LONGEST_FILLER)
    return len(words) <= _LONGEST_FILLER and "".join(words).casefold() in _FILLERS


def base_name(name: str) -> frozenset[str]:
    """The words of a municipality's name that tell it from others: „Stadt Menden (Sauerland)“ → menden."""
    words = re.findall(r"\w+", re.sub(r"\([^)]*\)", " ", name).casefold())
    return frozenset(one for one in words if one not in _KIND_OF_PLACE)


def is_functional_address(address: str) -> bool:
    """Whether a mail address names an office (``info@``, ``vergabe@``), judged by its local part."""
    return bool(_FUNCTIONAL.fullmatch(address.partition("@")[0].strip()))


# The same names are put in order on many pages.
@lru_cache(maxsize=1 << 16)
def sort_key(text: str) -> str:
    """Order of German lists (DIN 5007-1): umlauts as their base letter, case ignored."""
    folded = unicodedata.normalize("NFD", text.casefold().replace("ß", "ss"))
    return "".join(sign for sign in folded if not unicodedata.combining(sign))


def slug(text: str) -> str:
    """A text as part of an address: ``Sicherheit und Ordnung`` → ``sicherheit-und-ordnung``, umlauts spelt out."""
    spelt = text.casefold().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"})
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
