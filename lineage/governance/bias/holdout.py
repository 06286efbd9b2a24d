"""Whether a model can be tested for bias by an attribute that is kept apart from training."""

from lineage.governance.audit.audit import Verdict
from lineage.governance.audit.protected_attributes import matching_names
from lineage.governance.bias.questions import Case, Question, Reply, Says
from lineage.model.reference import PART_KINDS, Reference
from lineage.model.snapshot import GapKind

__all__ = ["ask_audit_branch", "testing_entities"]

_ARRIVES = frozenset(Verdict) - {Verdict.DECLARED_PROXY, Verdict.NO_PATH, Verdict.UNKNOWN}
_OF_MODELS = frozenset({GapKind.NO_SOURCES, GapKind.SOURCE_NOT_RESOLVED})
"""What is not known of a model's features hides no place for testing."""


def testing_entities(case: Case) -> tuple[Reference, ...]:
    """List the entities that hold the attribute where the register allows it for testing."""
    patterns = case.protected.attribute.testing
    named = matching_names(case.graph, patterns)
    return tuple(item for item in named if item.kind not in PART_KINDS and item in case.carriers)


def ask_audit_branch(case: Case) -> Reply:
    """Ask whether the attribute is at hand for testing and has no path to a feature.

    Where it may be held for testing, the register says.
    """
    question = Question.AUDIT_BRANCH
    places = testing_entities(case)
    assessment = case.audit.assessment(case.model)
    where = ", ".join(item.fqn for item in places)
    if not places:
        return _nowhere(case)
    arrives = [item for item in assessment.findings if item.verdict in _ARRIVES]
    if arrives:
        words = (
            f"{case.name} is held for testing in {where}, and is not kept apart from training "
            f"({arrives[0].verdict})."
        )
        paths = tuple(item.path for item in arrives)
        return Reply(question=question, says=Says.NO, words=words, paths=paths)
    if assessment.gaps:
        words = f"{case.name} is held for testing in {where}; as far as was read, it is kept apart."
        return Reply(question=question, says=Says.UNKNOWN, words=words, gaps=assessment.gaps)
    words = (
        f"{case.name} is held for testing in {where}, and no path leads to a feature{case.beyond}."
    )
    return Reply(question=question, says=Says.YES, words=words)


def _nowhere(case: Case) -> Reply:
    """Say that the attribute is not at hand for testing, or that nobody says where it is."""
    question = Question.AUDIT_BRANCH
    held = ", ".join(item.fqn for item in sorted(case.carriers)) or "nothing that was read"
    if not case.protected.attribute.testing:
        words = f"The register names no place for testing. {case.name} is held by {held}."
        return Reply(question=question, says=Says.UNKNOWN, words=words)
    words = f"Nothing that the register names for testing holds {case.name}; it is held by {held}."
    hiding = (gap for gap in case.graph.gaps if gap.hides_downstream and gap.kind not in _OF_MODELS)
    gaps = tuple(dict.fromkeys((*hiding, *case.protected.gaps)))
    return Reply(question=question, says=Says.UNKNOWN if gaps else Says.NO, words=words, gaps=gaps)
