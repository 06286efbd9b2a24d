"""`lineage compile`: write the edge table that engines go through."""

from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.options.audit_options import SuggestedOption, TagOption, WithoutDeletedOption
from lineage.cli.options.catalog_option import (
    EvidenceOption,
    Location,
    NoSqlOption,
    load_with_evidence,
)
from lineage.cli.options.output import show
from lineage.graph.build import build_graph
from lineage.graph.without_deleted import without_deleted as leave_out

__all__ = ["compile"]


def compile(  # noqa: A001  # the verb
    catalog: Location,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder to write it to, its own.")
    ] = Path("edge-table"),
    tag: TagOption = None,
    suggested: SuggestedOption = False,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
    without_deleted: WithoutDeletedOption = False,
) -> None:
    """Write what an engine needs for an audit as Parquet tables.

    `lineage audit --engine` takes the folder in place of a catalog.
    """
    from lineage.engines.edge_table import open_edge_table, write_edge_table

    graph = build_graph(load_with_evidence(catalog, evidence=evidence, sql=not no_sql))
    if without_deleted:
        graph = leave_out(graph)
    write_edge_table(graph, output, tags=tag, suggested=suggested)
    arcs = open_edge_table(output).read("arcs").num_rows
    show(f"{output}: {arcs:,} arcs of {graph!r}")
