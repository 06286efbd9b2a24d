"""Places: the line and column at which each value of a TOML, JSON or YAML text stands.

The readers of Python's own library say what a text says, but not where. What is walked here
has been read by them before, so it is well formed: only its keys, brackets and line breaks
are looked at.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lineage.errors import BrokenFile
from lineage.model.settings_document import Place, Spot

__all__ = ["json_places", "toml_places", "yaml_places", "yaml_spot"]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|\n"
    r"|[\[\]{},=:.]"
    r"|[^\s\[\]{},=:.\"'\#]+",
    re.DOTALL,
)
_END = "\x00"
_CLOSING = {"[": "]", "{": "}"}


@dataclass(slots=True)
class _Places:
    """Where the values of one file stand, as far as it has been walked."""

    path: str
    spots: dict[Place, Spot] = field(default_factory=dict)

    def note(self, place: Place, spot: Spot) -> None:
        """Keep where a value stands; that it stands there twice is an error."""
        if place in self.spots:
            line, column = spot
            reason = f"{place[-1]!r} is there already, on line {self.spots[place][0]}"
            raise BrokenFile(self.path, reason, line=line, column=column)
        self.spots[place] = spot

    def note_around(self, place: Place, spot: Spot) -> None:
        """Keep where what holds other values begins."""
        self.spots.setdefault(place, spot)


def json_places(path: str, text: str) -> dict[Place, Spot]:
    r"""Find the line and column of each value of a JSON text.

    Raises
    ------
    BrokenFile
        A key stands twice in one object.

    Examples
    --------
    >>> json_places("x.json", '{"edges": [\n{"upstream": "a"}]}')["edges", 0, "upstream"]
    (2, 2)
    """
    walk = _Walk(text, _Places(path), ":", _json_key)
    walk.value(())
    return walk.places.spots


def toml_places(path: str, text: str) -> dict[Place, Spot]:
    r"""Find the line and column of each value of a TOML text.

    Raises
    ------
    BrokenFile
        A key stands twice in one table.

    Examples
    --------
    >>> places = toml_places("x.toml", '[[edges]]\nupstream = "a"\n[[edges]]\nsql = "b"')
    >>> places["edges", 1], places["edges", 1, "sql"]
    ((3, 1), (4, 1))
    """
    walk = _Walk(text, _Places(path), "=", _toml_key)
    walk.document()
    return walk.places.spots


def yaml_places(path: str, text: str) -> dict[Place, Spot]:
    """Find the line and column of each value of a YAML text; takes PyYAML.

    Raises
    ------
    BrokenFile
        A key stands twice in one mapping, or something is an alias.
    """
    import yaml  # noqa: PLC0415  # an extra

    _refuse_aliases(path, yaml.parse(text, Loader=yaml.SafeLoader))
    places = _Places(path)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    waiting: list[tuple[Place, yaml.Node]] = [] if root is None else [((), root)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            for key, item in node.value:
                inside = (*place, str(key.value))
                places.note(inside, yaml_spot(key.start_mark))
                waiting.append((inside, item))
        elif isinstance(node, yaml.SequenceNode):
            for number, item in enumerate(node.value):
                places.note((*place, number), yaml_spot(item.start_mark))
                waiting.append(((*place, number), item))
    return places.spots


def yaml_spot(mark: Any) -> Spot:
    """Give the line and column of a mark of PyYAML's, whose types are loose."""
    return int(mark.line) + 1, int(mark.column) + 1


@dataclass(slots=True)
class _Walk:
    """Goes through the tokens of a text once; nests as deep as the text does."""

    text: str
    places: _Places
    assigned_by: str
    read_key: Callable[[str], str]
    tokens: list[tuple[str, int, int]] = field(init=False)
    position: int = 0
    lengths: dict[Place, int] = field(default_factory=dict)
    """How many tables each array of tables has so far."""

    def __post_init__(self) -> None:
        self.tokens = []
        line, last = 1, 0
        for match in _TOKEN.finditer(self.text):
            line += self.text.count("\n", last, match.start())
            last = match.start()
            if not match[0].startswith("#"):
                column = match.start() - self.text.rfind("\n", 0, match.start())
                self.tokens.append((match[0], line, column))
        self.tokens.append((_END, line, 1))

    def document(self) -> None:
        """Go through TOML: headers of tables, and keys with their values."""
        table: Place = ()
        while self._skip_breaks() != _END:
            if self._next() == "[":
                table = self._header()
            else:
                self._assignment(table)

    def value(self, place: Place) -> None:
        """Go past one value and note the lines of what is in it."""
        opening = self._skip_breaks()
        if opening not in _CLOSING:
            self._scalar()
            return
        self._take()
        number = 0
        while self._skip_breaks() not in (_CLOSING[opening], _END):
            if opening == "{":
                self._assignment(place)
            else:
                self.places.note((*place, number), self._spot())
                self.value((*place, number))
                number += 1
            if self._skip_breaks() == ",":
                self._take()
        self._take()

    def _header(self) -> Place:
        """Read `[a.b]` or `[[a.b]]`: the table that what follows belongs to."""
        spot = self._spot()
        self._take()
        is_array = self._next() == "["
        if is_array:
            self._take()
        place: Place = ()
        *above, last = self._keys(until="]")
        for key in above:
            self.places.note_around((*place, key), spot)
            place = self._latest((*place, key))
        if is_array:
            self._take()
            array = (*place, last)
            self.places.note_around(array, spot)
            number = self.lengths.get(array, 0)
            self.lengths[array] = number + 1
            table: Place = (*array, number)
        else:
            table = (*place, last)
        self.places.spots[table] = spot  # though a table inside it may have stood before
        return table

    def _latest(self, place: Place) -> Place:
        return (*place, self.lengths[place] - 1) if place in self.lengths else place

    def _assignment(self, table: Place) -> None:
        spot = self._spot()
        keys = self._keys(until=self.assigned_by)
        for length in range(1, len(keys)):
            self.places.note_around((*table, *keys[:length]), spot)
        place = (*table, *keys)
        self.places.note(place, spot)
        self.value(place)

    def _keys(self, *, until: str) -> tuple[str, ...]:
        """Take the parts of a dotted key, and what ends it."""
        keys = []
        while (token := self._take()) not in (until, _END):
            if token not in (".", "\n"):
                keys.append(self.read_key(token))
        return tuple(keys)

    def _scalar(self) -> None:
        while self._next() not in (",", "]", "}", "\n", _END):
            self._take()

    def _skip_breaks(self) -> str:
        while self._next() == "\n":
            self._take()
        return self._next()

    def _next(self) -> str:
        return self.tokens[self.position][0]

    def _spot(self) -> Spot:
        _, line, column = self.tokens[self.position]
        return line, column

    def _take(self) -> str:
        token = self._next()
        self.position = min(self.position + 1, len(self.tokens) - 1)
        return token


def _refuse_aliases(path: str, events: Iterable[Any]) -> None:
    """Refuse aliases, which can stand for too much."""
    for event in events:
        if type(event).__name__ == "AliasEvent":
            line, column = yaml_spot(event.start_mark)
            reason = f"*{event.anchor} is an alias: write out what it stands for"
            raise BrokenFile(path, reason, line=line, column=column)


@lru_cache
def _json_key(token: str) -> str:
    return str(json.loads(token, strict=False))


@lru_cache
def _toml_key(token: str) -> str:
    return next(iter(tomllib.loads(f"{token} = 0")))
