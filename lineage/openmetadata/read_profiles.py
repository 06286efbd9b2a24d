"""Read profiles: what the server measured of columns, then and since."""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from lineage.errors import NotOpenMetadata, ServerError
from lineage.model.profile import Histogram, Profile
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.parallel import WORKERS, in_parallel
from lineage.openmetadata.responses import read_page

__all__ = ["Profiles", "read_profiles"]

Profiles = dict[Reference, tuple[Profile, ...] | Gap]
"""Of each column its profiles, or why they were not read."""

_BEFORE = 90 * 24 * 60 * 60 * 1000
"""Profiles older than this at the moment, in milliseconds, say nothing of it."""
_LATEST = 2**53 - 1
_BIN = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?) (?:to (-?[\d.]+(?:e[-+]?\d+)?)|and up)")


def _number(value: object) -> object:
    """Take what is no number for nothing: the mean of a text column, for one."""
    return value if isinstance(value, int | float) else None


_Number = Annotated[float | None, BeforeValidator(_number)]


class _Payload(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    timestamp: int
    values_count: _Number = None
    null_proportion: _Number = None
    distinct_proportion: _Number = None
    mean: _Number = None
    deviation: Annotated[_Number, Field(alias="stddev")] = None
    histogram: dict[str, Any] | None = None

    def value(self) -> Profile:
        histogram = _histogram(self.histogram)
        return Profile(
            measured_at=self.timestamp,
            values=self.values_count,
            null_share=self.null_proportion,
            distinct_share=self.distinct_proportion,
            mean=self.mean,
            deviation=self.deviation,
            histogram=histogram,
            is_partly_unread=bool(self.histogram) and histogram is None,
        )


def read_profiles(
    client: Client, columns: Iterable[Reference], moment: int, *, workers: int = WORKERS
) -> Profiles:
    """Read the profiles of columns of tables, since some time before a moment.

    Parameters
    ----------
    client : Client
        The server.
    columns : iterable of Reference
        Each takes one request.
    moment : int
        In milliseconds since 1970.
    workers : int
        How many requests are under way at once.

    Returns
    -------
    dict of Reference to tuple of Profile, or Gap

    Raises
    ------
    ServerError
        The server does not answer at all, or refuses the token.
    """
    asked = sorted(set(columns))
    with ThreadPoolExecutor(workers) as pool:
        found = in_parallel(pool, lambda column: _read(client, column, moment), asked)
    return dict(zip(asked, found, strict=True))


def _read(client: Client, column: Reference, moment: int) -> tuple[Profile, ...] | Gap:
    path = f"/tables/{escape(column.fqn)}/columnProfile"
    try:
        page = client.get(path, {"startTs": max(0, moment - _BEFORE), "endTs": _LATEST})
        items, _, total = read_page(client.url(path), page)
        if total is None or len(items) >= total:
            return tuple(_Payload.model_validate(item).value() for item in items)
        reason = f"{len(items):,} came of {total:,}"
    except ValidationError as error:
        reason = str(NotOpenMetadata(client.url(path), str(error).splitlines()[0]))
    except ServerError as error:
        if error.is_final:
            raise
        reason = str(error)
    return Gap(GapKind.ENTITIES_NOT_READ, column, f"its profiles were not read: {reason}")


def _histogram(body: dict[str, Any] | None) -> Histogram | None:
    """Take a histogram; None where its bounds are not understood, or it is empty.

    The server keeps bounds as texts, `0.0 to 10.0`, and the last one as `10.0 and up`, which has
    no end: as wide as the one before it.
    """
    labels, counts = (list((body or {}).get(key) or ()) for key in ("boundaries", "frequencies"))
    found = [_BIN.fullmatch(str(label)) for label in labels]
    bins = [match for match in found if match is not None]
    if not counts or len(bins) != len(labels) or len(labels) != len(counts):
        return None
    try:
        starts = [float(match[1]) for match in bins]
        ends = [float(match[2]) for match in bins if match[2]]
        numbers = tuple(map(float, counts))
    except (TypeError, ValueError):
        return None
    width = starts[-1] - starts[-2] if len(starts) > 1 else 1.0
    last = ends[-1] if len(ends) == len(starts) else starts[-1] + width
    bounds = (*starts, last)
    rises = all(low < high for low, high in pairwise(bounds))
    return Histogram(bounds, numbers) if rises and sum(numbers) > 0 else None
