"""`lineage sources`: which systems can be read beside a catalog."""

from lineage.cli.options.output import FormatOption, OutputFormat, render, show

__all__ = ["sources"]


def sources(form: FormatOption = OutputFormat.TABLE) -> None:
    """List the systems that `lineage plan --from` and `lineage read --from` can read.

    Each with what it holds, and with the extra of this package that it takes.
    """
    from lineage.lifecycle.systems import SystemList

    answer = SystemList()
    show(answer.summary() if form == OutputFormat.TEXT else render(answer, form))
