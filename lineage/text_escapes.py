r"""Escapes: texts of a catalog, written so that no output is broken, reordered or run by them.

Names come from anywhere. A control character moves a terminal's cursor, a bidirectional override
shows `exe.txt` as `txt.exe`, half of a surrogate pair cannot be written in UTF-8 at all. Each of
these is written as an escape, and so is a backslash that would read as the beginning of one: two
texts are never written alike, and `unescape` gives back what there was.
"""

import json
import re
import unicodedata
from functools import partial
from itertools import chain, starmap

__all__ = ["as_json", "escape", "unescape"]

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that break a line, reorder it, move the cursor or show nothing."""

_JOINERS = frozenset("\u200c\u200d")
"""Format characters that spell: Persian and Hindi words and families of emoji are made of them."""

_NONCHARACTERS = frozenset("\ufffe\uffff")
"""What no text may hold, though Python can."""

_BEGINS_ESCAPE = frozenset("\\nrtxuU")
"""What a backslash stands before in an escape."""

_ESCAPES = re.compile(
    r"\\(?:([\\nrt])|x([0-9a-f]{2})|u([0-9a-f]{4})|U(0010[0-9a-f]{4}|000[0-9a-f]{5}))"
)
_UNUSUAL = re.compile(r"[^\x00-\x7e]")
"""What JSON may leave as it is and does harm; within JSON it is in texts alone."""

_LETTERS = {"\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


def escape(text: str, *, kept: str = "") -> str:
    r"""Write a text so that it shows as it is.

    Parameters
    ----------
    text : str
        Anything.
    kept : str
        Characters to leave as they are, for instance line breaks in a text of several lines.

    Examples
    --------
    >>> print(escape("two\nlines \x1b[31mred, C:\\new"))
    two\nlines \x1b[31mred, C:\\new
    >>> escape("two\nlines", kept="\n\t")
    'two\nlines'
    """
    if text.isprintable() and "\\" not in text:
        return text
    following = chain(text[1:], [""])
    return "".join(starmap(partial(_written, kept), zip(text, following, strict=True)))


def as_json(value: object, *, indent: int | None = None) -> str:
    r"""Write a value as JSON whose texts show as they are; a reader gets back what there was.

    JSON itself leaves all but the first 32 characters alone.

    Examples
    --------
    >>> print(as_json({"name": "exe\u202etxt, Stra\u00dfe"}))
    {"name": "exe\u202etxt, Straße"}
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return text if text.isascii() and "\x7f" not in text else _UNUSUAL.sub(_json_written, text)


def unescape(text: str) -> str:
    r"""Read what `escape` wrote.

    Examples
    --------
    >>> unescape(escape("C:\\new\x07")) == "C:\\new\x07"
    True
    """
    return _ESCAPES.sub(_character, text)


def _written(kept: str, character: str, following: str) -> str:
    if character == "\\":
        is_ambiguous = following in _BEGINS_ESCAPE or _is_escaped(following, kept)
        return "\\\\" if is_ambiguous else character
    if _is_escaped(character, kept):
        return character.encode("unicode_escape").decode()
    return character


def _json_written(found: re.Match[str]) -> str:
    character = found[0]
    return json.dumps(character)[1:-1] if _is_escaped(character, "") else character


def _is_escaped(character: str, kept: str) -> bool:
    if not character or character in kept or character in _JOINERS:
        return False
    return unicodedata.category(character) in _INVISIBLE or character in _NONCHARACTERS


def _character(found: re.Match[str]) -> str:
    letter, *codes = found.groups()
    return _LETTERS[letter] if letter else chr(int(next(filter(None, codes)), 16))
