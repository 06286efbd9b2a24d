"""`lineage paths`: how data gets from here to there."""

from typing import Annotated

import typer

from lineage.cli.options.arguments import choose, show_doubts
from lineage.cli.options.catalog_option import EvidenceOption, Location, NoSqlOption, load_graph
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.cli.options.trace_options import ColumnsOption
from lineage.queries.multi import PathsBetween
from lineage.queries.paths import Paths
from lineage.queries.paths import paths as find_paths
from lineage.queries.traversal import Grain
from lineage.views.paths_text import render_paths
from lineage.views.terminal import gap_lines, printable

__all__ = ["paths"]


def paths(
    upstream: Annotated[
        str, typer.Argument(help="Where to begin: a column or an entity, or a selection of them.")
    ],
    downstream: Annotated[
        str, typer.Argument(help="Where to end: a feature or an entity, or a selection of them.")
    ],
    catalog: Location,
    limit: Annotated[int, typer.Option(min=1, help="How many to give at most of each pair.")] = 10,
    columns: ColumnsOption = False,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """List the paths between two things, with their evidence.

    The shortest come first. Of selections, every pair that any path connects is listed.
    """
    graph = load_graph(catalog, evidence=evidence, sql=not no_sql)
    starts, ends = choose(graph, upstream), choose(graph, downstream)
    show_doubts(starts)
    show_doubts(ends)
    grain: Grain | None = "part" if columns else None
    pairs = tuple(
        find_paths(graph, start, end, limit=limit, grain=grain)
        for start in starts.references
        for end in ends.references
    )
    answer = pairs[0] if len(pairs) == 1 else PathsBetween(pairs)
    show(_text(answer) if form == OutputFormat.TEXT else render(answer, form))


def _text(answer: Paths | PathsBetween) -> str:
    if isinstance(answer, Paths):
        return render_paths(answer)
    blocks = [render_paths(pair) for pair in answer.connected]
    summary = "\n".join([printable(answer.summary()), *gap_lines(answer.gaps)])
    return "\n\n".join([*blocks, summary])
