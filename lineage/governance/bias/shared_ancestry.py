"""Where a feature and a protected attribute were together, and where the attribute was left."""

from collections.abc import Iterator
from dataclasses import dataclass

from lineage.governance.bias.questions import Case, Question, Reply, Says
from lineage.model.edges import Influence, Path
from lineage.model.reference import Kind, Reference
from lineage.queries.paths import paths
from lineage.queries.traversal import Reached, Trace, upstream

__all__ = ["Shared", "ask_dropped_upstream", "ask_shared_ancestor", "find_shared"]

_JOBS = frozenset({Kind.PIPELINE, Kind.STORED_PROCEDURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A table that both a feature and the attribute come from.

    Attributes
    ----------
    column : Reference
        What of it the feature comes from; the table itself, where no column is known.
    protected : Reference or None
        What of it holds the attribute. None where the attribute comes from it as well.
    depth : int
        How many hops the feature is away.
    """

    feature: Reference
    table: Reference
    column: Reference
    protected: Reference | None
    depth: int


def find_shared(case: Case) -> tuple[Shared, ...]:
    """Find for each feature the nearest table that the attribute comes from too.

    What of the table the feature comes from has to be something else than the attribute.

    Returns
    -------
    tuple of Shared
        Sorted by feature; a feature without any is left out.
    """
    holding = {case.graph.entity_of(item): item for item in sorted(case.held, reverse=True)}
    above = {
        case.graph.entity_of(item): None for trace in _above(case) for item in trace.references
    }
    tables: dict[Reference, Reference | None] = {**above, **holding}
    found = []
    for feature in sorted(case.graph.parts(case.model)):
        near = upstream(case.graph, feature).reached
        by_column = {
            case.graph.entity_of(item.reference) for item in near if item.reference.is_part
        }
        for item in sorted(near, key=lambda item: (item.depth, -item.strength)):
            table = case.graph.entity_of(item.reference)
            is_new = item.reference not in case.carried and item.reference not in by_column
            if table in tables and is_new:
                found.append(_shared(feature, table, item, tables[table]))
                break
    return tuple(found)


def ask_shared_ancestor(case: Case) -> Reply:
    """Ask whether a feature and the attribute come from one table.

    That bounds where their association can be tested at all, and names the key, if any join
    on the path says so.
    """
    question = Question.SHARED_ANCESTOR
    shared = find_shared(case)
    if shared:
        by_table: dict[Reference, list[Shared]] = {}
        for item in shared:
            by_table.setdefault(item.table, []).append(item)
        sentences = (_sentence(case, table, by_table[table]) for table in sorted(by_table))
        words = " ".join([*sentences, _key(case, shared)])
        found = (paths(case.graph, item.column, item.feature, limit=1).paths for item in shared)
        shared_paths = tuple(path for some in found for path in some)
        return Reply(question=question, says=Says.YES, words=words, paths=shared_paths)
    words = f"No feature comes from a table that {case.name} comes from too"
    missing = (gap for trace in _above(case) for gap in trace.gaps)
    gaps = tuple(dict.fromkeys((*case.gaps, *missing)))
    if gaps:
        words = f"{words}, as far as was read."
        return Reply(question=question, says=Says.UNKNOWN, words=words, gaps=gaps)
    return Reply(question=question, says=Says.NO, words=f"{words}; everything upstream was read.")


def ask_dropped_upstream(case: Case) -> Reply:
    """Ask whether the attribute was there further up, and in which table last."""
    question = Question.DROPPED_UPSTREAM
    if case.held & case.targets:
        words = f"It was not dropped: {case.name} arrives as it is."
        return Reply(question=question, says=Says.NO, words=words)
    last = _last_holder(case)
    if last is not None:
        path = paths(case.graph, last, case.model, grain="entity", limit=1).paths[0]
        words = _dropped(case, last, path)
        return Reply(question=question, says=Says.YES, words=words, paths=(path,))
    gaps = tuple(dict.fromkeys((*case.entities.gaps, *case.protected.gaps)))
    if gaps:
        words = f"As far as was read, no table upstream holds {case.name}."
        return Reply(question=question, says=Says.UNKNOWN, words=words, gaps=gaps)
    words = f"No table upstream holds {case.name}; everything upstream was read."
    return Reply(question=question, says=Says.NO, words=words)


def _above(case: Case) -> Iterator[Trace]:
    """Trace what the attribute itself comes from."""
    for item in case.protected.holders:
        yield upstream(case.graph, item.reference, grain="part")


def _last_holder(case: Case) -> Reference | None:
    """Find the nearest entity upstream that holds the attribute as it is."""
    named = {item.reference for item in case.protected.holders}
    holding = {case.graph.entity_of(item) for item in named | case.held}
    near = (item.reference for item in case.entities.reached if item.reference in holding)
    return next(near, None)


def _dropped(case: Case, last: Reference, path: Path) -> str:
    between = [item for item in path.references[1:-1] if item.kind not in _JOBS]
    columns = sorted(item.name for item in case.held if case.graph.entity_of(item) == last)
    where = f"last present in {last.fqn}" + (f" as {', '.join(columns)}" if columns else "")
    if not between:
        return f"{case.name} is {where}, which feeds the model; no feature is known to take it."
    tables = f"{len(between)} table{'s' if len(between) > 1 else ''}"
    return f"{case.name} is upstream, {where}, {tables} before the feature table {between[-1].fqn}."


def _shared(
    feature: Reference, table: Reference, item: Reached, protected: Reference | None
) -> Shared:
    return Shared(
        feature=feature,
        table=table,
        column=item.reference,
        protected=protected,
        depth=item.depth,
    )


def _sentence(case: Case, table: Reference, items: list[Shared]) -> str:
    """Say of one table which features come from it, and by what."""
    taken = ", ".join(
        f"{item.feature.name} ({item.column.name if item.column.is_part else 'column not known'})"
        for item in items
    )
    comes = "comes" if len(items) == 1 else "come"
    protected = items[0].protected
    beside = f"{case.name} comes from too" if protected is None else f"also holds {protected.name}"
    return f"{taken} {comes} from {table.fqn}, which {beside}."


def _key(case: Case, shared: tuple[Shared, ...]) -> str:
    """Name the columns that the tables are joined by, where anything reports joins."""
    tables = {item.table for item in shared}
    keys = {
        hop.upstream.fqn
        for hop in case.closure.hops
        if hop.influence == Influence.JOIN and case.graph.entity_of(hop.upstream) in tables
    }
    return f"Joined by {', '.join(sorted(keys))}." if keys else "By which key is not known."
