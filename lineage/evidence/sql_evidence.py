"""What the SQL on a catalog's edges reports of columns, and of tables that no edge records.

Importing this takes sqlglot, which is slow to load.
"""

from collections import defaultdict

from lineage.evidence.evidence_body import EvidenceBody, Report
from lineage.evidence.sql_facts import SqlFacts, SqlReader, Statements
from lineage.evidence.sql_reading import read_sql
from lineage.model.edges import Edge, Evidence, Origin
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["EDGE_SQL", "find_sql"]

EDGE_SQL = "the SQL of the edge"
"""What to call it as evidence."""


def find_sql(snapshot: Snapshot, *, read: SqlReader = read_sql) -> EvidenceBody:
    """Read the SQL on every recorded edge that has any.

    The dialect is that of the service of what the edge fills, else of what feeds it.

    Parameters
    ----------
    snapshot : Snapshot
        The catalog; it is not changed.
    read : callable
        Reads a text; `read_sql`, or what remembers its readings.

    Returns
    -------
    EvidenceBody
        A report for each edge and its SQL, and one for each table that the SQL takes from besides.

    Examples
    --------
    >>> from lineage.model.entities import Column, Entity
    >>> one, two = (
    ...     Reference("table", "pg.shop.public.one"),
    ...     Reference("table", "pg.shop.public.two"),
    ... )
    >>> mail = Column(name="mail", fqn=f"{one.fqn}.mail")
    >>> key = Column(name="key", fqn=f"{two.fqn}.key")
    >>> tables = Entity(reference=one, columns=(mail,)), Entity(reference=two, columns=(key,))
    >>> sql = Evidence(sql="insert into two select md5(mail) from one")
    >>> edge = Edge(upstream=one, downstream=two, evidence=sql)
    >>> [report] = find_sql(Snapshot(entities=tables, edges=(edge,))).reports
    >>> [flow.function for flow in report.flows]
    ['MD5(mail)']
    """
    statements = Statements(snapshot, read)
    reports: list[Report] = []
    gaps: set[Gap] = set()
    recorded: dict[tuple[Reference, str], set[Reference]] = defaultdict(set)
    with_sql = [edge for edge in snapshot.edges if edge.evidence.origin == Origin.RECORDED]
    for edge in with_sql:
        recorded[edge.downstream, edge.evidence.sql or ""].add(edge.upstream)
    for edge in with_sql:
        if edge.evidence.sql:
            same = recorded[edge.downstream, edge.evidence.sql]
            facts = statements.facts(edge.evidence.sql, edge.downstream, upstream=same)
            gaps |= facts.gaps
            if facts.flows and edge.upstream not in facts.flows:
                reason = f"the SQL of the edge from {edge.upstream.fqn} takes nothing from there"
                gaps.add(Gap(GapKind.EVIDENCE_DISAGREES, edge.downstream, reason))
            reports += _reports(edge, facts, same)
    return EvidenceBody(reports=tuple(reports), gaps=tuple(sorted(gaps, key=str)))


def _reports(edge: Edge, facts: SqlFacts, same: set[Reference]) -> list[Report]:
    """Report what one text says of its own edge, and of tables with no edge that has this text."""
    if not facts.flows and facts.gaps:
        return []
    others = sorted(entity for entity, flows in facts.flows.items() if flows and entity not in same)
    return [_report(edge, facts, upstream) for upstream in (edge.upstream, *others)]


def _report(edge: Edge, facts: SqlFacts, upstream: Reference) -> Report:
    is_own = upstream == edge.upstream
    evidence = Evidence(
        origin=Origin.PARSED, pipeline=edge.evidence.pipeline, sql=edge.evidence.sql
    )
    return Report(
        upstream=upstream,
        downstream=edge.downstream,
        job=f"the SQL of the edge from {edge.upstream.fqn}",
        evidence_source=EDGE_SQL,
        flows=facts.flows.get(upstream, frozenset()),
        described=facts.described,
        influences_known=facts.is_clear,
        counts_rows=upstream in facts.counted,
        evidence=evidence,
        recorded=edge if is_own else None,
    )
