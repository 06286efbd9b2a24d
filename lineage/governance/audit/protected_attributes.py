"""Protected attributes: what holds them, what indicates them, and the verdicts on them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import translate
from re import compile as compiled

from lineage.governance.audit.audit import Audit, audit_sensitive
from lineage.governance.audit.sensitivity import (
    Sensitive,
    find_sensitive,
    unmatched_tags,
    with_nested,
)
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.reference import Kind, Reference
from lineage.model.register import Attribute, Proxy, Register
from lineage.model.snapshot import Gap, GapKind
from lineage.queries.lookup import Models

__all__ = ["Protected", "audit_attribute", "audit_protected", "find_protected", "matching_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A protected attribute as a graph has it.

    Attributes
    ----------
    holders : tuple of Sensitive
        What holds it; sorted by reference.
    declared : tuple of Proxy
        What the register declares to indicate it, be it in the graph or not.
    proxies : tuple of Sensitive
        Where that is in the graph, each with its entry; in the order of the register.
    gaps : tuple of Gap
        What the register names and the graph lacks.
    """

    attribute: Attribute
    holders: tuple[Sensitive, ...]
    declared: tuple[Proxy, ...]
    proxies: tuple[Sensitive, ...]
    gaps: tuple[Gap, ...]


def audit_attribute(
    graph: LineageGraph,
    register: Register,
    name: str,
    *,
    models: Models | None = None,
    suggested: bool = False,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Audit:
    """Find out which models and features a protected attribute reaches, or a proxy of it.

    The verdict about an attribute is the strongest there is for anything that holds it; if
    there is none but a proxy arrives, it is `declared-proxy`. An attribute that nothing in
    the catalog holds is `unknown`, not absent.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    register : Register
        What holds the attribute, and what indicates it.
    name : str
        The attribute.
    models : Reference or str, or iterable of them, optional
        The models to audit; all of them by default.
    suggested : bool
        Whether suggested and automatic labels count.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library by default.

    Returns
    -------
    Audit
        Sorted by model and feature.

    Raises
    ------
    UnknownEntity
        The register has no such attribute, or the graph no such model.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> columns = tuple(Column(name=name, fqn=f"people.{name}") for name in ("sex", "postcode"))
    >>> source = FeatureSource(name="postcode", entity=people)
    >>> feature = Feature(name="area", fqn="churn.area", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), features=(feature,))
    >>> table = Entity(reference=people, columns=columns)
    >>> area = Proxy(
    ...     name="postcode",
    ...     attribute="sex",
    ...     reason="students live apart",
    ...     reviewer="ann",
    ...     columns=("postcode",),
    ... )
    >>> register = Register(
    ...     attributes=(Attribute(name="sex", columns=("people.sex",)),), proxies=(area,)
    ... )
    >>> answer = audit_attribute(build_graph(Snapshot(entities=(table, model))), register, "sex")
    >>> print(answer.models[0].verdict)
    declared-proxy
    """
    found = find_protected(graph, register, name, suggested=suggested)
    return audit_protected(graph, found, models=models, rules=rules)


def audit_protected(
    graph: LineageGraph,
    protected: Protected,
    *,
    models: Models | None = None,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Audit:
    """Audit an attribute that was found before; see `audit_attribute`.

    Raises
    ------
    UnknownEntity
        The graph has no such model.
    """
    sensitive = (*protected.holders, *protected.proxies)
    return audit_sensitive(graph, sensitive, models=models, gaps=protected.gaps, rules=rules)


def find_protected(
    graph: LineageGraph, register: Register, name: str, *, suggested: bool = False
) -> Protected:
    """Find what holds an attribute in a graph, and what indicates it.

    Raises
    ------
    UnknownEntity
        The register has no such attribute.
    """
    attribute, declared = register.attribute(name), register.proxies_of(name)
    holders = _holders(graph, attribute, suggested=suggested)
    proxies = (
        replace(item, proxy=proxy)
        for proxy in declared
        for item in _holders(graph, proxy, suggested=suggested)
    )
    entries: tuple[Attribute | Proxy, ...] = (attribute, *declared)
    gaps = [gap for item in entries for gap in _missing(graph, item)]
    if not holders:
        reason = f"nothing in the catalog is tagged or named as holding {name}"
        gaps.insert(0, Gap(GapKind.ATTRIBUTE_NOT_FOUND, None, reason))
    return Protected(
        attribute=attribute,
        holders=holders,
        declared=declared,
        proxies=tuple(proxies),
        gaps=tuple(gaps),
    )


def matching_names(graph: LineageGraph, patterns: tuple[str, ...], *kinds: str) -> list[Reference]:
    """List what is called so, by its fully qualified name or its bare one, in any case; sorted.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> matching_names(build_graph(Snapshot()), ("*.gender",), "column")
    []
    """
    if not patterns:
        return []
    spelled = {item.casefold() for item in patterns}
    matches = compiled("|".join(translate(item) for item in sorted(spelled))).fullmatch
    return [
        item
        for item in graph.references(*kinds)
        if any(name in spelled or matches(name) for name in _names(item))
    ]


def _holders(
    graph: LineageGraph, item: Attribute | Proxy, *, suggested: bool
) -> tuple[Sensitive, ...]:
    """Find what is tagged, and what is named with everything nested in it."""
    found = {
        part: Sensitive(part, (), named)
        for named in matching_names(graph, item.columns, Kind.COLUMN, Kind.FEATURE)
        for part in with_nested(graph, named)
    }
    tagged = find_sensitive(graph, tags=item.tags, suggested=suggested)
    found |= {one.reference: one for one in tagged}
    return tuple(found[reference] for reference in sorted(found))


def _missing(graph: LineageGraph, item: Attribute | Proxy) -> Iterator[Gap]:
    """Name the tags and columns that are not there; a pattern or a bare name claims no column."""
    if item.tags and (item.columns or isinstance(item, Proxy)):  # else nothing holds it: said so
        yield from unmatched_tags(graph, item.tags)
    for name in item.columns:
        is_claim = "." in name and not any(sign in name for sign in "*?[")
        if is_claim and not matching_names(graph, (name,), Kind.COLUMN, Kind.FEATURE):
            reason = f"the register says that {name} holds {item.name}; nothing is called so"
            yield Gap(GapKind.ATTRIBUTE_NOT_FOUND, None, reason)


def _names(reference: Reference) -> Iterator[str]:
    """Give what a reference may be called by, all of it first."""
    yield reference.fqn.casefold()
    yield reference.name.casefold()
