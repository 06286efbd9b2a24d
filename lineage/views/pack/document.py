"""A document: sections of paragraphs, lists, tables and pictures, before any markup.

What is said is said here once; Markdown and HTML only spell it. Everything from the catalog
is text.
"""

from dataclasses import dataclass

from lineage.governance.audit.audit import Verdict
from lineage.governance.bias.questions import Says
from lineage.governance.pack.requirements import Status

__all__ = ["Block", "Bullets", "Cell", "Code", "Document", "Link", "Picture", "Section", "Table"]


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to another place of the document."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class Code:
    """A name or an expression, to be shown letter by letter; `anchor` names its place."""

    text: str
    anchor: str = ""


Cell = str | int | Link | Code | Verdict | Status | Says | tuple["Cell", ...]
"""What a cell holds; a tuple is several of them, one below the other."""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of points."""

    items: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG, with what it shows in words."""

    svg: bytes
    caption: str


Block = str | Bullets | Table | Picture
"""A string is a paragraph."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document under a heading; `anchor` names its place.

    One that `is_part` belongs to the section before it, and is not listed in the contents.
    """

    title: str
    anchor: str
    blocks: tuple[Block, ...]
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole document.

    Attributes
    ----------
    title, subtitle : str
    verdict : Verdict
        The answer, in a word.
    lead : str
        The answer, in a sentence.
    identity : tuple of (str, str)
        What the document is about and what it rests on.
    sections : tuple of Section
    """

    title: str
    subtitle: str
    verdict: Verdict
    lead: str
    identity: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
