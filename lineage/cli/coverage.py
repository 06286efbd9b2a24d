"""`lineage coverage`: how much of each model can be traced and accounted for."""

from lineage.cli.location import Location, load_graph
from lineage.cli.output import FormatOption, OutputFormat, render, show
from lineage.queries.coverage import coverage as measure
from lineage.views.coverage_text import render_coverage

__all__ = ["coverage"]


def coverage(catalog: Location, form: FormatOption = OutputFormat.TEXT) -> None:
    """List the models with what they lack: resolved sources, a dashboard, an owner."""
    answer = measure(load_graph(catalog))
    show(render_coverage(answer) if form == OutputFormat.TEXT else render(answer, form))
