"""Register files: protected attributes and their proxies, as TOML, YAML or JSON."""

import os
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field

from lineage.files.document_file import read_document
from lineage.files.file_schema import Spelling, spelled
from lineage.model.register import Association, Attribute, Proxy, Register
from lineage.model.settings_document import Document, Mistakes, Place, listed, nearest

__all__ = ["make_register", "read_register"]

_Text = Annotated[str, Field(min_length=1)]


class _Attribute(Spelling):
    tags: tuple[_Text, ...] = ()
    columns: tuple[_Text, ...] = ()
    testing: tuple[_Text, ...] = ()


class _Association(Spelling):
    measure: _Text
    value: float
    run: _Text


class _Proxy(Spelling):
    name: _Text
    attribute: _Text
    reason: _Text
    reviewer: _Text
    tags: tuple[_Text, ...] = ()
    columns: tuple[_Text, ...] = ()
    evidence: _Text | None = None
    expires: date | None = None
    association: _Association | None = None


class _File(Spelling):
    attributes: dict[str, _Attribute]
    proxies: tuple[_Proxy, ...] = ()


def read_register(path: str | os.PathLike[str]) -> Register:
    """Read a register from its file.

    Parameters
    ----------
    path : path
        Ends in `.toml`, `.yaml`, `.yml` or `.json`.

    Raises
    ------
    BrokenFile
        The file cannot be read.
    MistakenFile
        It has mistakes: all of them at once, each with its line and the nearest word.
    LineageError
        It is YAML, and PyYAML is not installed.
    """
    return make_register(read_document(path))


def make_register(document: Document) -> Register:
    """Make a register of what its file says.

    Parameters
    ----------
    document : Document
        From `lineage.files.document_file`.

    Raises
    ------
    MistakenFile
        There are mistakes in it: all of them, each with its line and the nearest word.

    Examples
    --------
    >>> gender = {"columns": ["*.gender"]}
    >>> make_register(Document("a.toml", {"attributes": {"gender": gender}})).attributes
    (Attribute(name='gender', tags=(), columns=('*.gender',), testing=()),)
    >>> make_register(Document("a.toml", {"attributes": {"gender": {"column": []}}}))
    Traceback (most recent call last):
    ...
    lineage.errors.MistakenFile: a.toml, line 1, column 1: there is no key 'column' here; did you
    mean 'columns'?
    """
    file = spelled(document, _File)
    mistakes = Mistakes(document)
    for place, reason in _contradictions(file):
        mistakes.add(place, reason)
    mistakes.refuse()
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
            yield ("attributes", key), f"{key!r} names no tags and no columns that hold it"
    seen: set[tuple[str, str]] = set()
    for number, proxy in enumerate(file.proxies):
        place = ("proxies", number)
        if not (proxy.tags or proxy.columns):
            yield place, f"{proxy.name!r} names no tags and no columns that hold it"
        if proxy.attribute not in file.attributes:
            known = tuple(file.attributes)
            hint = nearest(proxy.attribute, known) or f"; there is {listed(known)}"
            yield (*place, "attribute"), f"no such attribute as {proxy.attribute!r}{hint}"
        if (proxy.name, proxy.attribute) in seen:
            yield (*place, "name"), f"{proxy.name!r} is declared twice for {proxy.attribute!r}"
        seen.add((proxy.name, proxy.attribute))
