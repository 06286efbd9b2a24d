"""Shapes: what a request's JSON has to look like, and reading it.

A shape reads a JSON value and gives it back clean: nulls are left out, as the real server's
reader takes them for absent, and all that does not fit is refused with a 400 that says where.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from lineage.catalog.answers import JsonObject, RefusalError

__all__ = [
    "ANYTHING",
    "BOOLEAN",
    "COLUMN_NAME",
    "INTEGER",
    "NAME",
    "NUMBER",
    "OBJECT",
    "REFERENCE",
    "TAG_LABEL",
    "TEXT",
    "UUID",
    "Choice",
    "Many",
    "NameRules",
    "Record",
    "Shape",
    "Text",
]


_UNBOUNDED = 2**31 - 1


class NameRules(NamedTuple):
    """What names may not contain, by what they name."""

    entity: re.Pattern[str]
    column: re.Pattern[str]


class Shape(Protocol):
    """Anything that reads a JSON value."""

    def read(self, value: object, where: str, rules: NameRules) -> Any:
        """Give the value clean.

        Raises
        ------
        RefusalError
            It does not fit.
        """
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A string of a bounded length."""

    longest: int = _UNBOUNDED
    shortest: int = 0

    def read(self, value: object, where: str, rules: NameRules) -> str:  # noqa: ARG002 - of a Shape
        """Give the string."""
        if not isinstance(value, str):
            raise RefusalError(400, f"{where} must be a string")
        if not self.shortest <= len(value) <= self.longest:
            raise RefusalError(
                400, f"{where} size must be between {self.shortest} and {self.longest}"
            )
        return value


@dataclass(frozen=True, slots=True)
class _Name:
    """A name: not empty, bounded, and without what the server's version forbids."""

    rule: str
    longest: int

    def read(self, value: object, where: str, rules: NameRules) -> str:
        text = Text(self.longest, 1).read(value, where, rules)
        forbidden: re.Pattern[str] = getattr(rules, self.rule)
        if forbidden.search(text):
            raise RefusalError(400, f"{where} contains characters that names may not have")
        return text


@dataclass(frozen=True, slots=True)
class _Identifier:
    """A UUID, written in lower case from here on."""

    def read(self, value: object, where: str, rules: NameRules) -> str:
        text = Text().read(value, where, rules)
        if not re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
            raise RefusalError(400, f"{where} must be a UUID")
        return text.lower()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: frozenset[str]

    def read(self, value: object, where: str, rules: NameRules) -> str:
        """Give the word."""
        text = Text().read(value, where, rules)
        if text not in self.words:
            raise RefusalError(
                400, f"{where}: {text!r} is not one of [{', '.join(sorted(self.words))}]"
            )
        return text


@dataclass(frozen=True, slots=True)
class _Typed:
    """A value of one of JSON's own types, whatever it holds."""

    types: tuple[type, ...]
    called: str

    def read(self, value: object, where: str, rules: NameRules) -> Any:  # noqa: ARG002 - of a Shape
        # A boolean is an int in Python, but never in JSON.
        if not isinstance(value, self.types) or (
            isinstance(value, bool) and bool not in self.types
        ):
            raise RefusalError(400, f"{where} must be {self.called}")
        return value


@dataclass(frozen=True, slots=True)
class _Anything:
    """Whatever JSON can hold."""

    def read(self, value: object, where: str, rules: NameRules) -> Any:  # noqa: ARG002 - of a Shape
        return value


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one shape."""

    item: Shape

    def read(self, value: object, where: str, rules: NameRules) -> list[Any]:
        """Give the list."""
        if not isinstance(value, list):
            raise RefusalError(400, f"{where} must be a list")
        return [
            self.item.read(item, f"{where}[{index}]", rules) for index, item in enumerate(value)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """An object of known fields; an unknown one is refused, or kept where the record is open."""

    fields: Mapping[str, Shape]
    required: frozenset[str] = frozenset()
    is_open: bool = False

    def read(self, value: object, where: str, rules: NameRules) -> JsonObject:
        """Give the object without its nulls."""
        if not isinstance(value, dict):
            raise RefusalError(400, f"{where or 'the request body'} must be an object")
        clean: JsonObject = {}
        for key, item in value.items():
            place = f"{where}.{key}" if where else key
            if key not in self.fields and not self.is_open:
                raise RefusalError(400, f'Unrecognized field "{place}"')
            if item is not None:
                clean[key] = self.fields.get(key, ANYTHING).read(item, place, rules)
        missing = sorted(self.required - clean.keys())
        if missing:
            words = ", ".join(f"query param {key} must not be null" for key in missing)
            raise RefusalError(400, f"[{words}]")
        return clean


ANYTHING = _Anything()
BOOLEAN = _Typed((bool,), "true or false")
INTEGER = _Typed((int,), "a whole number")
NUMBER = _Typed((int, float), "a number")
OBJECT = _Typed((dict,), "an object")
TEXT = Text()
UUID = _Identifier()
NAME = _Name("entity", 256)
COLUMN_NAME = _Name("column", 256)

REFERENCE = Record(
    {
        "id": UUID,
        "type": Text(shortest=1),
        "name": TEXT,
        "fullyQualifiedName": TEXT,
        "description": TEXT,
        "displayName": TEXT,
        "deleted": BOOLEAN,
        "inherited": BOOLEAN,
        "href": TEXT,
    },
    frozenset({"id", "type"}),
)

# `labelType` and `state` have defaults on the server, `source` has none.
TAG_LABEL = Record(
    {
        "tagFQN": Text(shortest=1),
        "name": TEXT,
        "displayName": TEXT,
        "description": TEXT,
        "style": OBJECT,
        "source": Choice(frozenset({"Classification", "Glossary"})),
        "labelType": Choice(
            frozenset({"Manual", "Propagated", "Automated", "Derived", "Generated"})
        ),
        "state": Choice(frozenset({"Suggested", "Confirmed"})),
        "href": TEXT,
        "reason": TEXT,
        "appliedAt": TEXT,
        "appliedBy": TEXT,
        "metadata": OBJECT,
    },
    frozenset({"tagFQN", "source"}),
)
