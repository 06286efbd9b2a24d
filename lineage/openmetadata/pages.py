"""Lists in pages, by the server's own cursors; with fewer at once where a page fails."""

from collections.abc import Iterator
from typing import Any

from lineage.errors import AnswerTooSlow, BrokenAnswer, NotOpenMetadata, RequestFailed, ServerError
from lineage.openmetadata.client import Client, Parameters
from lineage.openmetadata.responses import read_page

__all__ = ["read_pages", "read_total"]

_SMALLER = 10
"""How many times smaller the next page is where one fails."""


def read_pages(client: Client, path: str, params: Parameters) -> Iterator[list[dict[str, Any]]]:
    """Read a list page by page.

    One entity that the server cannot render spoils the page it is on, and a large page may take
    longer than a request may. Then fewer are asked for at once, down to a single one.

    Parameters
    ----------
    params : mapping
        With the `limit` of a page, if any.

    Raises
    ------
    ServerError
        A page could not be read, or a single entity; those before it have been given.
    """
    try:
        yield from _pages(client, path, params)
    except NotOpenMetadata:
        if not client.invalidate(path, _without_limit(params)):
            raise
        # An earlier crawl left pages of a list it did not see the end of: begin anew.
        yield from _pages(client, path, params)


def read_total(client: Client, path: str, params: Parameters) -> int | None:
    """Read how many entities a list has, without any of them; None where that does not come.

    Raises
    ------
    ServerError
        The server does not say.
    """
    answer = client.get(path, {**params, "limit": 0})
    _, _, total = read_page(client.url(path), answer)
    return total


def _pages(client: Client, path: str, params: Parameters) -> Iterator[list[dict[str, Any]]]:
    cursor: dict[str, str] = {}
    passed: set[str] = set()
    totals: list[int] = []
    count = 0
    while True:
        params, page = _one_page(client, path, params, cursor)
        items, after, total = read_page(client.url(path), page)
        yield items
        count += len(items)
        totals += [] if total is None else [total]
        if after is None:
            break
        if after in passed:
            raise NotOpenMetadata(client.url(path), "the pages of the list go in a circle")
        passed.add(after)
        cursor = {"after": after}
    # Entities may come and go meanwhile: the fewest that were ever promised must have come.
    expected = min(totals, default=0)
    if count < expected:
        message = f"the list ended after {count:,} of {expected:,} entities"
        raise NotOpenMetadata(client.url(path), message)


def _one_page(
    client: Client, path: str, params: Parameters, cursor: Parameters
) -> tuple[Parameters, Any]:
    """Read a page; return what was asked for in the end, and the page."""
    while True:
        limit = params.get("limit")
        may_shrink = isinstance(limit, int) and limit > 1
        try:
            return params, client.get(path, {**params, **cursor}, hurried=may_shrink)
        except ServerError as error:
            if not (isinstance(limit, int) and may_shrink and _depends_on_size(error)):
                raise
            params = {**params, "limit": max(1, limit // _SMALLER)}


def _depends_on_size(error: ServerError) -> bool:
    """Whether fewer entities at once may be answered where more were not."""
    if isinstance(error, RequestFailed):
        return error.status >= 500
    return isinstance(error, AnswerTooSlow | BrokenAnswer)


def _without_limit(params: Parameters) -> Parameters:
    return {key: value for key, value in params.items() if key != "limit"}
