"""A policy as a value: rules, waivers, masks."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from lineage.governance.policy.register_data import Declared
from lineage.masking.rules import MaskingRule
from lineage.model.edges import Strength
from lineage.queries.selection.expressions import Selection

__all__ = ["CoverageRule", "FlowRule", "Policy", "Requirement", "Rule", "Waiver"]


class Requirement(StrEnum):
    """What a coverage rule can ask for."""

    SOURCES = "sources"
    """Every feature resolves to columns; asked of models only."""
    DASHBOARD = "dashboard"
    """A dashboard shows how it does; asked of models only."""
    OWNER = "owner"
    TIER = "tier"
    DOMAIN = "domain"
    DESCRIPTION = "description"
    CERTIFICATION = "certification"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRule:
    """Nothing of some data may reach some targets, but for what is allowed.

    Attributes
    ----------
    name : str
        What findings and waivers call it.
    source : Selection or Declared
    target : Selection
        From what to what; `from` and `to` in a policy file.
    allow : frozenset of Strength
        Strengths that are no violation.
    masks : tuple of str or None
        The masking rules that count where `masked` is allowed; None for all.
    influences_known : bool
        Whether it has to be known of every edge on the path which columns join and filter. If not,
        `no-value-path` is as good as `no-path`.
    may_be_empty : bool
        Whether it is fine that there is no such data. Otherwise a rule whose `source` selects
        nothing says that it has checked nothing, as one without a target always does.
    line, column : int
        Where it stands in its file.
    """

    name: str
    source: Selection | Declared
    target: Selection
    description: str = ""
    allow: frozenset[Strength] = frozenset()
    masks: tuple[str, ...] | None = None
    influences_known: bool = False
    may_be_empty: bool = False
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRule:
    """Of some targets, some things have to be known.

    Attributes
    ----------
    name : str
        What findings and waivers call it.
    target : Selection
        Of what; `of` in a policy file. A part stands for its entity.
    require : tuple of Requirement
        What has to be known.
    may_be_empty : bool
        Whether it is fine that `target` selects nothing.
    line, column : int
        Where it stands in its file.
    """

    name: str
    target: Selection
    require: tuple[Requirement, ...]
    description: str = ""
    may_be_empty: bool = False
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)


Rule = FlowRule | CoverageRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Somebody lets violations of a rule pass, for a reason, until a day.

    Attributes
    ----------
    rule : str
        The name of the rule.
    target : Selection
        Only what it is waived for.
    source : Selection or None
        Only data from here; None for all.
    owner, reason : str
        Who answers for it, and why.
    expires : date
        The last day on which it counts.
    line, column : int
        Where it stands in its file.
    """

    rule: str
    target: Selection
    source: Selection | None = None
    owner: str
    reason: str
    expires: date
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)

    def has_expired(self, today: date) -> bool:
        """Whether it counts no longer."""
        return today > self.expires

    def __str__(self) -> str:
        whence = "" if self.source is None else f" from {self.source}"
        return f"waiver of {self.rule}{whence} for {self.target} by {self.owner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules with their waivers.

    Attributes
    ----------
    name, description : str
    file : str
        Where it was read; of a policy that comes with the library, its name.
    is_packaged : bool
        Whether it comes with the library.
    rules : tuple of Rule
        In the order of the file; at least one.
    waivers : tuple of Waiver
    masks : tuple of MaskingRule
        Functions that mask here, besides those of the library.
    """

    name: str
    rules: tuple[Rule, ...]
    description: str = ""
    file: str = ""
    is_packaged: bool = False
    waivers: tuple[Waiver, ...] = ()
    masks: tuple[MaskingRule, ...] = ()
