"""Register files: protected attributes and their proxies, as TOML."""

import os
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lineage.errors import BrokenFile
from lineage.model.register import Association, Attribute, Proxy, Register
from lineage.sources.packed_text import read_text
from lineage.sources.toml_lines import Place, lines_of, parse_toml

__all__ = ["parse_register", "read_register"]

_Text = Annotated[str, Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Attribute(_Entry):
    tags: tuple[_Text, ...] = ()
    columns: tuple[_Text, ...] = ()
    testing: tuple[_Text, ...] = ()


class _Association(_Entry):
    measure: _Text
    value: float
    run: _Text


class _Proxy(_Entry):
    name: _Text
    attribute: _Text
    reason: _Text
    reviewer: _Text
    tags: tuple[_Text, ...] = ()
    columns: tuple[_Text, ...] = ()
    evidence: _Text | None = None
    expires: date | None = None
    association: _Association | None = None


class _File(_Entry):
    attributes: dict[str, _Attribute]
    proxies: tuple[_Proxy, ...] = ()


def read_register(path: str | os.PathLike[str]) -> Register:
    """Read a register from its file.

    Raises
    ------
    BrokenFile
        The file cannot be read, or has mistakes: all of them at once, each with its line.
    """
    return parse_register(read_text(Path(path)), name=str(path))


def parse_register(text: str, *, name: str = "register") -> Register:
    r"""Read a register from text.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        What to call it in an error.

    Raises
    ------
    BrokenFile
        The text has mistakes: all of them at once, each with its line.

    Examples
    --------
    >>> parse_register('[attributes.gender]\ncolumns = ["*.gender"]').attributes
    (Attribute(name='gender', tags=(), columns=('*.gender',), testing=()),)
    >>> parse_register('[attributes.gender]\ncolumn = ["*.gender"]', name="a.toml")
    Traceback (most recent call last):
    ...
    lineage.errors.BrokenFile: a.toml, line 2: attributes.gender.column: no such key; did you
    mean columns?
    """
    content = parse_toml(name, text)
    try:
        file = _File.model_validate(content)
        mistakes = list(_contradictions(file))
    except ValidationError as error:
        mistakes = [(tuple(one["loc"]), _told(one)) for one in error.errors(include_url=False)]
        file = None
    if file is None or mistakes:
        raise _refusal(name, mistakes, lines_of(text))
    return Register(
        attributes=tuple(
            Attribute(name=key, **item.model_dump()) for key, item in file.attributes.items()
        ),
        proxies=tuple(_proxy(item) for item in file.proxies),
    )


def _proxy(item: _Proxy) -> Proxy:
    measured = item.association
    association = None if measured is None else Association(**measured.model_dump())
    return Proxy(**item.model_dump(exclude={"association"}), association=association)


def _contradictions(file: _File) -> Iterator[tuple[Place, str]]:
    """Find what is well-formed and yet cannot be meant."""
    for key, attribute in file.attributes.items():
        if not (attribute.tags or attribute.columns):
            yield ("attributes", key), "names no tags and no columns that hold it"
    seen: set[tuple[str, str]] = set()
    for number, proxy in enumerate(file.proxies):
        place = ("proxies", number)
        if not (proxy.tags or proxy.columns):
            yield place, "names no tags and no columns that hold it"
        if proxy.attribute not in file.attributes:
            hint = _nearest(proxy.attribute, list(file.attributes))
            yield (*place, "attribute"), f"no such attribute as {proxy.attribute!r}{hint}"
        if (proxy.name, proxy.attribute) in seen:
            yield (*place, "name"), f"{proxy.name!r} is declared twice for {proxy.attribute!r}"
        seen.add((proxy.name, proxy.attribute))


def _told(error: Any) -> str:
    """Say a mistake of form in words."""
    if error["type"] == "missing":
        return "is missing"
    if error["type"] != "extra_forbidden":
        return str(error["msg"])[0].lower() + str(error["msg"])[1:]
    *above, key = error["loc"]
    return f"no such key{_nearest(str(key), _keys_at(tuple(above)))}"


def _keys_at(place: Place) -> list[str]:
    """List the keys that may stand at a place."""
    if not place:
        return list(_File.model_fields)
    if place[-1] == "association":
        return list(_Association.model_fields)
    return list((_Attribute if place[0] == "attributes" else _Proxy).model_fields)


def _nearest(word: str, words: list[str]) -> str:
    close = get_close_matches(word, words, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(words)}"


def _refusal(name: str, mistakes: list[tuple[Place, str]], lines: dict[Place, int]) -> BrokenFile:
    """Tell all mistakes in one line, by the lines they stand on."""
    told = sorted((_line(place, lines), _spelled(place), what) for place, what in mistakes)
    (first, where, what), *others = told
    more = "".join(f"; line {line}: {place}: {what}" for line, place, what in others)
    return BrokenFile(name, f"{where}: {what}{more}", line=first)


def _line(place: Place, lines: dict[Place, int]) -> int:
    """Give the line of a place, or of the nearest around it that has one."""
    around = (place[:length] for length in range(len(place), 0, -1))
    return next((lines[item] for item in around if item in lines), 1)


def _spelled(place: Place) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
