"""What a check found: violations, doubts, and what became of the waivers."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lineage.governance.audit.audit import Finding
from lineage.governance.policy.rules import Policy, Rule, Waiver
from lineage.model.answer import Answer, Record, counted
from lineage.model.reference import Reference

__all__ = ["Check", "Doubt", "RuleResult", "Status", "Violation", "WaiverNote"]


class Status(StrEnum):
    """What came of a rule, or of all of them; the first that holds."""

    VIOLATED = "violated"
    UNKNOWN = "unknown"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that a rule forbids, or misses.

    Attributes
    ----------
    rule : Rule
    target : Reference
        Where.
    message : str
        What, in one sentence.
    source : Reference or None
        The data, for what reaches something.
    finding : Finding or None
        The evidence, for what reaches something.
    waiver : Waiver or None
        By which it is let pass.
    """

    rule: Rule
    target: Reference
    message: str
    source: Reference | None = None
    finding: Finding | None = None
    waiver: Waiver | None = None

    @property
    def path(self) -> tuple[Reference, ...]:
        """The path of the data."""
        return () if self.finding is None else self.finding.path.references


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something a rule cannot judge.

    Attributes
    ----------
    rule : Rule
    target : Reference or None
        Where; None for the rule as a whole.
    reasons : tuple of str
        What is not known.
    """

    rule: Rule
    target: Reference | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What came of one rule.

    Attributes
    ----------
    sources : tuple of Reference
        What it selects as data; nothing for a coverage rule.
    targets : tuple of Reference
        What it was asked of.
    violations : tuple of Violation
        Waived ones included; by target, the strongest first.
    doubts : tuple of Doubt
        By target, those of the rule as a whole first.
    """

    rule: Rule
    sources: tuple[Reference, ...] = ()
    targets: tuple[Reference, ...] = ()
    violations: tuple[Violation, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def status(self) -> Status:
        """Violated if anything is that is not waived; unknown if anything is in doubt."""
        if any(violation.waiver is None for violation in self.violations):
            return Status.VIOLATED
        return Status.UNKNOWN if self.doubts else Status.CLEAN


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """What is to be said of a waiver: that it has expired, or that it waives nothing."""

    waiver: Waiver
    text: str

    def __str__(self) -> str:
        return f"{self.waiver}: {self.text}"


@dataclass(frozen=True, slots=True, repr=False)
class Check(Answer):
    """What a check of a policy found.

    Attributes
    ----------
    policy : Policy
    today : date
        The day that waivers were compared to.
    results : tuple of RuleResult
        In the order of the rules.
    notes : tuple of WaiverNote
        In the order of the waivers.
    """

    policy: Policy
    today: date
    results: tuple[RuleResult, ...]
    notes: tuple[WaiverNote, ...] = ()

    @property
    def status(self) -> Status:
        """The worst of the rules: violated, else unknown, else clean."""
        found = {result.status for result in self.results}
        return next(status for status in Status if status in found or status == Status.CLEAN)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All violations, waived ones included."""
        return tuple(item for result in self.results for item in result.violations)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Everything that could not be judged."""
        return tuple(item for result in self.results for item in result.doubts)

    def summary(self) -> str:
        """Say the status, and count."""
        waived = sum(item.waiver is not None for item in self.violations)
        counts = [
            counted(len(self.results), "rule"),
            counted(len(self.violations) - waived, "violation"),
            f"{waived:,} waived",
            f"{len(self.doubts):,} not known",
        ]
        return f"{self.policy.name}: {self.status}; {', '.join(counts)}"

    def to_records(self) -> list[Record]:
        """Give one row for each violation and each doubt, and one for each rule without any."""
        return [record for result in self.results for record in _records(result)]


def _records(result: RuleResult) -> list[Record]:
    found = [_violation_record(item) for item in result.violations]
    found += [_doubt_record(item) for item in result.doubts]
    return found or [_record(result.rule, Status.CLEAN)]


def _violation_record(item: Violation) -> Record:
    waiver, finding = item.waiver, item.finding
    return _record(
        item.rule,
        Status.VIOLATED if waiver is None else "waived",
        target=str(item.target),
        source=None if item.source is None else str(item.source),
        what=item.message,
        verdict=None if finding is None else str(finding.verdict),
        path=[reference.fqn for reference in item.path],
        masked_by=[] if finding is None else list(finding.masked_by),
        waived_by=None if waiver is None else f"{waiver.owner}, until {waiver.expires}",
        waived_because=None if waiver is None else waiver.reason,
    )


def _doubt_record(item: Doubt) -> Record:
    target = None if item.target is None else str(item.target)
    return _record(item.rule, Status.UNKNOWN, target=target, not_known=list(item.reasons))


def _record(rule: Rule, status: str, **facts: object) -> Record:
    empty: Record = {
        "target": None,
        "source": None,
        "what": None,
        "verdict": None,
        "path": [],
        "masked_by": [],
        "waived_by": None,
        "waived_because": None,
        "not_known": [],
    }
    return {"rule": rule.name, "status": str(status), **empty, **facts}
