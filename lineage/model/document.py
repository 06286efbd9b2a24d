"""Documents: what a settings file says, with the place of everything in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Document", "Place"]

Place = tuple[str | int, ...]
"""The keys and numbers that lead to a value, as in `("rules", 0, "from")`."""


@dataclass(frozen=True, slots=True)
class Document:
    """The content of a file, as it was read and not yet understood.

    Attributes
    ----------
    name : str
        The file.
    content : object
        Tables, lists, texts, numbers, dates.
    spots : mapping of Place to (int, int)
        The line and the column of values, from 1.
    is_packaged : bool
        Whether it comes with the library: its name is no file of whoever reads it.
    """

    name: str
    content: Any
    spots: Mapping[Place, tuple[int, int]] = field(default_factory=dict)
    is_packaged: bool = False

    def spot(self, place: Place) -> tuple[int, int]:
        """Tell the line and column of a value, or of the nearest thing around it.

        Examples
        --------
        >>> Document("p.toml", {}, {("rules", 0): (3, 1)}).spot(("rules", 0, "from"))
        (3, 1)
        """
        while place and place not in self.spots:
            place = place[:-1]
        return self.spots.get(place, (1, 1))
