"""Find what a person means by a name."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

from lineage.errors import AmbiguousName, UnknownEntity
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Kind, Reference

__all__ = ["Models", "find", "find_among", "find_model", "find_models"]

Models = Reference | str | Iterable[Reference | str]
"""One model or several, as references or as `find_model` finds them by name."""


def find(graph: LineageGraph, name: Reference | str, *, kind: str | None = None) -> Reference:
    """Find the entity, column or feature that a text names; a reference is its own name.

    Tried in this order, each exactly and then in any case: `kind:fully.qualified.name`, a
    fully qualified name, a short name (the last part), the last parts of a name.

    Parameters
    ----------
    graph : LineageGraph
        Where to look.
    name : Reference or str
        What a person typed, or what the graph has to have.
    kind : str, optional
        Look among this kind only.

    Returns
    -------
    Reference

    Raises
    ------
    UnknownEntity
        Nothing is called so, or nothing of that kind; the nearest names are with it.
    AmbiguousName
        Several are; all of them are with it.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Entity
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Entity(reference=Reference("table", "pg.hr.public.people"))
    >>> find(build_graph(Snapshot(entities=(people,))), "People")
    Reference('table', 'pg.hr.public.people')
    """
    if not isinstance(name, Reference):
        return find_among(graph.references(*([kind] if kind else [])), name)
    if name not in graph or name.kind != (kind or name.kind):
        raise UnknownEntity(str(name))
    return name


def find_among(references: Sequence[Reference], text: str) -> Reference:
    """Find the one of some references that a text names; see `find`.

    Raises
    ------
    UnknownEntity
        Nothing is called so.
    AmbiguousName
        Several are.

    Examples
    --------
    >>> find_among([Reference("mlmodel", "mlf.churn")], "churn")
    Reference('mlmodel', 'mlf.churn')
    """
    for matches in (_is_reference, _is_fqn, _is_name, _is_ending):
        for fold in (str, str.casefold):
            wanted = fold(text)
            found = [item for item in references if matches(item, wanted, fold)]
            if len(found) == 1:
                return found[0]
            if found:
                raise AmbiguousName(text, [str(item) for item in found])
    raise UnknownEntity(text, _nearest(text, references))


def find_model(graph: LineageGraph, name: Reference | str) -> Reference:
    """Find the model that a text names; see `find`.

    Raises
    ------
    UnknownEntity
        No model is called so.
    AmbiguousName
        Several models are.
    """
    return find(graph, name, kind=Kind.MLMODEL)


def find_models(graph: LineageGraph, models: Models | None = None) -> list[Reference]:
    """Find one model or several, each by its reference or by name; all where none is named.

    Returns
    -------
    list of Reference
        Sorted, each once.

    Raises
    ------
    UnknownEntity
        No model is called so.
    AmbiguousName
        Several models are.
    """
    if models is None:
        return graph.references(Kind.MLMODEL)
    # A reference is a tuple and would be gone through as one.
    named = [models] if isinstance(models, Reference | str) else models
    return sorted({find_model(graph, one) for one in named})


def _is_reference(item: Reference, wanted: str, fold: Callable[[str], str]) -> bool:
    return fold(str(item)) == wanted


def _is_fqn(item: Reference, wanted: str, fold: Callable[[str], str]) -> bool:
    return fold(item.fqn) == wanted


def _is_name(item: Reference, wanted: str, fold: Callable[[str], str]) -> bool:
    return fold(item.name) == wanted


def _is_ending(item: Reference, wanted: str, fold: Callable[[str], str]) -> bool:
    return fold(item.fqn).endswith(f".{wanted}")


def _nearest(text: str, references: Sequence[Reference]) -> list[str]:
    """Names that look alike, by short name and by fully qualified name."""
    known: dict[str, str] = {}
    for reference in references:
        known.setdefault(reference.name.casefold(), reference.name)
        known.setdefault(reference.fqn.casefold(), reference.fqn)
    close = get_close_matches(text.casefold(), known, n=3, cutoff=0.6)
    return [known[name] for name in close]
