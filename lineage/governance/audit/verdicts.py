"""Verdicts: what an audit says of one pair, of one target, and of everything it looked at."""

from dataclasses import dataclass, field
from enum import StrEnum

from lineage.governance.audit.sensitivity import Sensitive
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Path, Strength
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.queries.paths import hop_record

__all__ = ["VERDICTS", "Assessment", "Audit", "Finding", "Verdict"]


class Verdict(StrEnum):
    """The answer about one pair, strongest first."""

    REACHES = "reaches"
    REACHES_MASKED = "reaches-masked"
    REACHES_BY_INFLUENCE = "reaches-by-influence"
    REACHES_BY_TABLE = "reaches-by-table"
    DECLARED_PROXY = "declared-proxy"
    NO_PATH = "no-path"
    UNKNOWN = "unknown"


VERDICTS = {
    Strength.VALUE: Verdict.REACHES,
    Strength.MASKED: Verdict.REACHES_MASKED,
    Strength.INFLUENCE: Verdict.REACHES_BY_INFLUENCE,
    Strength.TABLE: Verdict.REACHES_BY_TABLE,
}
"""What the strongest way amounts to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Sensitive data that reaches a feature or a model.

    Attributes
    ----------
    sensitive : Sensitive
        What holds the data.
    target : Reference
        The feature, or the model, it reaches.
    model : Reference
        The model the target is, or belongs to.
    strength : Strength
        How much the strongest way proves.
    path : Path
        The shortest of the strongest ways. Empty where the target itself is tagged.
    masked_by : tuple of str
        The rules that hide the value on this way.
    deleted : tuple of Reference
        Soft-deleted entities on this way.
    tag : str or None
        The tag this is about, in an audit by tag: then `sensitive` is one of what carries it.
    """

    sensitive: Sensitive
    target: Reference
    model: Reference
    strength: Strength
    path: Path
    masked_by: tuple[str, ...] = ()
    deleted: tuple[Reference, ...] = ()
    tag: str | None = None

    @property
    def verdict(self) -> Verdict:
        """What it amounts to: by its strength, or a proxy's, which proves nothing itself."""
        is_proxy = self.sensitive.proxy is not None
        return Verdict.DECLARED_PROXY if is_proxy else VERDICTS[self.strength]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the audit says of one feature or model.

    Attributes
    ----------
    verdict : Verdict
        The strongest there is.
    findings : tuple of Finding
        Strongest first, then by what is sensitive.
    gaps : tuple of Gap
        What was not read or resolved upstream of the target.
    """

    target: Reference
    model: Reference
    verdict: Verdict
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Audit(Answer):
    """The audit of some models.

    Attributes
    ----------
    sensitive : tuple of Sensitive
        What was looked for.
    models, features : tuple of Assessment
        Sorted by target.
    by_tag : bool
        Whether there is a finding for each tag, not for each sensitive reference.
    """

    sensitive: tuple[Sensitive, ...]
    models: tuple[Assessment, ...]
    features: tuple[Assessment, ...]
    by_tag: bool = False
    _by_target: dict[Reference, Assessment] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        by_target = {item.target: item for item in (*self.models, *self.features)}
        object.__setattr__(self, "_by_target", by_target)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, those of a model before those of its features."""
        return tuple(finding for item in self._in_order() for finding in item.findings)

    def assessment(self, target: Reference) -> Assessment:
        """Give all that is said of one feature or model.

        Raises
        ------
        KeyError
            The target was not audited.
        """
        return self._by_target[target]

    def verdict(self, sensitive: Reference | str, target: Reference) -> Verdict:
        """Answer for one pair: of a sensitive reference, or in an audit by tag of a tag.

        Raises
        ------
        KeyError
            The target was not audited.
        ValueError
            The audit is by tag, and a reference is asked for, or the other way round.
        """
        if isinstance(sensitive, Reference) == self.by_tag:
            message = f"the audit is by {'tag' if self.by_tag else 'reference'}, not so {sensitive}"
            raise ValueError(message)
        assessment = self._by_target[target]
        for finding in assessment.findings:
            if sensitive in {finding.sensitive.reference, finding.tag}:
                return finding.verdict
        return Verdict.UNKNOWN if assessment.gaps else Verdict.NO_PATH

    def summary(self) -> str:
        """Count the models by verdict."""
        verdicts = [item.verdict for item in self.models]
        by_verdict = [
            f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict if verdict in verdicts
        ]
        all_columns = all(item.reference.kind == Kind.COLUMN for item in self.sensitive)
        what = "sensitive column" if all_columns else "sensitive reference"
        many = f"{counted(len(self.models), 'model')}, {counted(len(self.sensitive), what)}"
        return f"{many}: {', '.join(by_verdict) or 'nothing to audit'}"

    def to_records(self) -> list[Record]:
        """Give one row for each finding, and one for each target without any."""
        return [
            record
            for item in self._in_order()
            for record in (map(_finding_record, item.findings) if item.findings else [_bare(item)])
        ]

    def _in_order(self) -> list[Assessment]:
        return sorted(
            (*self.models, *self.features),
            key=lambda item: (item.model, item.target != item.model, item.target),
        )


def _finding_record(finding: Finding) -> Record:
    return {
        "model": finding.model.fqn,
        "target": str(finding.target),
        "verdict": str(finding.verdict),
        "sensitive": finding.sensitive.reference.fqn,
        "tags": list(finding.sensitive.tags),
        "proxy": None if finding.sensitive.proxy is None else finding.sensitive.proxy.name,
        "hops": len(finding.path),
        "path": [reference.fqn for reference in finding.path.references],
        "masked_by": list(finding.masked_by),
        "deleted": [entity.fqn for entity in finding.deleted],
        "evidence": [hop_record(hop) for hop in finding.path.hops],
        "gaps": [],
    }


def _bare(item: Assessment) -> Record:
    return {
        "model": item.model.fqn,
        "target": str(item.target),
        "verdict": str(item.verdict),
        "sensitive": None,
        "tags": [],
        "proxy": None,
        "hops": None,
        "path": [],
        "masked_by": [],
        "deleted": [],
        "evidence": [],
        "gaps": [str(gap) for gap in item.gaps],
    }
