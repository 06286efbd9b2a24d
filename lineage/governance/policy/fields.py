"""Read the fields of a document's tables, noting every mistake with its place."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from lineage.errors import BadSelection
from lineage.model.settings_document import Mistakes, Place, nearest, no_key
from lineage.queries.selection.expressions import Selection
from lineage.queries.selection.parse import parse_selection

__all__ = ["Fields"]

_Made = TypeVar("_Made")


@dataclass(slots=True)
class Fields:
    """One table of a document. What is wrong is noted, and read as if it were empty."""

    mistakes: Mistakes
    place: Place
    table: dict[str, Any]

    @classmethod
    def of(
        cls, mistakes: Mistakes, place: Place, value: object, *, known: Collection[str]
    ) -> "Fields":
        """Take a value for a table that has certain keys only."""
        if not isinstance(value, dict):
            mistakes.add(place, f"{_called(place)} should be a table")
            return cls(mistakes, place, {})
        for key in value:
            if key not in known:
                mistakes.add((*place, key), no_key(str(key), known))
        return cls(mistakes, place, value)

    @property
    def spot(self) -> tuple[int, int]:
        """The line and column the table begins on."""
        return self.mistakes.document.spot(self.place)

    def has(self, key: str) -> bool:
        """Whether a key is there."""
        return key in self.table

    def wrong(self, key: str, reason: str) -> None:
        """Note a mistake at a key."""
        self.mistakes.add((*self.place, key), reason)

    def tables(self, key: str, known: Collection[str]) -> Iterator["Fields"]:
        """Go through a list of tables."""
        items: list[object] = self._value(key, list, "a list of tables") or []
        for number, item in enumerate(items):
            yield Fields.of(self.mistakes, (*self.place, key, number), item, known=known)

    def text(self, key: str, *, required: bool = False) -> str:
        """Read a text that is not empty."""
        found = self._value(key, str, "a text", required=required)
        if found is not None and not found.strip():
            self.wrong(key, f"{key!r} is empty")
        return (found or "").strip()

    def flag(self, key: str) -> bool:
        """Read true or false; false if it is not there."""
        return bool(self._value(key, bool, "true or false"))

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Read a list of texts; a single text is a list of one."""
        found = self.table.get(key)
        items: list[object] = (
            [found] if isinstance(found, str) else self._value(key, list, "a list of texts") or []
        )
        if required and not items:
            reason = f"{key!r} is empty" if key in self.table else f"{key!r} is missing"
            self.wrong(key, reason)
        texts = [item for item in items if isinstance(item, str)]
        if len(texts) < len(items):
            self.wrong(key, f"{key!r} should be a list of texts")
        return tuple(texts)

    def words(self, key: str, known: Collection[str], *, required: bool = False) -> tuple[str, ...]:
        """Read a list of words that are all among the known ones."""
        found = self.texts(key, required=required)
        for number, word in enumerate(found):
            self._check(word, (*self.place, key, number), known)
        return tuple(word for word in dict.fromkeys(found) if word in known)

    def word(self, key: str, word: str, known: Collection[str]) -> None:
        """Note a mistake where the word at a key is none of the known ones."""
        self._check(word, (*self.place, key), known)

    def selection(self, key: str) -> Selection | None:
        """Read a selection that has to be there."""
        text = self.text(key, required=True)
        try:
            return parse_selection(text) if text else None
        except BadSelection as error:
            self.wrong(key, f"{key!r} is {text!r}, position {error.position + 1}: {error.reason}")
            return None

    def day(self, key: str) -> date | None:
        """Read a day that has to be there: a date, or a text like 2027-01-31."""
        found = self.table.get(key)
        if isinstance(found, date) and not isinstance(found, datetime):
            return found
        try:
            return date.fromisoformat(self.text(key, required=True))
        except ValueError:
            if isinstance(found, str):
                self.wrong(key, f"{key!r} should be a day like 2027-01-31")
            return None

    def _check(self, word: str, place: Place, known: Collection[str]) -> None:
        if word not in known:
            listed = ", ".join(dict.fromkeys(known))
            self.mistakes.add(place, f"{word!r} is none of {listed}{nearest(word, known)}")

    def _value(
        self, key: str, kind: type[_Made], what: str, *, required: bool = False
    ) -> _Made | None:
        found = self.table.get(key)
        if found is None:
            if required:
                self.wrong(key, f"{key!r} is missing")
            return None
        if type(found) is not kind:
            self.wrong(key, f"{key!r} should be {what}")
            return None
        return found


def _called(place: Place) -> str:
    return ".".join(map(str, place)) or "a policy"
