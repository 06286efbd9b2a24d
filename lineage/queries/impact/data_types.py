"""Data types: whether every value of one type has room in another."""

import re
from enum import StrEnum
from typing import NamedTuple

__all__ = ["TypeChange", "compare_types"]


class TypeChange(StrEnum):
    """What becomes of the values of a column that gets another type."""

    SAME = "same"
    WIDER = "wider"
    """Every value has room in the new type."""
    NARROWER = "narrower"
    """Every value of the new type had room in the old one, but not in reverse."""
    INCOMPARABLE = "incomparable"
    """Neither has room for all values of the other."""
    UNKNOWN = "unknown"
    """One of the two is not known."""


_TYPE = re.compile(r"\s*([A-Za-z][\w ]*?)\s*(?:\(\s*([\d\s,]*)\))?\s*")
_SAME_AS = {
    "INT2": "SMALLINT",
    "INT4": "INT",
    "INTEGER": "INT",
    "INT8": "BIGINT",
    "LONG": "BIGINT",
    "BYTEINT": "TINYINT",
    "FLOAT4": "FLOAT",
    "FLOAT8": "DOUBLE",
    "DOUBLE PRECISION": "DOUBLE",
    "NUMERIC": "DECIMAL",
    "NUMBER": "DECIMAL",
    "STRING": "TEXT",
    "CHARACTER": "CHAR",
    "CHARACTER VARYING": "VARCHAR",
    "BOOL": "BOOLEAN",
}
_INTEGERS = {"TINYINT": 3, "SMALLINT": 5, "MEDIUMINT": 7, "INT": 10, "BIGINT": 19, "HUGEINT": 39}
"""With how many decimal digits their largest value is written."""
_EXACT_DIGITS = {"REAL": 6, "FLOAT": 6, "DOUBLE": 15}
"""How many digits of a whole number a type of floating point surely keeps."""
_TEXTS = frozenset({"CHAR", "VARCHAR", "TEXT"})
_SIZED = (frozenset({"CHAR", "VARCHAR"}), frozenset({"DECIMAL"}))
"""Types whose size a catalog may leave out: then it is not known, and not without bound."""
_UNBOUNDED = 1 << 40


class _Type(NamedTuple):
    name: str
    sizes: tuple[int, ...]


def compare_types(before: str | None, after: str | None) -> TypeChange:
    """Say whether a column has room for its values after it gets another type.

    Parameters
    ----------
    before, after : str or None
        As the catalog or a statement writes them.

    Examples
    --------
    >>> str(compare_types("INT", "bigint")), str(compare_types("varchar(20)", "varchar(10)"))
    ('wider', 'narrower')
    >>> str(compare_types("INT", "DATE")), str(compare_types(None, "DATE"))
    ('incomparable', 'unknown')
    """
    if not before or not after:
        return TypeChange.UNKNOWN
    old, new = _parse(before), _parse(after)
    if old == new:
        return TypeChange.SAME
    if _lack_a_size(old, new) or _says_less(before, after) or _says_less(after, before):
        return TypeChange.UNKNOWN
    outcome = _OUTCOMES[_has_room(new, old), _has_room(old, new)]
    # Alike in room is not the same: a FLOAT has 4 or 8 bytes, and CHAR is padded.
    is_same = outcome != TypeChange.SAME or {old.name, new.name} <= _INTEGERS.keys()
    return outcome if is_same else TypeChange.UNKNOWN


_OUTCOMES = {
    (True, True): TypeChange.SAME,
    (True, False): TypeChange.WIDER,
    (False, True): TypeChange.NARROWER,
    (False, False): TypeChange.INCOMPARABLE,
}
"""By whether the new type has room for the old one, and in reverse."""


def _lack_a_size(one: _Type, other: _Type) -> bool:
    """Whether two types differ by their sizes, and one of these is not said."""
    are_alike = any({one.name, other.name} <= family for family in _SIZED)
    return are_alike and not (one.sizes and other.sizes)


def _says_less(one: str, other: str) -> bool:
    """Whether one text leaves out what a type is made of: `array` for `array<int>`."""
    head, opened, _ = other.casefold().partition("<")
    return bool(opened) and one.strip().casefold() == head.strip()


def _parse(text: str) -> _Type:
    found = _TYPE.fullmatch(text)
    if found is None:  # of arrays, structs and the like the text alone is compared
        return _Type(" ".join(text.split()).casefold(), ())
    name = " ".join(found[1].upper().split())
    sizes = tuple(int(size) for size in (found[2] or "").replace(" ", "").split(",") if size)
    return _Type(_SAME_AS.get(name, name), sizes)


def _has_room(wide: _Type, narrow: _Type) -> bool:
    """Whether every value of one type has room in another."""
    if {wide.name, narrow.name} <= _TEXTS:
        return _length(wide) >= _length(narrow)
    if wide.sizes != narrow.sizes and {wide.name, narrow.name} & _EXACT_DIGITS.keys():
        return False
    if wide.name in _EXACT_DIGITS:
        if narrow.name in _EXACT_DIGITS:
            return _EXACT_DIGITS[wide.name] >= _EXACT_DIGITS[narrow.name]
        return _INTEGERS.get(narrow.name, _UNBOUNDED) <= _EXACT_DIGITS[wide.name]
    digits, other = _digits(wide), _digits(narrow)
    if digits is not None and other is not None:
        # The largest whole number of a type is written with more digits than it surely keeps.
        kept = digits[0] - (wide.name in _INTEGERS and narrow.name not in _INTEGERS)
        return kept >= other[0] and digits[1] >= other[1]
    return wide.name == narrow.name and wide.sizes == narrow.sizes


def _length(text: _Type) -> int:
    if text.sizes:
        return text.sizes[0]
    return _UNBOUNDED if text.name == "TEXT" else _UNBOUNDED - 1


def _digits(number: _Type) -> tuple[int, int] | None:
    """Return how many digits stand before and after the point; None of what has no such number.

    A decimal without sizes is as large as its database says, which is not known.
    """
    if number.name in _INTEGERS:
        return _INTEGERS[number.name], 0
    if number.name != "DECIMAL" or not number.sizes:
        return None
    precision, scale = (*number.sizes, 0)[:2]
    return precision - scale, scale
