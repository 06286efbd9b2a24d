"""`lineage draw`: a picture."""

from pathlib import Path
from typing import Annotated

import typer

from lineage.cli.location import EvidenceOption, Location, load_graph
from lineage.cli.output import show
from lineage.cli.tracing import DepthOption, NameArgument
from lineage.queries.names import find
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
) -> None:
    """Draw what something comes from; for a model, with its strongest sensitive path."""
    from lineage.views.drawing import draw as draw_lineage
    from lineage.views.picture.figure import write_figure

    graph = load_graph(catalog, evidence=evidence)
    direction: Direction = "downstream" if downstream else "upstream"
    figure = draw_lineage(graph, find(graph, name), direction=direction, depth=depth)
    write_figure(figure, output)
    show(f"{output}: drawn")
