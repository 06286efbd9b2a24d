"""What evidence does to recorded mappings: it completes them, and denies one in one case only."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from lineage.evidence.evidence_body import Flow, Report
from lineage.model.edges import ColumnEdge, Edge, Origin
from lineage.model.reference import Reference
from lineage.model.snapshot import Snapshot

__all__ = ["complete", "covers", "is_denied", "unrecorded_values"]

_LOSSY = frozenset({"OpenLineage", "SparkLineage"})
"""Edges recorded as these were made of events, without the kind of lineage that was meant."""


def complete(edge: Edge, mapping: ColumnEdge, own: Collection[Report]) -> list[ColumnEdge]:
    """Give a mapping of a recorded edge what it lacks and its own job reports.

    Where the job reports several manners in which one column becomes another, each is a mapping.
    One that is known from evidence lacks nothing.

    Parameters
    ----------
    own : collection of Report
        What the very job of the edge reports.
    """
    if mapping.influence is not None or mapping.evidence_source is not None:
        return [mapping]
    found: dict[ColumnEdge, list[str]] = defaultdict(list)
    for column in mapping.upstream:
        if not is_denied(edge, mapping, column, own):
            manners = dict.fromkeys(_manners(mapping, column, own))
            for manner in sorted(manners, key=lambda one: one != mapping):
                found[manner].append(column)
    return [replace(manner, upstream=tuple(columns)) for manner, columns in found.items()]


def unrecorded_values(snapshot: Snapshot, reports: Iterable[Report]) -> Iterator[Report]:
    """Keep of reports what gives one column the value of another, and no recorded edge maps.

    Examples
    --------
    >>> a, b = Reference("table", "a"), Reference("table", "b")
    >>> flows = frozenset({Flow("a.x", "b.x", function="lower(x)"), Flow("a.y", "b.y")})
    >>> report = Report(upstream=a, downstream=b, job="j", evidence_source="sql", flows=flows)
    >>> mapping = ColumnEdge(upstream=("a.x",), downstream="b.x")
    >>> edge = Edge(upstream=a, downstream=b, column_edges=(mapping,))
    >>> [left] = unrecorded_values(Snapshot(edges=(edge,)), [report])
    >>> sorted(left.flows) == [Flow("a.y", "b.y")]
    True
    """
    recorded: dict[tuple[Reference, Reference], set[tuple[str, str]]] = defaultdict(set)
    for edge in snapshot.edges:
        for mapping in edge.value_mappings:
            recorded[edge.upstream, edge.downstream].update(mapping.pairs)
    for report in reports:
        missing = report.values_beyond(recorded[report.upstream, report.downstream])
        if missing:
            yield replace(report, flows=missing)


def is_denied(edge: Edge, mapping: ColumnEdge, column: str, own: Collection[Report]) -> bool:
    """Whether a recorded mapping is none: its own job names the column in another role alone.

    The server makes a mapping of whatever an event names, join keys included. Only a mapping that
    was made of events can be denied by one, and only by a finished run of the same job that names
    both its columns and says that the value does not go from one to the other.
    """
    pair = column, mapping.downstream
    own = [report for report in own if report.evidence.origin == Origin.WITNESSED]
    return (
        edge.evidence.recorded_as in _LOSSY
        and mapping.function is None
        and any(report.describes(mapping.downstream) for report in own)
        and any(flow.source == column for report in own for flow in report.flows)
        and not any(flow.pair == pair for report in own for flow in report.values)
        and not any(flow.source == report.upstream.fqn for report in own for flow in report.flows)
    )


def covers(edge: Edge, flow: Flow, report: Report, *, is_own: bool) -> bool:
    """Whether a recorded edge says all that a flow of a report does.

    Parameters
    ----------
    is_own : bool
        Whether the edge and the report are of the same job.
    """
    if flow.influence is not None:
        return any(
            mapping.influence == flow.influence
            and mapping.downstream == flow.target
            and flow.source in mapping.upstream
            for mapping in edge.column_edges
        )
    if flow.source == report.upstream.fqn or flow.target == report.downstream.fqn:
        return _covers_by_table(edge, flow, report, is_own=is_own)
    is_silent = is_own and _is_silent(flow, report)
    return any(
        flow.pair in mapping.pairs and (is_silent or _says(mapping, flow))
        for mapping in edge.column_edges
    )


def _covers_by_table(edge: Edge, flow: Flow, report: Report, *, is_own: bool) -> bool:
    """Whether an edge says what is known of tables alone.

    One without mappings does. What is recorded of the same job column by column speaks for it;
    SQL that only counts a table says no more than that there is an edge.
    """
    if not edge.value_mappings:
        return True
    if flow.target == report.downstream.fqn:
        return is_own or report.evidence.origin == Origin.PARSED
    return is_own and any(
        mapping.downstream == flow.target or mapping.downstream.startswith(f"{flow.target}.")
        for mapping in edge.value_mappings
    )


def _says(mapping: ColumnEdge, flow: Flow) -> bool:
    """Whether a mapping of the same columns says as much: it conducts, or hides alike."""
    if mapping.masking is False or (mapping.function is None and mapping.masking is None):
        return True
    return _same(mapping.function, flow.function) and mapping.masking == flow.masking


def _manners(mapping: ColumnEdge, column: str, own: Collection[Report]) -> Iterator[ColumnEdge]:
    """Give what a mapping of one column may be, as far as reports are about it; else itself."""
    reported = [
        (flow, report)
        for report in own
        if report.describes(mapping.downstream)
        for flow in sorted(report.values, key=str)
        if flow.pair == (column, mapping.downstream)
    ]
    for flow, report in reported:
        yield from _with(mapping, flow, report)
    if not reported:
        yield mapping


def _with(mapping: ColumnEdge, flow: Flow, report: Report) -> Iterator[ColumnEdge]:
    if _is_silent(flow, report):
        yield mapping
        return
    says_masking_only = flow.function is None and flow.masking is not None
    fits = mapping.function is None or _same(mapping.function, flow.function) or says_masking_only
    if not fits or mapping.masking not in {None, flow.masking}:
        yield mapping
        mapping = replace(mapping, function=None, masking=None)
    completed = replace(
        mapping,
        function=mapping.function or flow.function,
        masking=flow.masking if mapping.masking is None else mapping.masking,
    )
    is_new = completed != mapping or not fits
    yield replace(completed, evidence_source=report.evidence_source) if is_new else mapping


def _is_silent(flow: Flow, report: Report) -> bool:
    """Whether nothing is said of what is done to the value; of SQL, that is that nothing is."""
    says_nothing = flow.function is None and flow.masking is None
    return says_nothing and report.evidence.origin == Origin.WITNESSED


def _same(one: str | None, other: str | None) -> bool:
    """Whether two functions are spelled alike, but for case and spaces."""
    return "".join((one or "").split()).casefold() == "".join((other or "").split()).casefold()
