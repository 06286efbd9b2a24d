"""Requests: what a WSGI environment asks for, read once and checked as it is read."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from lineage.catalog.answers import RefusalError

__all__ = ["LATEST", "SLASH", "Request", "read_body", "read_path", "read_query"]

LATEST = 2**63 - 1
"""The last moment that can be asked for, and the highest number that can be compared."""

SLASH = "\0"
"""Written in a path for a slash that is part of a name; a name can have no such character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, after its path has been matched.

    Attributes
    ----------
    names : mapping of str to str
        What is in the path where the route has a placeholder.
    query : mapping of str to list of str
        The parameters, each as often as it was given.
    condition : str or None
        The `If-Match` header.
    body : object
        The JSON of the body; None where the method has none.
    """

    names: Mapping[str, str]
    query: Mapping[str, list[str]] = field(default_factory=dict)
    condition: str | None = None
    body: object = None

    def words(self, name: str) -> list[str]:
        """Give every value of a parameter."""
        return list(self.query.get(name, ()))

    def word(self, name: str, default: str) -> str:
        """Give the first value of a parameter."""
        return self.query.get(name, [default])[0]

    def flag(self, name: str) -> bool:
        """Give a parameter that is true or false, false unless given.

        Raises
        ------
        RefusalError
            It is neither.
        """
        return self.choice(name, "false", ("true", "false")) == "true"

    def choice(self, name: str, default: str, choices: Collection[str]) -> str:
        """Give a parameter that is one of some words.

        Raises
        ------
        RefusalError
            It is none of them.
        """
        value = self.word(name, default)
        if value.lower() not in choices:
            raise RefusalError(400, f"query param {name} must be one of [{', '.join(choices)}]")
        return value.lower()

    def number(self, name: str, default: int, *, lowest: int, highest: int = LATEST) -> int:
        """Give a parameter that is a whole number.

        Raises
        ------
        RefusalError
            It is none, or out of bounds.
        """
        text = self.word(name, str(default))
        try:
            number = int(text)
        except ValueError as error:
            raise RefusalError(400, f"query param {name} must be a whole number") from error
        if number < lowest:
            raise RefusalError(
                400, f"[query param {name} must be greater than or equal to {lowest}]"
            )
        if number > highest:
            raise RefusalError(400, f"[query param {name} must be less than or equal to {highest}]")
        return number


def read_path(environ: Mapping[str, Any]) -> tuple[str, bool]:
    """Give the path, decoded, and whether slashes in names differ from those between.

    WSGI hands over a path that is decoded already, in which `a%2Fb` and `a/b` are the same.
    Most servers pass the undecoded one on as well; where it is missing, the second answer is
    False and names are taken to reach as far as they can.

    Raises
    ------
    RefusalError
        The path is no text.
    """
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if raw is None:
        return _decoded(environ.get("PATH_INFO", "")), False
    path = raw.split("?")[0]
    if not path.startswith("/"):
        path = "/" + path.partition("://")[2].partition("/")[2]
    try:
        parts = [unquote(part, errors="strict") for part in path.split("/")]
    except UnicodeDecodeError as error:
        raise RefusalError(400, "the path is not UTF-8") from error
    if any(SLASH in part for part in parts):
        raise RefusalError(400, "the path contains a null character")
    return "/".join(part.replace("/", SLASH) for part in parts), True


def read_query(environ: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give the query parameters.

    Raises
    ------
    RefusalError
        They are no text.
    """
    try:
        text = environ.get("QUERY_STRING", "")
        return parse_qs(text, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise RefusalError(400, "the query is not UTF-8") from error


def read_body(body: bytes, content_type: str, *, expected: str) -> object:
    """Give the JSON of a body.

    Raises
    ------
    RefusalError
        It is of another media type, or no JSON.
    """
    if content_type.partition(";")[0].strip().lower() != expected:
        raise RefusalError(415, "HTTP 415 Unsupported Media Type")
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        # A half of a surrogate pair is JSON, but no text that could be stored.
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, "Unable to process JSON") from error
    return value


def _decoded(path: str) -> str:
    # The standard puts the bytes of the path into a string one by one; some put text there.
    try:
        return path.encode("latin-1").decode()
    except UnicodeError:
        return path


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        _no_constant(text)
    return number


def _no_constant(text: str) -> None:
    message = f"{text} is no number that can be kept"
    raise ValueError(message)
