"""Values as rows of Arrow tables, and back, by what their fields are declared to be.

A dataclass becomes a struct, a tuple a list, a reference a struct of kind and name. Columns
may be nested to any depth, which no Arrow type can be: they stand in one list, each before
what it holds, with how deep it lies.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lineage.files.arrow_extra import pa
from lineage.model.entities import Column

__all__ = ["fields_of", "from_row", "to_row"]

_SCALARS = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_COLUMNS = tuple[Column, ...]

_FORMER = {"evidence_source": "told_by", "influences_known": "tells_influences"}
"""What fields were called in folders of version 1."""

_Row = dict[str, Any]


def fields_of(kind: type) -> tuple[Any, ...]:
    """Give the Arrow fields of a dataclass or a reference.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> [str(field.type) for field in fields_of(Reference)]
    ['string', 'string']
    """
    return tuple(pa.field(name, _type_of(hint)) for name, hint in _hints(kind).items())


def to_row(value: Any) -> _Row:
    """Spell a value as a row.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> to_row(Reference("table", "people"))
    {'kind': 'table', 'fqn': 'people'}
    """
    hints = _hints(value.__class__)
    return {name: _plain(getattr(value, name), hint) for name, hint in hints.items()}


def from_row(kind: type, row: _Row) -> Any:
    """Make a value of its row; what the row has besides its fields is passed over.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> from_row(Reference, {"kind": "table", "fqn": "people", "more": 1})
    Reference('table', 'people')
    """
    return _maker(kind)(row)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    if is_dataclass(kind):
        return {field.name: hints[field.name] for field in fields(kind)}
    return hints


def _type_of(hint: Any) -> Any:
    hint = _bare(hint)
    if hint == _COLUMNS:
        nested = pa.struct([pa.field("depth", pa.int32()), *_own_fields(Column)])
        return pa.list_(nested)
    if get_origin(hint) is tuple:
        return _tuple_type(get_args(hint))
    if issubclass(hint, Enum):
        return pa.string()
    return _SCALARS.get(hint) or pa.struct(fields_of(hint))


def _tuple_type(items: tuple[Any, ...]) -> Any:
    return pa.list_(_type_of(items[0]))


def _own_fields(kind: type) -> list[Any]:
    """Give the fields of a column without what it holds."""
    return [
        pa.field(name, _type_of(hint)) for name, hint in _hints(kind).items() if hint != _COLUMNS
    ]


def _bare(hint: Any) -> Any:
    """Take `X` out of `X | None`, since every Arrow field may be null; some texts are text."""
    if get_origin(hint) is Literal:
        return str
    if get_origin(hint) is UnionType:
        (hint,) = (item for item in get_args(hint) if item is not NoneType)
    return hint


def _plain(value: Any, hint: Any) -> Any:
    hint = _bare(hint)
    if value is None or hint in _SCALARS:
        return value
    if hint == _COLUMNS:
        return list(_flattened(value))
    if get_origin(hint) is tuple:
        return [_plain(item, get_args(hint)[0]) for item in value]
    return str(value) if issubclass(hint, Enum) else to_row(value)


def _flattened(columns: tuple[Column, ...]) -> Iterable[_Row]:
    waiting = [(0, column) for column in reversed(columns)]
    while waiting:
        depth, column = waiting.pop()
        row = {
            name: _plain(getattr(column, name), hint)
            for name, hint in _hints(Column).items()
            if hint != _COLUMNS
        }
        yield {"depth": depth, **row}
        waiting.extend((depth + 1, child) for child in reversed(column.children))


def _nested(rows: list[_Row]) -> tuple[Column, ...]:
    """Put columns into one another again: from the last, each takes what lies deeper."""
    open_at: dict[int, list[Column]] = {}
    for row in reversed(rows):
        depth = row["depth"]
        children = tuple(reversed(open_at.pop(depth + 1, [])))
        made = {
            name: _maker(hint)(row[name])
            for name, hint in _hints(Column).items()
            if hint != _COLUMNS
        }
        open_at.setdefault(depth, []).append(Column(**made, children=children))
    return tuple(reversed(open_at.get(0, [])))


@cache
def _maker(hint: Any) -> Callable[[Any], Any]:
    """Give what makes a value of its plain form, None of None."""
    hint = _bare(hint)
    if hint == _COLUMNS:
        return _nested
    if get_origin(hint) is tuple:
        item = _maker(get_args(hint)[0])
        return lambda values: tuple(map(item, values))
    if hint in _SCALARS:
        return lambda value: value
    if issubclass(hint, Enum):
        return lambda value: None if value is None else hint(value)
    makers = {name: _maker(inner) for name, inner in _hints(hint).items()}
    return lambda row: None if row is None else hint(**_made(makers, row))


def _made(makers: Mapping[str, Callable[[Any], Any]], row: _Row) -> _Row:
    """Make the fields of a value; one that an older folder lacks is left at its default."""
    found = {}
    for name, make in makers.items():
        key = name if name in row else _FORMER.get(name)
        if key in row:
            found[name] = make(row[key])
    return found
