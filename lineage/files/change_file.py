"""Change files: the changes somebody is about to make, as TOML, YAML or JSON."""

import os
from typing import Annotated, Literal

from pydantic import Field

from lineage.files.document_file import read_document
from lineage.files.file_schema import Spelling, spelled
from lineage.model.proposed_change import Action, Written, WrittenChange
from lineage.model.settings_document import Document, Mistakes

__all__ = ["make_changes", "read_changes"]

_Text = Annotated[str, Field(min_length=1)]
_Word = Literal[
    "drop", "rename", "move", "switch-off", "retype", "nullable", "not-null", "tag"
]  # as `Action`; pydantic names the choices in its order


class _Change(Spelling):
    action: _Word
    name: _Text
    to: _Text | None = None


class _File(Spelling):
    changes: Annotated[tuple[_Change, ...], Field(min_length=1)]


def read_changes(path: str | os.PathLike[str]) -> tuple[WrittenChange, ...]:
    """Read the changes in a file.

    Parameters
    ----------
    path : path
        Ends in `.toml`, `.yaml`, `.yml` or `.json`.

    Returns
    -------
    tuple of WrittenChange
        In the order of the file, each with its place there.

    Raises
    ------
    BrokenFile
        The file cannot be read.
    MistakenFile
        It has mistakes: all of them at once, each with its line and the nearest word.
    LineageError
        It is YAML, and PyYAML is not installed.
    """
    return make_changes(read_document(path))


def make_changes(document: Document) -> tuple[WrittenChange, ...]:
    """Make changes of what their file says.

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
    >>> drop = {"action": "drop", "name": "people.email"}
    >>> make_changes(Document("a.toml", {"changes": [drop]}))[0].name
    'people.email'
    >>> make_changes(Document("a.toml", {"changes": [drop, drop]}))
    Traceback (most recent call last):
    lineage.errors.MistakenFile: a.toml, line 1, column 1: 'people.email' has 'drop' twice
    """
    file = spelled(document, _File)
    mistakes = Mistakes(document)
    seen: set[tuple[str, str]] = set()
    for number, item in enumerate(file.changes):
        if (item.action, item.name) in seen:
            mistakes.add(("changes", number), f"{item.name!r} has {item.action!r} twice")
        seen.add((item.action, item.name))
    mistakes.refuse()
    return tuple(
        WrittenChange(
            action=Action(item.action),
            name=item.name,
            after=item.to,
            written=_place(document, number),
        )
        for number, item in enumerate(file.changes)
    )


def _place(document: Document, number: int) -> Written:
    line, column = document.spot(("changes", number))
    return Written(file=document.name, line=line, column=column)
