"""Search filters: the few forms of Elasticsearch's query language that clients send.

What cannot be evaluated is refused rather than ignored: a filter that is ignored gives
more than was asked for, and nobody notices.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from lineage.catalog.answers import JsonObject, RefusalError

__all__ = ["COLUMNS", "Term", "glob", "read_filter"]

COLUMNS = {
    "deleted": "deleted",
    "entityType": "kind",
    "fullyQualifiedName": "fqn",
    "id": "id",
    "name": "json_extract(body, '$.name')",
}
"""The fields that can be searched by, and where the store has them."""

_CLAUSES = ("must", "filter")


class Term(NamedTuple):
    """A condition: a field has one of some values."""

    field: str
    values: tuple[str | bool, ...]

    @property
    def condition(self) -> tuple[str, list[object]]:
        """Give it as SQL, and the values in it."""
        places = ", ".join("?" * len(self.values))
        return f"{COLUMNS[self.field]} IN ({places})", list(self.values)


def read_filter(text: str) -> list[Term]:
    """Read a `query_filter`: conditions that all have to hold.

    Raises
    ------
    RefusalError
        It is no JSON, or asks for more than single values of a few fields.

    Examples
    --------
    >>> read_filter('{"query": {"bool": {"must": [{"term": {"deleted": true}}]}}}')
    [Term(field='deleted', values=(True,))]
    """
    try:
        asked = json.loads(text or "{}")
        if asked == {}:
            return []
        if asked.keys() != {"query"}:
            raise _unknown(asked)
        return list(_terms(asked["query"]))
    except (ValueError, AttributeError, RecursionError) as error:
        raise RefusalError(400, "query_filter is no query in JSON") from error


def _terms(query: Any) -> Iterator[Term]:
    match query:
        case {"bool": dict(clauses)} if len(query) == 1:
            if clauses.keys() - set(_CLAUSES):
                raise _unknown(query)
            for inner in clauses.values():
                for one in inner if isinstance(inner, list) else [inner]:
                    yield from _terms(one)
        case {"term": dict(fields)} | {"terms": dict(fields)} if len(query) == 1:
            for field, value in fields.items():
                yield _term(field.removesuffix(".keyword"), value, query)
        case {"match_all": {}} if len(query) == 1:
            return
        case _:
            raise _unknown(query)


def _term(field: str, value: Any, query: JsonObject) -> Term:
    if isinstance(value, dict):
        value = value.get("value")
    values = value if isinstance(value, list) else [value]
    expected = bool if field == "deleted" else str
    if field not in COLUMNS or not all(isinstance(one, expected) for one in values):
        raise _unknown(query)
    return Term(field, tuple(values))


def _unknown(query: Any) -> RefusalError:
    known = ", ".join(COLUMNS)
    message = f"this catalog filters by bool, must and term on {known}; not by {query!r:.200}"
    return RefusalError(400, message)


def glob(pattern: str) -> str:
    """Give a wildcard pattern, with `*` and `?`, as SQLite's GLOB takes it.

    Examples
    --------
    >>> glob("shop.*.[id]")
    'shop.*.[[]id]'
    """
    return pattern.replace("[", "[[]")
