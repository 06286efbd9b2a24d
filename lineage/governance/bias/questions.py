"""The nine questions about a model and a protected attribute, and what a reply to one is."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lineage.governance.audit.audit import Audit
from lineage.governance.audit.protected_attributes import Protected, audit_protected
from lineage.governance.bias.path_search import PathSearch, is_computed
from lineage.graph.hop_masking import Masking
from lineage.graph.index.index import Index
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.answer import counted
from lineage.model.edges import Hop, Path, Strength
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.queries.traversal import Trace, upstream

__all__ = ["Case", "Question", "Reply", "Says", "open_case"]


class Question(StrEnum):
    """What is asked of a model and a protected attribute."""

    USE = "use"
    """Does a feature hold its value?"""
    INFLUENCE = "influence"
    """Does it decide which rows or groups there are?"""
    DERIVATION = "derivation"
    """Does a feature hold something computed from it?"""
    PROXY = "proxy"
    """Does something arrive that is declared to indicate it?"""
    SHARED_ANCESTOR = "shared-ancestor"
    """Do a feature and it come from one table?"""
    DROPPED_UPSTREAM = "dropped-upstream"
    """Was it there further up, and where was it last?"""
    TARGET = "target"
    """Does the target come from it, or a feature from the target?"""
    AUDIT_BRANCH = "audit-branch"
    """Can the model be tested for bias by it, and is it kept apart from training?"""
    ASSOCIATION = "association"
    """Has anybody measured how closely a proxy goes with it?"""


class Says(StrEnum):
    """What a reply comes to, before it is put into words."""

    YES = "yes"
    MASKED = "masked"
    """Only what a masking function left of it."""
    POSSIBLE = "possible"
    """The tables are connected; which columns is not known."""
    NO = "no"
    """And everything was read that could say otherwise."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to one question.

    Attributes
    ----------
    says : Says
        The answer in a word.
    words : str
        The answer in a sentence or two.
    paths : tuple of Path
        The evidence.
    gaps : tuple of Gap
        Why it is not known, or not certain.
    """

    question: Question
    says: Says
    words: str
    paths: tuple[Path, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the questions are asked of, with what several of them need to know.

    Attributes
    ----------
    protected : Protected
        The attribute, as the graph has it.
    masking : Masking
        What hides values in the graph.
    audit : Audit
        Of this model and attribute, proxies included.
    closure, entities : Trace
        All that is upstream of the model, by parts and by entities.
    held : frozenset of Reference
        Every part that holds the attribute's value as it is.
    carried : frozenset of Reference
        These, and every part that holds what was computed from it.
    on : date or None
        The day on which entries of the register are taken to have expired or not.
    """

    graph: LineageGraph
    model: Reference
    protected: Protected
    masking: Masking
    audit: Audit
    closure: Trace
    entities: Trace
    held: frozenset[Reference]
    carried: frozenset[Reference]
    on: date | None = None

    @property
    def name(self) -> str:
        """The attribute, as people call it."""
        return self.protected.attribute.name

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not read or resolved upstream of the model."""
        return self.audit.assessment(self.model).gaps

    @property
    def silent(self) -> tuple[Gap, ...]:
        """The edges by which the attribute might decide rows: they do not report that."""
        return tuple(self.audit.assessment(self.model).silent)

    @property
    def beyond(self) -> str:
        """What an answer does not say: of how many edges nobody knows what joins and filters."""
        edges = counted(len(self.silent), "edge")
        return f", but what joins and filters is not known of {edges}" if self.silent else ""

    @property
    def targets(self) -> frozenset[Reference]:
        """The model and its features."""
        return frozenset({self.model, *self.graph.parts(self.model)})

    @property
    def carriers(self) -> frozenset[Reference]:
        """The entities that hold it, or something computed from it."""
        held = (item.reference for item in self.protected.holders)
        return frozenset(self.graph.entity_of(item) for item in (*held, *self.carried))

    @property
    def index(self) -> Index:
        """The graph of parts, with the strengths that masking leaves."""
        return self.graph.part_index(self.masking.rules)

    def search(self, *, at_least: Strength) -> PathSearch:
        """Search for paths by all hops."""
        return PathSearch(self.index, at_least=at_least)

    def search_values(self, *, at_least: Strength, computed: bool) -> PathSearch:
        """Search for paths that a value may take, or those alone on which it stays as it is."""

        def keeps(hop: Hop) -> bool:
            return hop.influence is None and (computed or not is_computed(hop))

        return PathSearch(self.index, at_least=at_least, keeps=keeps)


def open_case(
    graph: LineageGraph,
    model: Reference,
    protected: Protected,
    *,
    on: date | None = None,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Case:
    """Gather what the questions about a model and an attribute need to know.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    model : Reference
        The model.
    protected : Protected
        The attribute, as `find_protected` found it in this graph.
    on : date, optional
        The day on which entries of the register are taken to have expired or not.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library by default.

    Raises
    ------
    UnknownEntity
        The graph has no such model.
    """
    index = graph.part_index(rules)
    values = PathSearch(index, at_least=Strength.VALUE)
    as_it_is = PathSearch(index, at_least=Strength.VALUE, keeps=lambda hop: not is_computed(hop))
    return Case(
        graph=graph,
        model=model,
        protected=protected,
        masking=graph.masking(rules),
        audit=audit_protected(graph, protected, models=[model], rules=rules),
        closure=upstream(graph, model, grain="part", rules=rules),
        entities=upstream(graph, model, grain="entity"),
        held=_reach(as_it_is, protected),
        carried=_reach(values, protected),
        on=on,
    )


def _reach(search: PathSearch, protected: Protected) -> frozenset[Reference]:
    found = search.reach(protected.holders)
    return frozenset(item for item in found if item.kind in {Kind.COLUMN, Kind.FEATURE})
