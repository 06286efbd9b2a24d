"""The answer of an audit: what is said of every target, and its rows."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cached_property

from lineage import fqn as names
from lineage.garbage_collection import rare_collection
from lineage.governance.audit.assessments import Assessed, Assessments, Findings
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.audit.verdicts import (
    Assessment,
    Finding,
    Shown,
    Verdict,
    verdict_without_findings,
)
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Hop
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.queries.paths import hop_record

__all__ = ["Audit"]


class Audit(Answer):
    """The audit of some models.

    How many there are of each verdict is known at once; a finding, its path and the facts on it are
    made when somebody looks at it.

    Attributes
    ----------
    sensitive : tuple of Sensitive
        What was looked for.
    assessments : sequence of Assessment
        Sorted by model; of each model first itself, then its features.
    by_tag : bool
        Whether there is a finding for each tag, not for each sensitive reference.
    notes : tuple of Gap
        What was seen and hides nothing, because it is counted already.
    """

    def __init__(
        self,
        *,
        sensitive: tuple[Sensitive, ...] = (),
        assessments: "Assessments | None" = None,
        by_tag: bool = False,
        notes: tuple[Gap, ...] = (),
    ) -> None:
        self.sensitive = sensitive
        self.assessments = Assessments(Assessed(())) if assessments is None else assessments
        self.by_tag, self.notes = by_tag, notes

    @property
    def models(self) -> "Assessments":
        """What is said of each model."""
        return self.assessments.choose(lambda target: target.kind == Kind.MLMODEL)

    @property
    def features(self) -> "Assessments":
        """What is said of each feature."""
        return self.assessments.choose(lambda target: target.kind != Kind.MLMODEL)

    @cached_property
    def _places(self) -> dict[Reference, int]:
        return {target: place for place, target in enumerate(self.assessments.targets)}

    @property
    def findings(self) -> "Findings":
        """Every finding, those of a model before those of its features."""
        return Findings(self.assessments)

    def assessment(self, target: Reference) -> Assessment:
        """Return all that is said of one feature or model.

        Raises
        ------
        KeyError
            The target was not audited.
        """
        return self.assessments[self._places[target]]

    def verdict(self, sensitive: Reference | str, target: Reference) -> Verdict:
        """Answer for one pair: of a sensitive reference, or in an audit by tag of a tag.

        What a column contains it holds: the answer about it is the strongest there is about any
        column nested in it.

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
        assessment = self.assessment(target)
        for finding in assessment.findings:
            if _is_about(finding, sensitive):
                return finding.verdict
        return verdict_without_findings(assessment.gaps, assessment.silent)

    def summary(self) -> str:
        """Count the models by verdict."""
        models = self.models
        verdicts = models.verdicts
        by_verdict = [
            f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict if verdict in verdicts
        ]
        all_columns = all(item.reference.kind == Kind.COLUMN for item in self.sensitive)
        what = "sensitive column" if all_columns else "sensitive reference"
        many = f"{counted(len(models), 'model')}, {counted(len(self.sensitive), what)}"
        return f"{many}: {', '.join(by_verdict) or 'nothing to audit'}"

    def to_records(self, *, paths: bool = True) -> list[Record]:
        """Give one row for each finding, and one for each target without any.

        Parameters
        ----------
        paths : bool
            Whether with its path and the facts on it, which takes several times as long.
        """
        with rare_collection():  # every row stays
            return list(self._rows(paths=paths))

    def __len__(self) -> int:
        return sum(max(1, count) for count in self.assessments.counts)

    def __iter__(self) -> Iterator[Record]:
        """Give the rows one by one."""
        return self._rows(paths=True)

    def _rows(self, *, paths: bool) -> Iterator[Record]:
        hops = _HopRecords()
        for item in self.assessments:
            for finding in item.findings:
                yield _finding_record(finding, hops if paths else None)
            if not item.findings:
                yield _bare(item, path=paths)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Audit) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((self.sensitive, self.by_tag))

    def _facts(self) -> tuple[object, ...]:
        return self.sensitive, tuple(self.assessments), self.by_tag, self.notes


def _is_about(finding: Finding, asked: Reference | str) -> bool:
    if not isinstance(asked, Reference):
        return finding.tag == asked
    held = finding.sensitive.reference
    is_inside = held.is_part and asked.is_part and names.is_within(held.fqn, asked.fqn)
    return held == asked or is_inside


class _HopRecords:
    """The records of hops, each spelled once: thousands of findings share a hop."""

    def __init__(self) -> None:
        # By identity, since a hop with its edge takes long to compare; each is kept, so that
        # no other can come to have the same.
        self._made: dict[int, tuple[Hop, Record]] = {}

    def of(self, hop: Hop) -> Record:
        """Return a record of a hop; nobody else has it."""
        made = self._made.get(id(hop))
        if made is None:
            made = self._made[id(hop)] = hop, hop_record(hop)
        return made[1].copy()


def _finding_record(finding: Finding, hops: _HopRecords | None) -> Record:
    sensitive = finding.sensitive
    return {
        "model": finding.model.fqn,
        "target": str(finding.target),
        "verdict": str(finding.verdict),
        "sensitive": sensitive.reference.fqn,
        "tags": list(sensitive.tags),
        "proxy": None if sensitive.proxy is None else sensitive.proxy.name,
        **(_path_record(finding.shown, hops) if hops else {}),
        "gaps": [],
        "silent": [],
    }


def _path_record(shown: Shown, hops: _HopRecords) -> Record:
    return {
        "hops": len(shown.path),
        "path": [reference.fqn for reference in shown.path.references],
        "masked_by": list(shown.masked_by),
        "deleted": [entity.fqn for entity in shown.deleted],
        "evidence": [hops.of(hop) for hop in shown.path.hops],
    }


_NO_PATH: Record = {"hops": None, "path": [], "masked_by": [], "deleted": [], "evidence": []}


def _bare(item: Assessment, *, path: bool) -> Record:
    return {
        "model": item.model.fqn,
        "target": str(item.target),
        "verdict": str(item.verdict),
        "sensitive": None,
        "tags": [],
        "proxy": None,
        **(deepcopy(_NO_PATH) if path else {}),
        "gaps": [str(gap) for gap in item.gaps],
        "silent": [str(gap) for gap in item.silent],
    }
