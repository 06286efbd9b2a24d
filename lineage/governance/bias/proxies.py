"""Whether something arrives that is declared to indicate the attribute, and how closely."""

from lineage.governance.audit.audit import Finding
from lineage.governance.bias.questions import Case, Question, Reply, Says
from lineage.model.edges import Strength
from lineage.model.register import Proxy

__all__ = ["arriving_proxies", "ask_association", "ask_proxy"]


def arriving_proxies(case: Case) -> tuple[Finding, ...]:
    """List the proxies that arrive, each once with its strongest path, by order of strength."""
    found: dict[Proxy, Finding] = {}
    for finding in case.audit.assessment(case.model).findings:
        proxy = finding.sensitive.proxy
        if proxy is not None:
            found.setdefault(proxy, finding)
    return tuple(found.values())


def ask_proxy(case: Case) -> Reply:
    """Ask whether a declared proxy arrives: along lineage, whatever it is called by then.

    An entry that has expired counts, and is said to have expired.
    """
    question = Question.PROXY
    arriving = arriving_proxies(case)
    if arriving:
        words = " ".join(_sentence(case, finding) for finding in arriving)
        certain = any(finding.strength > Strength.TABLE for finding in arriving)
        paths = tuple(finding.path for finding in arriving)
        says = Says.YES if certain else Says.POSSIBLE
        return Reply(
            question=question,
            says=says,
            words=words,
            paths=paths,
            gaps=() if certain else case.gaps,
        )
    declared = case.protected.declared
    if not declared:
        words = f"The register declares no proxy of {case.name}."
        return Reply(question=question, says=Says.NO, words=words)
    names = ", ".join(f"{proxy.name}{_expiry(case, proxy)}" for proxy in declared)
    if case.gaps:
        words = f"As far as was read, no declared proxy of {case.name} arrives ({names})."
        return Reply(question=question, says=Says.UNKNOWN, words=words, gaps=case.gaps)
    none = f"No declared proxy of {case.name} arrives ({names})"
    words = f"{none}; everything upstream was read{case.beyond}."
    return Reply(question=question, says=Says.NO, words=words)


def ask_association(case: Case) -> Reply:
    """Ask whether anybody measured how closely an arriving proxy goes with the attribute.

    The number is the register's. Lineage measures nothing.
    """
    question = Question.ASSOCIATION
    arriving = arriving_proxies(case)
    measured = [
        (finding, proxy.association)
        for finding in arriving
        if (proxy := finding.sensitive.proxy) is not None and proxy.association is not None
    ]
    if measured:
        numbers = "; ".join(
            f"{finding.sensitive.reference.fqn}: {association}" for finding, association in measured
        )
        words = f"As the register says: {numbers}. Nothing was measured here."
        paths = tuple(finding.path for finding, _ in measured)
        return Reply(question=question, says=Says.YES, words=words, paths=paths)
    what = "the proxies that arrive" if arriving else f"a proxy of {case.name} that arrives"
    words = f"The register gives no measurement for {what}. Lineage alone cannot know one."
    return Reply(question=question, says=Says.UNKNOWN, words=words)


def _sentence(case: Case, finding: Finding) -> str:
    proxy = finding.sensitive.proxy
    if proxy is None:
        return ""
    hops = finding.path.hops
    end = hops[-1].downstream.fqn if hops else finding.sensitive.reference.fqn
    shown = f", see {proxy.evidence}" if proxy.evidence else ""
    return (
        f"{finding.sensitive.reference.fqn} is declared a proxy of {case.name} "
        f"({proxy.reason}{shown}; reviewed by {proxy.reviewer}{_expiry(case, proxy)}) "
        f"and arrives by {finding.strength.label} at {end}."
    )


def _expiry(case: Case, proxy: Proxy) -> str:
    if proxy.expires is None:
        return ""
    word = "expired on" if proxy.has_expired(case.on) else "valid until"
    return f", {word} {proxy.expires.isoformat()}"
