"""`lineage coverage`: how much of each model can be traced and accounted for."""

from lineage.cli.options.arguments import ModelsArgument, choose_models
from lineage.cli.options.catalog_option import EvidenceOption, Location, NoSqlOption, load_graph
from lineage.cli.options.output import FormatOption, OutputFormat, render, show
from lineage.queries.coverage import coverage as measure
from lineage.views.coverage_text import render_coverage

__all__ = ["coverage"]


def coverage(
    catalog: Location,
    models: ModelsArgument = None,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """List what models lack: sources, a dashboard, an owner.

    A source that is declared but resolves to nothing is lacking too.
    """
    graph = load_graph(catalog, evidence=evidence, sql=not no_sql)
    answer = measure(graph, models=choose_models(graph, models))
    show(render_coverage(answer) if form == OutputFormat.TEXT else render(answer, form))
