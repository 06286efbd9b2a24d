"""What a word on the command line means: a name, or else a selection."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from lineage.errors import BadSelection, UnknownEntity
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference
from lineage.queries.lookup import find
from lineage.queries.selection.expressions import Named
from lineage.queries.selection.pattern import Pattern
from lineage.queries.selection.selected import Selected
from lineage.views.terminal import printable

__all__ = ["ModelsArgument", "NameArgument", "choose", "choose_all", "choose_models", "show_doubts"]

NameArgument = Annotated[
    str,
    typer.Argument(
        help="A short name, a fully qualified name, kind:name, as in mlmodel:mlflow.churn, "
        "or a selection, as in 'kind:table and tag:PII.*'."
    ),
]
ModelsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="The models, by name or by selection; all of them if none."),
]


def choose(graph: LineageGraph, text: str, *, kind: str | None = None) -> Selected:
    """Find what a text names, of one kind if that is given; else take it for a selection.

    Raises
    ------
    UnknownEntity
        It is neither, or the selection is empty.
    AmbiguousName
        As a name it may mean several things.
    BadSelection
        It can only be meant as a selection, and cannot be parsed.
    """
    try:
        found = find(graph, text, kind=kind)
    except UnknownEntity as unknown:
        return _selected(graph, text, kind, unknown)
    return Selected(Named(Pattern.literal(found.fqn), found.kind), (found,))


def choose_models(graph: LineageGraph, texts: list[str] | None) -> list[Reference] | None:
    """Find the models that texts name or select; None, for all models, where there is no text.

    Raises
    ------
    LineageError
        As `choose` does.
    """
    return choose_all(graph, texts, kind=Kind.MLMODEL) if texts else None


def choose_all(
    graph: LineageGraph, texts: Iterable[str], *, kind: str | None = None
) -> list[Reference]:
    """Find what texts name or select, each in its turn, and say what is not known of it.

    Raises
    ------
    LineageError
        As `choose` does.
    """
    found = [choose(graph, text, kind=kind) for text in texts]
    for selected in found:
        show_doubts(selected)
    return [reference for selected in found for reference in selected.references]


def show_doubts(selected: Selected) -> None:
    """Say on stderr what a selection does not know, so that it is not hidden by the answer."""
    notes = [f"{reference} may be selected too: not known" for reference in selected.doubtful]
    notes += [str(item) for item in selected.unmatched]
    notes += [f"not known: {gap}" for gap in selected.gaps if gap.hides_upstream]
    for note in notes:
        print(printable(f"{selected.selection}: {note}"), file=sys.stderr)


def _selected(graph: LineageGraph, text: str, kind: str | None, unknown: UnknownEntity) -> Selected:
    from lineage.queries.selection.parse import parse_selection
    from lineage.queries.selection.resolve import resolve

    try:
        selection = parse_selection(text)
    except BadSelection:
        if unknown.nearest:
            raise unknown from None
        raise
    if isinstance(selection, Named) and selection.pattern.is_plain and kind is None:
        raise unknown
    found = resolve(graph, selection)
    if kind is not None:
        found = found.of_kind(kind)
    if not found.references:
        raise UnknownEntity(text, [name for item in found.unmatched for name in item.nearest])
    return found
