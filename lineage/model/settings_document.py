"""Documents: what a person wrote in a file, with the place of everything in it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from lineage.errors import Mistake, MistakenFile, did_you_mean

__all__ = ["Document", "Mistakes", "Place", "Spot", "listed", "nearest", "no_key"]

Place = tuple[str | int, ...]
"""The keys and numbers that lead to a value, as in `("rules", 0, "from")`."""

Spot = tuple[int, int]
"""The line and the column of a value, from 1."""


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a file, as it was read and not yet understood.

    Attributes
    ----------
    name : str
        The file.
    content : object
        Tables, lists, texts, numbers, dates.
    spots : mapping of Place to Spot
        Where values stand; a value in a table stands where its key does.
    is_packaged : bool
        Whether it comes with the library: its name is no file of whoever reads it.
    """

    name: str
    content: Any
    spots: Mapping[Place, Spot] = field(default_factory=dict)
    is_packaged: bool = False

    def spot(self, place: Place) -> Spot:
        """Return the line and column of a value, or of the nearest thing around it.

        Examples
        --------
        >>> Document("p.toml", {}, {("rules", 0): (3, 1)}).spot(("rules", 0, "from"))
        (3, 1)
        """
        while place and place not in self.spots:
            place = place[:-1]
        return self.spots.get(place, (1, 1))


@dataclass(slots=True)
class Mistakes:
    """The mistakes of a document so far."""

    document: Document
    found: list[Mistake] = field(default_factory=list)

    def add(self, place: Place, reason: str) -> None:
        """Note a mistake."""
        self.found.append(Mistake(*self.document.spot(place), reason))

    def refuse(self) -> None:
        """Refuse the document if there is any mistake.

        Raises
        ------
        MistakenFile
            With all of them, in the order of the file.
        """
        if self.found:
            raise MistakenFile(self.document.name, self.found)


def no_key(key: str, known: Collection[str]) -> str:
    """Say that a table has no such key, and which it may have.

    Examples
    --------
    >>> no_key("ruels", ["name", "rules"])
    "there is no key 'ruels' here; did you mean 'rules'?"
    >>> no_key("masks", ["name", "rules"])
    "there is no key 'masks' here; there may be name or rules"
    """
    hint = nearest(key, known) or f"; there may be {listed(known)}"
    return f"there is no key {key!r} here{hint}"


def nearest(word: str, known: Collection[str]) -> str:
    """End a mistake with the known word that is nearest; with nothing where none is near.

    Examples
    --------
    >>> nearest("Mask", ["masked", "table"])
    "; did you mean 'masked'?"
    """
    return did_you_mean([f"'{found}'" for found in get_close_matches(word.lower(), known, n=1)])


def listed(words: Collection[str]) -> str:
    """List words to choose from.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
