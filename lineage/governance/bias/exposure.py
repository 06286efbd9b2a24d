"""Whether a protected attribute arrives: as it is, as something computed, by what it decides."""

from lineage.governance.bias.path_search import PathSearch, is_computed
from lineage.governance.bias.questions import Case, Question, Reply, Says
from lineage.model.edges import Hop, Path, Strength
from lineage.model.snapshot import Gap

__all__ = ["ask_derivation", "ask_influence", "ask_use"]


def ask_use(case: Case) -> Reply:
    """Ask whether a feature holds the attribute's value as it is, or what masking left of it."""
    question, holders = Question.USE, case.protected.holders
    search = case.search_values(at_least=Strength.VALUE, computed=False)
    path = search.shortest(holders, case.targets)
    if path is not None:
        words = f"The value of {case.name} arrives as it is at {_end(case, path)}."
        return Reply(question=question, says=Says.YES, words=words, paths=(path,))
    path = case.search(at_least=Strength.MASKED).shortest(
        holders, case.targets, passing=lambda strength, _hop: strength == Strength.MASKED
    )
    if path is not None:
        rules = (case.masking.rule(hop.edge, hop.column_edge) for hop in path.hops)
        by = ", ".join(dict.fromkeys(rule.name for rule in rules if rule))
        words = f"Only what masking ({by}) left of {case.name} arrives, at {_end(case, path)}."
        return Reply(question=question, says=Says.MASKED, words=words, paths=(path,))
    maybe = case.search_values(at_least=Strength.TABLE, computed=False)
    return _otherwise(case, question, f"no feature holds the value of {case.name}", maybe=maybe)


def ask_influence(case: Case) -> Reply:
    """Ask whether the attribute decides which rows, groups or values there are.

    A catalog that records no joins and filters does not say no to this: an edge by which the
    attribute might decide anything, for all it reports, is a gap.
    """
    question = Question.INFLUENCE
    path = case.search(at_least=Strength.INFLUENCE).shortest(
        case.protected.holders,
        case.targets,
        passing=lambda strength, _hop: strength == Strength.INFLUENCE,
    )
    if path is not None:
        hop = next(hop for hop in path.hops if hop.influence is not None)
        words = (
            f"{hop.upstream.fqn} decides by {hop.influence} what {hop.downstream.fqn} holds, "
            f"and that arrives at {_end(case, path)}."
        )
        return Reply(question=question, says=Says.YES, words=words, paths=(path,))
    no = f"nothing upstream is joined, filtered or grouped by {case.name}"
    maybe = case.search(at_least=Strength.TABLE)
    return _otherwise(case, question, no, maybe=maybe, gaps=case.silent)


def ask_derivation(case: Case) -> Reply:
    """Ask whether a feature holds something computed from the attribute."""
    question = Question.DERIVATION

    def passing(_strength: Strength, hop: Hop | None) -> bool:
        return hop is not None and is_computed(hop)

    search = case.search(at_least=Strength.VALUE)
    path = search.shortest(case.protected.holders, case.targets, passing=passing)
    if path is not None:
        hop = next(hop for hop in path.hops if is_computed(hop))
        words = (
            f"{hop.downstream.fqn} is computed from {hop.upstream.fqn} ({hop.function}), "
            f"and arrives at {_end(case, path)}."
        )
        return Reply(question=question, says=Says.YES, words=words, paths=(path,))
    no = f"no feature holds anything computed from {case.name}"
    maybe = case.search_values(at_least=Strength.TABLE, computed=True)
    return _otherwise(case, question, no, maybe=maybe)


def _otherwise(
    case: Case, question: Question, no: str, *, maybe: PathSearch, gaps: tuple[Gap, ...] = ()
) -> Reply:
    """Say what is left where no certain path was found: possible, unknown, or no."""
    path = maybe.shortest(
        case.protected.holders,
        case.targets,
        passing=lambda strength, _hop: strength == Strength.TABLE,
    )
    gaps = case.gaps + gaps
    if path is not None:
        words = "Tables are connected on this path whose columns are not: it may arrive."
        return Reply(question=question, says=Says.POSSIBLE, words=words, paths=(path,), gaps=gaps)
    if gaps:
        words = f"As far as was read, {no}; not everything is known."
        return Reply(question=question, says=Says.UNKNOWN, words=words, gaps=gaps)
    words = f"{no[0].upper()}{no[1:]}; everything upstream was read."
    return Reply(question=question, says=Says.NO, words=words)


def _end(case: Case, path: Path) -> str:
    """Name where a path arrives; a path without hops is the feature itself."""
    if path.hops:
        return path.hops[-1].downstream.fqn
    held = (item.reference for item in case.protected.holders)
    return next(reference.fqn for reference in held if reference in case.targets)
