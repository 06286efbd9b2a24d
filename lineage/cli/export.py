"""`lineage export`: lineage in the formats of other programs."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lineage.cli.options.arguments import choose, choose_models, show_doubts
from lineage.cli.options.catalog_option import EvidenceOption, Location, NoSqlOption, load_graph
from lineage.cli.options.output import show
from lineage.cli.options.trace_options import DepthOption
from lineage.errors import LineageError
from lineage.governance.audit.sensitivity import SENSITIVE_TAGS
from lineage.views.terminal import printable

if TYPE_CHECKING:
    from lineage.graph.lineage_graph import LineageGraph
    from lineage.queries.completeness import Grain
    from lineage.views.exports.excerpt import Answered
    from lineage.views.exports.export import Export

__all__ = ["GrainOption", "export"]


class GrainOption(StrEnum):
    """How fine lineage is exported."""

    ENTITY = "entity"
    PART = "part"


def export(
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT", help="A format, for instance graphml; docs/export.md lists all."
        ),
    ],
    catalog: Location,
    selection: Annotated[
        str | None,
        typer.Argument(
            help="What to export: a name, and all it comes from; or a selection; or all there is."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file, or the folder where it takes several."),
    ] = None,
    downstream: Annotated[
        bool, typer.Option("--downstream", help="Export what comes from the name instead.")
    ] = False,
    depth: DepthOption = None,
    audit: Annotated[
        bool,
        typer.Option("--audit", help="Export an audit: the evidence paths of the models named."),
    ] = False,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            help="With --audit: a tag that makes data sensitive. May be given again; "
            f"else {' and '.join(SENSITIVE_TAGS)}.",
            show_default=False,
        ),
    ] = None,
    grain: Annotated[
        GrainOption, typer.Option(help="Whether columns and features are exported too.")
    ] = GrainOption.PART,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Write texts as the catalog has them; for csv, neo4j, matrix."),
    ] = False,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
) -> None:
    """Write lineage in the format of another program.

    Without an output it is printed, where it is text. What a format cannot say is said on stderr.
    """
    from lineage.views.exports.export import export as export_lineage
    from lineage.views.exports.export import find_format

    found = find_format(form)
    if output is None and not (found.is_text and found.suffix):
        message = f"{found.title} cannot be printed: name where to write it, --output"
        raise LineageError(message)
    with_sql = not (no_sql or found.is_written_back)
    graph = load_graph(catalog, evidence=evidence, sql=with_sql)
    if audit:
        answer = _audited(graph, selection, tag)
    elif selection is not None:
        answer = _chosen(graph, selection, grain, downstream=downstream, depth=depth)
    else:
        answer = None
    exported = export_lineage(graph, form, answer, grain=grain.value, raw=raw)
    _put(exported, output)


def _audited(graph: "LineageGraph", models: str | None, tags: list[str] | None) -> "Answered":
    from lineage.governance.audit.audit import audit

    chosen = choose_models(graph, None if models is None else [models])
    return audit(graph, models=chosen, tags=tags)


def _chosen(
    graph: "LineageGraph",
    text: str,
    grain: GrainOption,
    *,
    downstream: bool,
    depth: int | None,
) -> "Answered":
    """Trace what is named alone; take a selection of several as it is."""
    from lineage.queries.traversal import downstream as walk_downstream
    from lineage.queries.traversal import upstream as walk_upstream

    chosen = choose(graph, text)
    show_doubts(chosen)
    if len(chosen.references) != 1:
        return chosen
    walk = walk_downstream if downstream else walk_upstream
    start = chosen.references[0]
    wanted: Grain = "part" if start.is_part else grain.value
    return walk(graph, start, depth=depth, grain=wanted)


def _put(exported: "Export", output: Path | None) -> None:
    """Write or print an export, and say what it does not hold."""
    from lineage.views.exports.export import write_export

    for note in exported.notes:
        print(printable(f"note: {note}"), file=sys.stderr)
    if output is None:
        show(exported.content.decode())
    else:
        write_export(exported, output)
        show(f"{output}: written")
