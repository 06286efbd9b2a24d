"""The target of a model: whether it comes from a protected attribute, or leaks into a feature."""

from collections.abc import Iterable, Iterator

from lineage.governance.audit.audit import Finding, assess
from lineage.governance.audit.sensitivity import Sensitive, with_nested
from lineage.governance.bias.questions import Case, Question, Reply, Says
from lineage.model.edges import Strength
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind

__all__ = ["ask_target", "find_target"]


def find_target(case: Case) -> Reference | Gap:
    """Find what the model's target is: a feature, or a column of what feeds the model.

    Returns
    -------
    Reference or Gap
        The gap says why it is not known: the model names none, or no single column or
        feature is called so.
    """
    name = case.graph.model(case.model).target
    if not name:
        return Gap(GapKind.TARGET_NOT_RESOLVED, case.model, "the model names no target")
    nearest = min((item.depth for item in case.entities.reached), default=0)
    feeding = [item.reference for item in case.entities.reached if item.depth == nearest]
    unread = [item.fqn for item in feeding if case.graph.value(item) is None]
    if unread:
        reason = f"its target {name!r} may be in {', '.join(unread)}, which was not read"
        return Gap(GapKind.TARGET_NOT_RESOLVED, case.model, reason)
    parts = [part for entity in (case.model, *feeding) for part in case.graph.nested_parts(entity)]
    for fold in (str, str.casefold):
        wanted = fold(name)
        found = [item for item in parts if wanted in (fold(item.name), fold(item.fqn))]
        columns = [item for item in found if item.kind == Kind.COLUMN] or found
        if len(columns) == 1:
            return columns[0]
        if columns:
            names = ", ".join(item.fqn for item in columns)
            reason = f"its target {name!r} may be any of {names}"
            return Gap(GapKind.TARGET_NOT_RESOLVED, case.model, reason)
    reason = f"its target {name!r} is no column of what feeds it"
    return Gap(GapKind.TARGET_NOT_RESOLVED, case.model, reason)


def ask_target(case: Case) -> Reply:
    """Ask whether the target comes from the attribute, or a feature from the target."""
    question = Question.TARGET
    target = find_target(case)
    if isinstance(target, Gap):
        words = f"It is not known: {target.reason}."
        return Reply(question=question, says=Says.UNKNOWN, words=words, gaps=(target,))
    holders, gaps, rules = case.protected.holders, case.protected.gaps, case.masking.rules
    (derived,) = assess(case.graph, holders, [target], gaps=gaps, rules=rules)
    itself = tuple(Sensitive(part, (), target) for part in with_nested(case.graph, target))
    features = [item for item in sorted(case.graph.parts(case.model)) if item != target]
    leaking = assess(case.graph, itself, features, rules=rules)
    leaked = [finding for item in leaking for finding in item.findings]
    upstream = (gap for item in (derived, *leaking) for gap in item.gaps)
    gaps = tuple(dict.fromkeys((*upstream, *case.entities.gaps)))
    found = [*derived.findings, *leaked]
    if not found:
        return _nothing(case, target, gaps)
    is_certain = any(finding.strength > Strength.TABLE for finding in found)
    sentences = (*_derived(case, derived.findings), *_leaked(leaked, target))
    return Reply(
        question=question,
        says=Says.YES if is_certain else Says.POSSIBLE,
        words=" ".join(sentences),
        paths=tuple(finding.path for finding in found),
        gaps=() if is_certain else gaps,
    )


def _nothing(case: Case, target: Reference, gaps: tuple[Gap, ...]) -> Reply:
    words = f"The target {target.fqn} does not come from {case.name}, and no feature from it"
    if gaps:
        words = f"{words}, as far as was read."
        return Reply(question=Question.TARGET, says=Says.UNKNOWN, words=words, gaps=gaps)
    words = f"{words}; everything upstream was read{case.beyond}."
    return Reply(question=Question.TARGET, says=Says.NO, words=words)


def _derived(case: Case, findings: Iterable[Finding]) -> Iterator[str]:
    for item in findings:
        yield (
            f"The target {item.target.fqn} comes from {item.sensitive.reference.fqn}, "
            f"which holds {case.name} ({item.verdict})."
        )


def _leaked(findings: Iterable[Finding], target: Reference) -> Iterator[str]:
    names = ", ".join(dict.fromkeys(item.target.name for item in findings))
    if names:
        yield f"Leakage: a feature comes from the target {target.fqn} itself ({names})."
