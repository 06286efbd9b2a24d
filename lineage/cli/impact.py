"""`lineage impact`: what a change breaks, before it is made."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from lineage.atomic_files import write_whole
from lineage.changes.written_changes import WRITABLE, resolve_changes
from lineage.cli.options.catalog_option import (
    EvidenceOption,
    MaybeLocation,
    NoSqlOption,
    load_graph,
    load_with_evidence,
)
from lineage.cli.options.fail_option import FailOn, FailOnOption, exit_code
from lineage.cli.options.output import show, width
from lineage.errors import LineageError, did_you_mean
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.proposed_change import Action, ChangeSet, WrittenChange
from lineage.model.settings_document import listed
from lineage.queries.impact.hits import Impact
from lineage.queries.impact.impact import impact as judge
from lineage.views.answer_table import render_table
from lineage.views.impact_json import render_impact_json
from lineage.views.impact_markdown import render_impact_markdown
from lineage.views.impact_sarif import render_impact_sarif
from lineage.views.impact_text import render_impact
from lineage.views.records import render_csv

__all__ = ["ImpactFormat", "impact"]


class ImpactFormat(StrEnum):
    """The forms an impact can be printed in."""

    TEXT = "text"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    SARIF = "sarif"
    MARKDOWN = "markdown"


_COLUMNS = ("verdict", "kind", "fqn", "hops", "change", "owners", "tier")
_RENDER: dict[ImpactFormat, Callable[[Impact], str]] = {
    ImpactFormat.TABLE: lambda answer: render_table(answer, width=width(), columns=_COLUMNS),
    ImpactFormat.JSON: render_impact_json,
    ImpactFormat.CSV: render_csv,
    ImpactFormat.SARIF: render_impact_sarif,
    ImpactFormat.MARKDOWN: render_impact_markdown,
}


def impact(
    change: Annotated[
        list[str] | None,
        typer.Argument(
            help="One change: `drop NAME`, `rename NAME NEW`, `move NAME PLACE`, "
            "`retype NAME TYPE`, `nullable NAME`, `not-null NAME`, `switch-off PIPELINE` or "
            "`tag NAME TAG`."
        ),
    ] = None,
    *,
    catalog: MaybeLocation = None,
    changes: Annotated[
        list[Path] | None,
        typer.Option(help="A file of changes, .toml, .yaml or .json.", show_default=False),
    ] = None,
    ddl: Annotated[
        list[Path] | None,
        typer.Option(help="A file of SQL that alters, drops or defines tables."),
    ] = None,
    dialect: Annotated[
        str, typer.Option(help="The dialect of the SQL, as sqlglot names it.", show_default=False)
    ] = "",
    between: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="OLD NEW", help="What was done to a catalog between two snapshots of it."
        ),
    ] = None,
    fail_on: FailOnOption = FailOn.UNKNOWN,
    everything: Annotated[
        bool, typer.Option("--all", help="Write all of what is possible, unknown or safe too.")
    ] = False,
    paths: Annotated[
        bool, typer.Option("--paths", help="Write paths hop by hop, with what proves each hop.")
    ] = False,
    form: Annotated[
        ImpactFormat, typer.Option("--format", "-f", help="How to print the verdicts.")
    ] = ImpactFormat.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write them to a file, and print the summary."),
    ] = None,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
) -> None:
    """Say what changes break, before they are made, and who has to know.

    Exits with 0 if nothing as bad as `--fail-on` was found, with 1 if something was, and with
    2 if that is only unknown, or if not all of what the changes are was understood.
    """
    written = [*_typed(change), *_from_files(changes)]
    if not (written or ddl or between):
        message = "no change: say one, as in `impact drop customers.email`, or name a file of them"
        raise LineageError(message)
    laid = _Laid(evidence, not no_sql)
    graph, found = _compared(between, laid) if between else (_graph(catalog, laid), _NONE)
    found += resolve_changes(graph, written) + _from_ddl(graph, ddl, dialect)
    answer = judge(graph, found.changes, gaps=found.gaps)
    if form == ImpactFormat.TEXT:
        text = render_impact(answer, everything=everything, paths=paths)
    else:
        text = _RENDER[form](answer)
    _print(text, answer, output)
    raise typer.Exit(exit_code(answer.worst, fail_on, unread=answer.unread))


_NONE = ChangeSet()


class _Laid(NamedTuple):
    """What is laid over a catalog."""

    evidence: list[str] | None
    sql: bool


def _graph(catalog: str | None, laid: _Laid) -> LineageGraph:
    if catalog is None:
        message = "where is the metadata? Name it by --catalog, or two snapshots by --between"
        raise LineageError(message)
    return load_graph(catalog, **laid._asdict())


def _compared(between: tuple[str, str], laid: _Laid) -> tuple[LineageGraph, ChangeSet]:
    from lineage.changes.schema_changes import schema_changes

    before, after = (load_with_evidence(place, **laid._asdict()) for place in between)
    return build_graph(before), schema_changes(before, after)


def _from_ddl(graph: LineageGraph, files: Iterable[Path] | None, dialect: str) -> ChangeSet:
    if not files:
        return _NONE
    from lineage.changes.ddl_changes import ddl_changes
    from lineage.evidence.ddl import read_ddl
    from lineage.files.text_file import read_text

    texts = [(str(file), read_text(file)) for file in files]
    statements = [
        item for name, text in texts for item in read_ddl(text, file=name, dialect=dialect)
    ]
    return ddl_changes(graph, statements)


def _typed(words: list[str] | None) -> list[WrittenChange]:
    """Take words for one change: what is done, to what, and what it becomes."""
    if not words:
        return []
    action, *rest = words
    if action not in set(WRITABLE):
        hint = did_you_mean(get_close_matches(action, WRITABLE, n=1))
        message = f"{action!r} is no change, but {listed(WRITABLE)} is{hint}"
        raise LineageError(message)
    if not 1 <= len(rest) <= 2:
        message = f"a change is what is done, a name and what it becomes, not {' '.join(words)!r}"
        raise LineageError(message)
    return [WrittenChange(action=Action(action), name=rest[0], after=(*rest[1:], None)[0])]


def _from_files(files: Iterable[Path] | None) -> list[WrittenChange]:
    from lineage.files.change_file import read_changes

    return [change for file in files or () for change in read_changes(file)]


def _print(text: str, answer: Impact, output: Path | None) -> None:
    if output is None:
        show(text)
        return
    write_whole(output, f"{text}\n".encode(errors="backslashreplace"))
    show(f"{output}: {answer.summary()}")
