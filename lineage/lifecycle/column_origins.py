"""Origins: the nearest columns of a catalog that a column of a system is made of."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lineage.lifecycle.catalog_names import CatalogNames
from lineage.lifecycle.facts import DatasetName, Facts, FlowFact
from lineage.model.declaration import FactOrigin
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind

__all__ = ["ColumnOrigins", "Root", "weaker"]

_ORIGINS = (
    FactOrigin.INFERRED,
    FactOrigin.COMPUTED,
    FactOrigin.LOGGED,
    FactOrigin.REGISTERED,
    FactOrigin.WRITTEN,
)
"""From the weakest to the strongest: what follows from two facts is known as the weaker one is."""


def weaker(one: FactOrigin, other: FactOrigin) -> FactOrigin:
    """Return how something is known that follows from two facts.

    Examples
    --------
    >>> weaker(FactOrigin.LOGGED, FactOrigin.INFERRED)
    <FactOrigin.INFERRED: 'inferred'>
    """
    return min(one, other, key=_ORIGINS.index)


class Root(NamedTuple):
    """Where a column comes from in the catalog; `column` is None where only the entity is known."""

    entity: Reference
    column: str | None
    origin: FactOrigin


class ColumnOrigins:
    """Goes back through data sets that a catalog lacks, to entities that it has.

    Parameters
    ----------
    systems : sequence of Facts
        What one of them says of a data set holds for what another makes of it.
    catalog : CatalogNames

    Attributes
    ----------
    gaps : set of Gap
        What was not found so far.
    flows : tuple of FlowFact
        All flows of the systems.
    """

    def __init__(self, systems: Sequence[Facts], catalog: CatalogNames) -> None:
        self.gaps: set[Gap] = set()
        self.flows = tuple(flow for facts in systems for flow in facts.flows)
        self._catalog = catalog
        self._into: dict[DatasetName, list[FlowFact]] = {}
        for flow in self.flows:
            self._into.setdefault(flow.downstream, []).append(flow)

    def roots(
        self, dataset: DatasetName, column: str | None, origin: FactOrigin, about: Reference
    ) -> Iterator[Root]:
        """Go back from a data set, or a column of it, to the nearest entities that feed it.

        Parameters
        ----------
        origin : FactOrigin
            How it is known that the column is used.
        about : Reference
            What it is used by: where a gap is placed.
        """
        waiting = [(dataset, column, origin)]
        seen = set()
        while waiting:
            step = waiting.pop()
            if step[:2] in seen:
                continue
            seen.add(step[:2])
            dataset, column, origin = step
            entity = self._catalog.dataset(dataset)
            if entity is None:
                waiting += self._upstream(dataset, column, origin, about)
            else:
                found = None if column is None else self.column(entity, column, about)
                yield Root(entity, found, origin)

    def column(self, entity: Reference, name: str, about: Reference) -> str | None:
        """Return the fully qualified name of a column; where there is none such, that is a gap."""
        found = self._catalog.column(entity, name)
        if found is None:
            reason = self._catalog.column_doubt(entity, name)
            self.gaps.add(Gap(GapKind.COLUMN_NOT_FOUND, about, reason))
        return found

    def _upstream(
        self, dataset: DatasetName, column: str | None, origin: FactOrigin, about: Reference
    ) -> Iterator[tuple[DatasetName, str | None, FactOrigin]]:
        """Give what a data set that the catalog lacks is made of."""
        flows = self._into.get(dataset, [])
        if not flows:
            reason = self._catalog.doubt(dataset)
            self.gaps.add(Gap(GapKind.ENTITY_NOT_FOUND, about, reason))
        is_mapped = False
        for flow in flows:
            known = weaker(origin, flow.origin)
            mappings = [
                item for item in flow.mappings if item.column == column and not item.influence
            ]
            is_mapped |= bool(mappings) or not flow.mappings
            for mapping in mappings:
                yield from ((flow.upstream, name, known) for name in mapping.upstream)
            if column is None or not flow.mappings:
                yield flow.upstream, None, known
        if flows and column is not None and not is_mapped:
            reason = f"nothing says what column {column!r} of {dataset} is made of"
            self.gaps.add(Gap(GapKind.COLUMN_NOT_FOUND, about, reason))
