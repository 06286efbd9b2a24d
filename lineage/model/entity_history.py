"""History: what a model, and what is upstream of it, were since some moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from lineage.errors import LineageError
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = ["History", "as_of", "as_text", "find_version"]


_Entity = TypeVar("_Entity", bound=Entity)


@dataclass(frozen=True, slots=True)
class History:
    """The versions that the server keeps, of a model and of what changed upstream of it.

    Attributes
    ----------
    model : Reference
    moment : int
        Since when changes are asked for, in milliseconds since 1970.
    versions : mapping of Reference to tuple of Entity
        Of each entity that changed, under its present name: what it was, newest first.
    gaps : tuple of Gap
        What was not read: there may be more changes.
    """

    model: Reference
    moment: int
    versions: Mapping[Reference, tuple[Entity, ...]] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()


def as_of(versions: tuple[Entity, ...], moment: int) -> Entity | None:
    """Return what an entity was at a moment; None where it has no version as old as that.

    Examples
    --------
    >>> model = Reference("mlmodel", "m")
    >>> versions = tuple(
    ...     Entity(reference=model, version=version, updated_at=moment)
    ...     for version, moment in ((0.2, 20), (0.1, 10))
    ... )
    >>> [found and found.version for found in (as_of(versions, 15), as_of(versions, 5))]
    [0.1, None]
    """
    return next((item for item in versions if (item.updated_at or 0) <= moment), None)


def find_version(versions: Sequence[_Entity], number: str) -> _Entity:
    """Return what an entity was at one of its versions, as in `0.4` or `v0.4`.

    Raises
    ------
    LineageError
        It never had that version; those that it had are named.

    Examples
    --------
    >>> find_version((Entity(reference=Reference("mlmodel", "m"), version=0.1),), "0.3")
    Traceback (most recent call last):
    lineage.errors.LineageError: mlmodel:m has no version 0.3: it has 0.1
    """
    wanted = number.removeprefix("v")
    for item in versions:
        if str(item.version) == wanted:
            return item
    has = ", ".join(str(item.version) for item in versions)
    message = f"{versions[0].reference} has no version {wanted}: it has {has}"
    raise LineageError(message)


def as_text(moment: int) -> str:
    """Write a moment as ISO 8601 has it, in UTC.

    Examples
    --------
    >>> as_text(1_796_060_563_722)
    '2026-11-30T17:42:43Z'
    """
    return f"{datetime.fromtimestamp(moment // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
