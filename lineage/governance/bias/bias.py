"""Bias: the nine questions about one model and one protected attribute.

"Is this model based on gender?" has several answers, and one yes or no misleads.
"""

from dataclasses import dataclass
from datetime import date

from lineage.governance.audit.audit import Verdict
from lineage.governance.audit.protected_attributes import Protected
from lineage.governance.bias.exposure import ask_derivation, ask_influence, ask_use
from lineage.governance.bias.holdout import ask_audit_branch
from lineage.governance.bias.leakage import ask_target
from lineage.governance.bias.proxies import ask_association, ask_proxy
from lineage.governance.bias.questions import Question, Reply, open_case
from lineage.governance.bias.shared_ancestry import ask_dropped_upstream, ask_shared_ancestor
from lineage.graph.lineage_graph import LineageGraph
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.answer import Answer, Record
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.lookup import find_model
from lineage.queries.paths import hop_record

__all__ = ["Bias", "bias"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Bias(Answer):
    """What is known of a model and a protected attribute.

    Attributes
    ----------
    attribute : str
        As people call it.
    verdict : Verdict
        The strongest there is for anything that holds the attribute or indicates it.
    replies : tuple of Reply
        One to each question, in their order.
    gaps : tuple of Gap
        What was not read or resolved upstream of the model, or not found of the attribute.
    """

    model: Reference
    attribute: str
    verdict: Verdict
    replies: tuple[Reply, ...]
    gaps: tuple[Gap, ...]

    def reply(self, question: Question) -> Reply:
        """Give the reply to one question."""
        return next(item for item in self.replies if item.question == question)

    def summary(self) -> str:
        """Say the verdict in one line."""
        return f"{self.model.fqn} and {self.attribute}: {self.verdict}"

    def to_records(self) -> list[Record]:
        """Give one row for each question."""
        return [
            {
                "model": self.model.fqn,
                "attribute": self.attribute,
                "question": str(item.question),
                "answer": str(item.says),
                "words": item.words,
                "paths": [str(path) for path in item.paths],
                "evidence": [hop_record(hop) for path in item.paths for hop in path.hops],
                "gaps": [str(gap) for gap in item.gaps],
            }
            for item in self.replies
        ]


def bias(
    graph: LineageGraph,
    model: Reference | str,
    protected: Protected,
    *,
    on: date | None = None,
    rules: tuple[MaskingRule, ...] = RULES,
) -> Bias:
    """Ask the nine questions about a model and a protected attribute.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    model : Reference or str
        The model, or its name.
    protected : Protected
        The attribute and its proxies, as `find_protected` found them in this graph.
    on : date, optional
        The day on which entries of the register are taken to have expired or not.
    rules : tuple of MaskingRule
        The rules by which functions hide values; those of the library by default.

    Returns
    -------
    Bias
        With the replies in the order of the questions.

    Raises
    ------
    UnknownEntity
        The graph has no such model.

    Examples
    --------
    >>> from lineage.governance.audit.protected_attributes import find_protected
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel
    >>> from lineage.model.register import Attribute, Register
    >>> from lineage.model.snapshot import Snapshot
    >>> people = Reference("table", "people")
    >>> source = FeatureSource(name="sex", entity=people)
    >>> feature = Feature(name="sex", fqn="churn.sex", sources=(source,))
    >>> model = MlModel(reference=Reference("mlmodel", "churn"), features=(feature,))
    >>> table = Entity(reference=people, columns=(Column(name="sex", fqn="people.sex"),))
    >>> register = Register(attributes=(Attribute(name="gender", columns=("people.sex",)),))
    >>> graph = build_graph(Snapshot(entities=(table, model)))
    >>> answer = bias(graph, model.reference, find_protected(graph, register, "gender"))
    >>> answer
    <Bias: churn and gender: reaches>
    >>> answer.reply(Question.USE).words
    'The value of gender arrives as it is at churn.sex.'
    """
    asked = find_model(graph, model)
    case = open_case(graph, asked, protected, on=on, rules=rules)
    assessment = case.audit.assessment(asked)
    return Bias(
        model=asked,
        attribute=case.name,
        verdict=assessment.verdict,
        replies=(
            ask_use(case),
            ask_influence(case),
            ask_derivation(case),
            ask_proxy(case),
            ask_shared_ancestor(case),
            ask_dropped_upstream(case),
            ask_target(case),
            ask_audit_branch(case),
            ask_association(case),
        ),
        gaps=assessment.gaps,
    )
