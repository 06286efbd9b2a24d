"""The inventory: a line for each model of an audit, with its verdict and what is worst."""

from dataclasses import dataclass

from lineage.governance.audit.audit_answer import Audit
from lineage.governance.audit.verdicts import Assessment, Verdict
from lineage.model.answer import Answer, Record
from lineage.model.reference import Reference

__all__ = ["Inventory", "InventoryLine", "take_inventory"]


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """What an audit says of one model, in a line.

    Attributes
    ----------
    model : Reference
    verdict : Verdict
    worst : Reference or None
        What reaches it strongest, of several the first.
    findings, behind : int
        How many things that are sensitive reach it, and how many are in the entities upstream and
        stay behind.
    silent, gaps : int
        How many edges upstream do not report influences, and how much was not read or resolved.
    """

    model: Reference
    verdict: Verdict
    worst: Reference | None
    findings: int
    behind: int
    silent: int
    gaps: int


@dataclass(frozen=True, slots=True, repr=False)
class Inventory(Answer):
    """A line for each model, sorted by verdict, the strongest first, then by model.

    Attributes
    ----------
    lines : tuple of InventoryLine
    title : str
        The summary of the audit.
    """

    lines: tuple[InventoryLine, ...]
    title: str

    def summary(self) -> str:
        """Say what the audit says."""
        return self.title

    def to_records(self) -> list[Record]:
        """Give one row for each model."""
        return [
            {
                "model": line.model.fqn,
                "verdict": str(line.verdict),
                "worst": None if line.worst is None else line.worst.fqn,
                "findings": line.findings,
                "behind": line.behind,
                "silent": line.silent,
                "gaps": line.gaps,
            }
            for line in self.lines
        ]


def take_inventory(audit: Audit) -> Inventory:
    """List the models of an audit, a line each.

    Parameters
    ----------
    audit : Audit

    Returns
    -------
    Inventory
        Sorted by verdict, the strongest first, then by model.

    Examples
    --------
    >>> take_inventory(Audit())
    <Inventory: 0 models, 0 sensitive columns: nothing to audit>
    """
    order = {verdict: number for number, verdict in enumerate(Verdict)}
    lines = sorted(map(_line, audit.models), key=lambda line: (order[line.verdict], line.model))
    return Inventory(tuple(lines), audit.summary())


def _line(item: Assessment) -> InventoryLine:
    return InventoryLine(
        model=item.target,
        verdict=item.verdict,
        worst=item.findings[0].sensitive.reference if item.findings else None,
        findings=len(item.findings),
        behind=len(item.behind),
        silent=len(item.silent),
        gaps=len(item.gaps),
    )
