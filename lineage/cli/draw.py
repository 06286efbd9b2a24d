"""`lineage draw`: a picture."""

from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.options.arguments import NameArgument, choose, show_doubts
from lineage.cli.options.catalog_option import EvidenceOption, Location, NoSqlOption, load_graph
from lineage.cli.options.output import show
from lineage.cli.options.trace_options import DepthOption
from lineage.queries.traversal import Direction

__all__ = ["draw"]


def draw(
    name: NameArgument,
    catalog: Location,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A file ending in .png, .svg or .pdf.")
    ] = Path("lineage.png"),
    downstream: Annotated[
        bool, typer.Option("--downstream", help="Draw what comes from it instead.")
    ] = False,
    depth: DepthOption = None,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
) -> None:
    """Draw what something comes from, or what comes from it.

    A model is drawn with its strongest sensitive path. A selection of several is drawn by
    itself, with what feeds what among it.
    """
    from lineage.views.lineage_diagram import draw as draw_lineage
    from lineage.views.lineage_diagram import draw_selection
    from lineage.views.picture.figure import write_figure

    graph = load_graph(catalog, evidence=evidence, sql=not no_sql)
    direction: Direction = "downstream" if downstream else "upstream"
    chosen = choose(graph, name)
    show_doubts(chosen)
    if len(chosen.references) == 1:
        start = chosen.references[0]
        figure = draw_lineage(graph, start, direction=direction, depth=depth)
    else:
        figure = draw_selection(graph, chosen)
    write_figure(figure, output)
    show(f"{output}: drawn")
