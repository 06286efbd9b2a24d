"""An audit as text: what was found, with its evidence, and what a "no" rests on."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from textwrap import wrap

from lineage.governance.audit.audit import Assessment, Audit, Finding, Verdict
from lineage.governance.audit.proof import AuditProof, ModelProof
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.answer import counted
from lineage.model.reference import Kind
from lineage.model.snapshot import Gap
from lineage.views.paths_text import path_lines
from lineage.views.terminal import printable

__all__ = ["MEANINGS", "audit_lines", "proof_lines"]

_WIDTH = 100
_SHOWN = 10
"""So many of what may be very many: further findings, and edges that are not understood."""

MEANINGS = {
    Verdict.REACHES: "the value itself arrives",
    Verdict.REACHES_MASKED: "only what a masking function left of it arrives",
    Verdict.REACHES_BY_INFLUENCE: "it decides which rows or groups there are",
    Verdict.REACHES_BY_TABLE: "possible: the tables are connected, the columns are not known",
    Verdict.DECLARED_PROXY: "what is declared to indicate it arrives, not it itself",
    Verdict.NO_VALUE_PATH: "no value arrives; what joins and filters is not known of every edge",
    Verdict.NO_PATH: "nothing sensitive arrives, and everything upstream was read",
    Verdict.UNKNOWN: "nothing was found, but not everything upstream was read",
}
"""What each verdict means, in words."""


def audit_lines(audit: Audit, *, paths: bool = False) -> Iterator[str]:
    r"""Write what an audit found, line by line: a block a model, its strongest evidence drawn out.

    Parameters
    ----------
    audit : Audit
    paths : bool
        Write every finding with its path, those of features too.

    Examples
    --------
    >>> print(*audit_lines(Audit()), sep="\n")
    0 models, 0 sensitive columns: nothing to audit
    """
    yield printable(audit.summary())
    rules: set[str] = set()
    for _, items in groupby(audit.assessments, key=lambda item: item.model):
        yield ""
        for item in items:
            if item.target.kind == Kind.MLMODEL:
                yield from _model_lines(item, rules, paths=paths)
            else:
                yield from _feature_lines(item, rules, paths=paths)
    for gap in audit.notes:
        yield f"note: {printable(str(gap))}"
    if rules:
        yield ""
        for rule in RULES:
            yield from _rule_lines(rule) if rule.name in rules else ()


def _model_lines(item: Assessment, rules: set[str], *, paths: bool) -> Iterator[str]:
    yield f"{printable(item.target.fqn)}: {item.verdict} ({MEANINGS[item.verdict]})"
    yield from _findings(item, rules, paths=paths)
    if item.behind:
        names = (one.reference.fqn for one in item.behind)
        what = counted(len(item.behind), "sensitive column")
        yield from _some(f"upstream, and stays behind: {what}", names, len(item.behind))
    if item.silent:
        what = counted(len(item.silent), "edge")
        does = "does" if len(item.silent) == 1 else "do"
        line = f"{what} upstream {does} not report what joins and filters"
        yield from _some(line, map(_ends, item.silent), len(item.silent))
    for gap in item.gaps:
        yield f"  not known: {printable(str(gap))}"


def _feature_lines(item: Assessment, rules: set[str], *, paths: bool) -> Iterator[str]:
    yield f"  feature {printable(item.target.name)}: {item.verdict}"
    if paths:
        yield from (f"  {line}" for line in _findings(item, rules, paths=True))


def _findings(item: Assessment, rules: set[str], *, paths: bool) -> Iterator[str]:
    shown = item.findings if paths else islice(item.findings, 1 + _SHOWN)
    for number, finding in enumerate(shown):
        rules.update(finding.masked_by)
        yield f"  {'also ' if number else ''}{_claim(finding)}"
        if paths or not number:
            yield from (f"  {line}" for line in path_lines(finding.path))
    left_out = len(item.findings) - 1 - _SHOWN
    if left_out > 0 and not paths:
        yield f"  … and {left_out:,} more: all with --paths"


def _claim(finding: Finding) -> str:
    tags = "".join(f" #{printable(tag)}" for tag in finding.sensitive.tags)
    notes = [f"masked by {rule}" for rule in finding.masked_by]
    proxy = finding.sensitive.proxy
    if proxy is not None:
        notes.append(f"for {printable(proxy.attribute)}: {printable(proxy.reason)}")
    notes += [f"through deleted {printable(item.fqn)}" for item in finding.deleted]
    more = f" ({', '.join(notes)})" if notes else ""
    return f"{printable(finding.sensitive.reference.fqn)}{tags} {finding.verdict}{more}"


def _ends(gap: Gap) -> str:
    assert gap.subject is not None  # noqa: S101  # it is where the edge leads
    return f"{gap.subject.fqn}: {gap.reason}"


def _some(title: str, names: Iterable[str], number: int) -> Iterator[str]:
    yield f"  {title}"
    yield from (f"    {printable(name)}" for name in islice(names, _SHOWN))
    if number > _SHOWN:
        yield f"    … and {number - _SHOWN:,} more: all with --proof"


def _rule_lines(rule: MaskingRule) -> Sequence[str]:
    text = f"masked by {rule.name}: {rule.explanation}"
    return wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def proof_lines(proof: AuditProof) -> Iterator[str]:
    r"""Write what the verdicts of an audit rest on, line by line; nothing is left out.

    Examples
    --------
    >>> proof = AuditProof("", "", "", ("PII.*",), (), entities=0, edges=0, models=(), gaps=())
    >>> print(*proof_lines(proof), sep="\n")
    0 models; 0 entities, 0 edges, 0 gaps
    read: nobody knows where, nobody knows when
    looked for: PII.*
    found: none of these
    """
    version = f" (OpenMetadata {proof.server_version})" if proof.server_version else ""
    found = ", ".join(f"{tag} on {number:,}" for tag, number in proof.found)
    yield printable(proof.summary())
    where, when = proof.server or "nobody knows where", proof.read_at or "nobody knows when"
    yield printable(f"read: {where}{version}, {when}")
    yield printable(f"looked for: {', '.join(proof.looked_for)}")
    yield printable(f"found: {found or 'none of these'}")
    for item in proof.models:
        yield ""
        yield from _proof_of(item)


def _proof_of(item: ModelProof) -> Iterator[str]:
    judged = item.assessment
    yield f"{printable(judged.target.fqn)}: {judged.verdict} ({MEANINGS[judged.verdict]})"
    entities = counted(len(item.upstream), "entity", "entities")
    lists = (
        (f"upstream: {entities}, {counted(item.edges, 'edge')}", map(str, item.upstream)),
        ("reaches it", map(_claim, judged.findings)),
        ("sensitive, and stays behind", (str(one.reference) for one in judged.behind)),
        ("does not report what joins and filters", map(_ends, judged.silent)),
        ("not read or not understood", map(str, judged.gaps)),
    )
    for title, lines in lists:
        listed = [f"    {printable(line)}" for line in lines]
        yield from (f"  {title}", *(listed or ["    nothing"]))
