"""Routing: how a path is taken apart, and which of many routes a request takes."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from lineage.catalog.answers import Answer, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import BY_COLLECTION, KINDS
from lineage.catalog.requests import SLASH, Request

__all__ = ["Route", "choose"]

_UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_KIND = "|".join(map(re.escape, KINDS))
_PLACEHOLDERS = {
    "collection": "|".join(map(re.escape, BY_COLLECTION)),
    "direction": "Upstream|Downstream",
    "kind": _KIND,
    "from": _KIND,
    "to": _KIND,
    "id": _UUID,
    "from_id": _UUID,
    "to_id": _UUID,
    "user_id": _UUID,
}
_NAMES = frozenset({"name", "from_name", "to_name"})

_MEDIA_TYPES = {
    "POST": "application/json",
    "PUT": "application/json",
    "PATCH": "application/json-patch+json",
}


@dataclass(frozen=True, kw_only=True)
class Route:
    """One operation of the API.

    Attributes
    ----------
    path : str
        The path with placeholders in braces.
    operation : callable
        What answers it.
    writes : bool
        Whether it changes anything.
    reads : str or None
        The media type of its body, where that is not the usual one of its method.
    since : tuple of int
        The first version of the server that has it.
    """

    method: str
    path: str
    operation: Callable[[Context, Request], Answer]
    writes: bool = False
    reads: str | None = None
    since: tuple[int, ...] = ()

    @property
    def media_type(self) -> str | None:
        """The media type of the body; None where there is no body to read."""
        return self.reads or _MEDIA_TYPES.get(self.method)

    def match(self, path: str, *, exact: bool) -> dict[str, str] | None:
        """Give what stands in a path's placeholders; None where it is not this route's.

        Parameters
        ----------
        exact : bool
            Slashes inside names are marked in the path; otherwise names may contain them.
        """
        found = (self._exact if exact else self._loose).fullmatch(path)
        if found is None:
            return None
        return {key: value.replace(SLASH, "/") for key, value in found.groupdict().items()}

    @cached_property
    def _exact(self) -> re.Pattern[str]:
        return self._compiled("[^/]+")

    @cached_property
    def _loose(self) -> re.Pattern[str]:
        return self._compiled(".+")

    def _compiled(self, name: str) -> re.Pattern[str]:
        def pattern(found: re.Match[str]) -> str:
            key = found[1]
            return f"(?P<{key}>{name if key in _NAMES else _PLACEHOLDERS.get(key, '[^/]+')})"

        return re.compile(re.sub(r"\{(\w+)\}", pattern, self.path), re.DOTALL)


def choose(
    routes: Iterable[Route], method: str, path: str, *, exact: bool, version: tuple[int, ...]
) -> tuple[Route, dict[str, str]]:
    """Find the first route of a request and what stands in its placeholders.

    Raises
    ------
    RefusalError
        There is no such path (404), or not for that method (405).
    """
    matches = [
        (route, names)
        for route in routes
        if version >= route.since and (names := route.match(path, exact=exact)) is not None
    ]
    for route, names in matches:
        if route.method == method:
            return route, names
    if matches:
        allowed = ", ".join(sorted({route.method for route, _ in matches}))
        message = "HTTP 405 Method Not Allowed"
        raise RefusalError(405, message, headers=(("Allow", allowed),))
    raise RefusalError(404, "HTTP 404 Not Found")
