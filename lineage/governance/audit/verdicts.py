"""Verdicts: what an audit says of one pair, and of one target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from lineage.governance.audit.sensitivity import Sensitive
from lineage.model.edges import Path, Strength
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap

__all__ = [
    "VERDICTS",
    "Assessment",
    "Finding",
    "Shown",
    "Verdict",
    "verdict_without_findings",
]


class Verdict(StrEnum):
    """The answer about one pair, strongest first."""

    REACHES = "reaches"
    REACHES_MASKED = "reaches-masked"
    REACHES_BY_INFLUENCE = "reaches-by-influence"
    REACHES_BY_TABLE = "reaches-by-table"
    DECLARED_PROXY = "declared-proxy"
    NO_VALUE_PATH = "no-value-path"
    NO_PATH = "no-path"
    UNKNOWN = "unknown"


VERDICTS = {
    Strength.VALUE: Verdict.REACHES,
    Strength.MASKED: Verdict.REACHES_MASKED,
    Strength.INFLUENCE: Verdict.REACHES_BY_INFLUENCE,
    Strength.TABLE: Verdict.REACHES_BY_TABLE,
}
"""What the strongest path amounts to."""


class Shown(NamedTuple):
    """What a finding shows: that sensitive data reaches a target, and how.

    Attributes
    ----------
    sensitive : Sensitive
        What holds the data; in an audit by tag one of what carries it.
    path : Path
        The shortest of the strongest paths. Empty where the target itself is tagged.
    masked_by : tuple of str
        The rules that hide the value on this path.
    deleted : tuple of Reference
        Soft-deleted entities on this path.
    """

    sensitive: Sensitive
    path: Path
    masked_by: tuple[str, ...] = ()
    deleted: tuple[Reference, ...] = ()


class Finding:
    """Sensitive data that reaches a feature or a model.

    Attributes
    ----------
    target : Reference
        The feature, or the model, it reaches.
    model : Reference
        The model the target is, or belongs to.
    strength : Strength
        How much the strongest path proves.
    is_proxy : bool
        Whether it is of a declared proxy, which proves nothing itself.
    """

    __slots__ = ("_about", "_shown", "is_proxy", "model", "strength", "target")

    def __init__(
        self,
        target: Reference,
        model: Reference,
        strength: Strength,
        shown: Shown | Callable[[], Shown],
        *,
        is_proxy: bool = False,
        about: Sensitive | str | None = None,
    ) -> None:
        self.target, self.model, self.strength = target, model, strength
        self.is_proxy = is_proxy
        self._about = about
        self._shown: Shown | Callable[[], Shown] | None = shown

    @property
    def shown(self) -> Shown:
        """What it shows; found when it is first asked for."""
        if not isinstance(self._shown, Shown):
            self._shown = self._find()
        return self._shown

    def _find(self) -> Shown:
        assert callable(self._shown)  # noqa: S101  # a subclass that has none finds by itself
        return self._shown()

    @property
    def tag(self) -> str | None:
        """The tag this is about, in an audit by tag: then `sensitive` is one of what carries it."""
        return self._about if isinstance(self._about, str) else None

    @property
    def sensitive(self) -> Sensitive:
        """What holds the data; in an audit by tag the path has to be found for it."""
        return self._about if isinstance(self._about, Sensitive) else self.shown.sensitive

    @property
    def path(self) -> Path:
        """The shortest of the strongest paths. Empty where the target itself is tagged."""
        return self.shown.path

    @property
    def masked_by(self) -> tuple[str, ...]:
        """The rules that hide the value on this path."""
        return self.shown.masked_by

    @property
    def deleted(self) -> tuple[Reference, ...]:
        """Soft-deleted entities on this path."""
        return self.shown.deleted

    @property
    def verdict(self) -> Verdict:
        """What it amounts to: by its strength, or a proxy's, which proves nothing itself."""
        return Verdict.DECLARED_PROXY if self.is_proxy else VERDICTS[self.strength]

    def _facts(self) -> tuple[object, ...]:
        return self.target, self.model, self.strength, self.tag, self.is_proxy, self.shown

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((self.target, self.strength, self.tag))

    def __repr__(self) -> str:
        return f"<Finding: {self.sensitive.reference} {self.verdict} {self.target}>"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the audit says of one feature or model.

    Attributes
    ----------
    verdict : Verdict
        The strongest there is.
    findings : sequence of Finding
        Strongest first, then by what is sensitive.
    gaps : tuple of Gap
        What was not read or resolved upstream of the target.
    silent : sequence of Gap
        The edges by which something sensitive upstream might decide rows, for all they report: they
        say nothing of joins and filters.
    behind : sequence of Sensitive
        Of a model: what is sensitive in the entities upstream of it, and stays behind there.
    """

    target: Reference
    model: Reference
    verdict: Verdict
    findings: Sequence[Finding] = ()
    gaps: tuple[Gap, ...] = ()
    silent: Sequence[Gap] = ()
    behind: Sequence[Sensitive] = ()


def verdict_without_findings(gaps: Sequence[Gap], silent: Sequence[Gap]) -> Verdict:
    """Conclude what may be said where nothing was found."""
    if gaps:
        return Verdict.UNKNOWN
    return Verdict.NO_VALUE_PATH if silent else Verdict.NO_PATH
