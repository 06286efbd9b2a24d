"""The line on which each key of a TOML file stands, which Python's own reader does not tell."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lineage.errors import BrokenFile

__all__ = ["Place", "lines_of", "parse_toml"]

Place = tuple[str | int, ...]
"""The way to a value: keys, and numbers in arrays of tables."""

_WHERE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


def parse_toml(name: str, text: str) -> dict[str, Any]:
    """Read TOML.

    Raises
    ------
    BrokenFile
        The text is no TOML; with the line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        where = _WHERE.search(message)
        line = int(where[1]) if where and where[1] else text.count("\n") + 1
        reason = _WHERE.sub("", message)
        raise BrokenFile(name, f"is no TOML: {reason}", line=line) from None


def lines_of(text: str) -> dict[Place, int]:
    r"""Find the line on which each table and each key begins, in a text that is TOML.

    Examples
    --------
    >>> lines_of('title = "x"\n[[rules]]\nname = "a"\n')
    {('title',): 1, ('rules',): 2, ('rules', 0): 2, ('rules', 0, 'name'): 3}
    """
    found: dict[Place, int] = {}
    tables: Counter[Place] = Counter()
    here: Place = ()
    for line, statement, content in _statements(text):
        if statement.lstrip().startswith("["):
            here = _header(content, tables)
            for length in range(1, len(here) + 1):
                found.setdefault(here[:length], line)
        else:
            for place in _keys(content):
                found.setdefault(here + place, line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Cut a text into its statements, each being the fewest lines that are TOML together."""
    waiting: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        waiting.append(line)
        statement = "\n".join(waiting)
        try:
            content = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        if content:
            yield number - len(waiting) + 1, statement, content
        waiting.clear()


def _header(content: dict[str, Any], tables: Counter[Place]) -> Place:
    """Give the place of a table, counting those of an array."""
    place: Place = ()
    inner: Any = content
    while inner:
        ((key, inner),) = inner.items()
        place += (key,)
        if isinstance(inner, list):
            inner = inner[0]
            tables[place] += 1
        if tables[place]:
            place += (tables[place] - 1,)
    return place


def _keys(content: dict[str, Any]) -> Iterator[Place]:
    """Go through keys and what is in them, as an inline table or a dotted key has it."""
    waiting: list[tuple[Place, Any]] = [((), content)]
    while waiting:
        place, value = waiting.pop()
        if place:
            yield place
        if isinstance(value, dict):
            waiting += [((*place, key), inner) for key, inner in value.items()]
