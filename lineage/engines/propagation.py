"""Propagation as queries: labels go along arcs by distance, and what arrived is walked back.

Nodes are reached hop by hop; going in and out of what contains a part is free. Each step adds to
the log which bits it newly sets at which nodes, one row a node. Nothing is set twice, so the first
time is by a shortest path. A pass ends where a step sets nothing.

By which arcs is asked afterwards, and only for what has to be proved: what arrived in a step came
along an arc from what was set in the steps before it. To note parents on the way instead took twice
the time, since the bits of a node then fall apart into a row for every parent. Gaps are not walked
back: that one is upstream of a target is all there is to say.

A parent is one number: a node in the upper half of 64 bits, a hop + 1 in the lower. The queries are
of the SQL that DuckDB and Spark have in common.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from lineage.engines.bitmasks import Bit, allowed, layouts

__all__ = ["SMALL_TABLES", "Executor", "Stride", "arriving_query", "new_query", "propagate"]

SMALL_TABLES = {"labels": "label, kind", "seeds": "node, label", "targets": "node"}
"""The tables an engine needs besides the arcs, with the columns it needs of them."""


class Executor(Protocol):
    """What an engine does with queries.

    It has the `SMALL_TABLES` by their names, and the arcs as `free_arcs` and `hop_arcs`: those
    without and those with a hop.
    """

    def ask(self, query: str) -> Sequence[tuple[int, ...]]:
        """Return the rows of a small answer."""

    def save(self, name: str, query: str) -> None:
        """Keep what a query returns as a table, in place of what had that name before."""

    def append(self, name: str, query: str, *, step: int) -> int:
        """Add what a query returns, and `step` to each row, to a table; count the rows."""

    def advance(self, arcs: str, bits: Sequence[Bit], *, since: int, step: int) -> int:
        """Pass on along arcs what was set since a step, and log what is new; count it."""

    def drop(self, name: str) -> None:
        """Forget a table, if there is one."""


def propagate(executor: Executor) -> None:
    """Find what reaches each target, how strong, how far and by which path.

    Afterwards there are two tables: `findings` with target, label, strength, hops and the node it
    starts from, which is null for a gap; and `moves` with target, label, step and parent, the
    paths walked back.
    """
    executor.append("moves", _NO_MOVES, step=0)
    executor.append("findings", _NO_FINDINGS, step=0)
    tags, gaps = (
        [label for (label,) in executor.ask(f"SELECT label FROM labels WHERE kind = '{kind}'")]
        for kind in ("tag", "gap")
    )
    arcs = "(SELECT strength FROM free_arcs UNION ALL SELECT strength FROM hop_arcs)"
    strengths = executor.ask(f"SELECT DISTINCT strength FROM {arcs} AS arcs")
    for number, bits in enumerate(layouts(tags, gaps, [strength for (strength,) in strengths])):
        strides = _go_forward(executor, bits)
        executor.save("best", _BEST)
        executor.save("trail", _FOUND)
        if not {bit.label for bit in bits}.isdisjoint(tags):
            _walk_back(executor, strides)
        distances = [(0, 0), *((stride.step, stride.hops) for stride in strides)]
        executor.save("distances", _values("step, hops", distances))
        executor.append("findings", _FINDINGS, step=number)


class Stride(NamedTuple):
    """A step that set something: along which arcs, from what was set since which step."""

    step: int
    hops: int
    arcs: str
    since: int


def _go_forward(executor: Executor, bits: Sequence[Bit]) -> list[Stride]:
    """Log every step; list those that set something."""
    executor.save("bits", _values("label, strength, mask", bits))
    executor.drop("log")
    new = executor.append("log", _SEEDS, step=0)
    strides: list[Stride] = []
    step, hops, first = 0, 0, 0
    while new:
        while new:
            step += 1
            new = executor.advance("free_arcs", bits, since=step - 1, step=step)
            strides += [Stride(step, hops, "free_arcs", step - 1)] if new else []
        step, hops = step + 1, hops + 1
        new = executor.advance("hop_arcs", bits, since=first, step=step)
        strides += [Stride(step, hops, "hop_arcs", first)] if new else []
        first = step
    return strides


def _walk_back(executor: Executor, strides: Sequence[Stride]) -> None:
    """Move what was found from where it arrived to where it starts, last step first."""
    for stride in reversed(strides):
        executor.save("arrived", _ARRIVED.format(step=stride.step))
        if executor.append("moves", _moves_query(stride), step=stride.step):
            executor.save("trail", _TRAIL.format(step=stride.step))


def arriving_query(arcs: str, bits: Sequence[Bit], *, since: int) -> str:
    """Ask what arrives at the heads of arcs from where something was set since a step."""
    cases = " ".join(f"WHEN {strength} THEN {allowed(bits, strength)}" for strength in range(1, 5))
    return f"""
        SELECT arcs.head AS node,
            bit_or(newest.bits & CAST(CASE arcs.strength {cases} END AS BIGINT)) AS bits
        FROM {arcs} AS arcs
        JOIN (
            SELECT node, bit_or(bits) AS bits FROM log WHERE step >= {since} GROUP BY node
        ) AS newest ON newest.node = arcs.tail
        GROUP BY arcs.head"""


def new_query() -> str:
    """Ask which bits of those that arrive were never set before."""
    return """
        SELECT node, bits
        FROM (
            SELECT arriving.node,
                arriving.bits & ~coalesce(seen.bits, CAST(0 AS BIGINT)) AS bits
            FROM arriving
            LEFT JOIN (
                SELECT node, bit_or(bits) AS bits
                FROM log WHERE node IN (SELECT node FROM arriving) GROUP BY node
            ) AS seen ON seen.node = arriving.node
        ) AS compared
        WHERE bits <> 0"""


def _moves_query(stride: Stride) -> str:
    """Ask by which arc everything that arrived in a step came: from the least node there is."""
    return f"""
        SELECT arrived.target, arrived.label,
            min((CAST(arcs.tail AS BIGINT) << 32) + arcs.hop + 1) AS parent
        FROM {stride.arcs} AS arcs
        JOIN arrived ON arrived.node = arcs.head AND arrived.strength <= arcs.strength
        JOIN log ON log.node = arcs.tail
        WHERE log.step >= {stride.since} AND log.step < {stride.step}
            AND (log.bits & arrived.mask) <> 0
        GROUP BY arrived.target, arrived.label"""


def _values(names: str, rows: Iterable[Sequence[int]]) -> str:
    """Write rows of numbers as a query."""
    written = ", ".join(
        f"({', '.join(f'CAST({number} AS BIGINT)' for number in row)})" for row in rows
    )
    return f"SELECT * FROM (VALUES {written}) AS given({names})"


_NO_MOVES = """
    SELECT node AS target, label, CAST(-1 AS BIGINT) AS parent FROM seeds WHERE 1 = 0"""

_NO_FINDINGS = """
    SELECT node AS target, label, CAST(0 AS BIGINT) AS strength, CAST(0 AS BIGINT) AS hops,
        node AS start
    FROM seeds WHERE 1 = 0"""

_SEEDS = """
    SELECT seeds.node, bit_or(bits.mask) AS bits
    FROM seeds JOIN bits ON bits.label = seeds.label
    GROUP BY seeds.node"""

_BEST = """
    SELECT targets.node AS target, bits.label, max(bits.strength) AS strength,
        max_by(bits.mask, bits.strength) AS mask, max_by(log.step, bits.strength) AS step
    FROM targets
    JOIN log ON log.node = targets.node
    JOIN bits ON (log.bits & bits.mask) <> 0
    GROUP BY targets.node, bits.label"""

_FOUND = """
    SELECT best.target, best.label, best.strength, best.mask, best.target AS node
    FROM best JOIN labels ON labels.label = best.label
    WHERE labels.kind = 'tag'"""

_ARRIVED = """
    SELECT trail.*
    FROM trail JOIN log ON log.node = trail.node
    WHERE log.step = {step} AND (log.bits & trail.mask) <> 0"""

_TRAIL = """
    SELECT trail.target, trail.label, trail.strength, trail.mask,
        coalesce(CAST(moved.parent >> 32 AS INT), trail.node) AS node
    FROM trail
    LEFT JOIN (SELECT * FROM moves WHERE step = {step}) AS moved
        ON moved.target = trail.target AND moved.label = trail.label"""

_FINDINGS = """
    SELECT best.target, best.label, best.strength, distances.hops, trail.node AS start
    FROM best
    LEFT JOIN trail ON trail.target = best.target AND trail.label = best.label
    JOIN distances ON distances.step = best.step"""
