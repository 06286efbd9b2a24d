"""Verdicts: what an audit says of one pair, of one target, and of everything it looked at."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, islice
from typing import NamedTuple, Protocol, TypeVar, overload

from lineage import fqn as names
from lineage.garbage_collection import rare_collection
from lineage.governance.audit.sensitivity import Sensitive
from lineage.model.answer import Answer, Record, counted
from lineage.model.edges import Hop, Path, Strength
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.queries.paths import hop_record

__all__ = [
    "VERDICTS",
    "Assessed",
    "Assessment",
    "Assessments",
    "Audit",
    "Finding",
    "Findings",
    "Judged",
    "Lazy",
    "Shown",
    "Verdict",
    "verdict_without_findings",
]

_Item = TypeVar("_Item", covariant=True)  # noqa: PLC0105  # it is an item, whatever it is of


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


class Lazy(Sequence[_Item]):
    """A sequence whose items are made when somebody looks at one.

    Parameters
    ----------
    make : callable
        Makes them.
    count : callable, optional
        Counts them, where that takes less than to make them.
    some : bool
        Whether there are any for sure, so that nothing has to be counted to know that.

    Examples
    --------
    >>> squares = Lazy(lambda: (0, 1, 4), count=lambda: 3)
    >>> len(squares), squares[1], squares == (0, 1, 4)
    (3, 1, True)
    """

    __slots__ = ("_count", "_items", "_make", "_some")

    def __init__(
        self,
        make: Callable[[], tuple[_Item, ...]],
        *,
        count: Callable[[], int] | None = None,
        some: bool = False,
    ) -> None:
        self._make, self._count, self._some = make, count, some
        self._items: tuple[_Item, ...] | None = None

    def _made(self) -> tuple[_Item, ...]:
        if self._items is None:
            self._items = self._make()
        return self._items

    def __len__(self) -> int:
        if self._items is None and self._count is not None:
            return self._count()
        return len(self._made())

    def __bool__(self) -> bool:
        return self._some or len(self) > 0

    @overload
    def __getitem__(self, place: int) -> _Item: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[_Item, ...]: ...
    def __getitem__(self, place: int | slice) -> _Item | tuple[_Item, ...]:
        return self._made()[place]

    def __iter__(self) -> Iterator[_Item]:
        return iter(self._made())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazy | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self._made())

    def __repr__(self) -> str:
        return repr(self._made())


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


class Judged(Protocol):
    """Targets that were assessed, each known by its place."""

    @property
    def targets(self) -> Sequence[Reference]:
        """What is judged."""

    def verdicts(self) -> Sequence[Verdict]:
        """Return the verdict of each."""

    def counts(self) -> Sequence[int]:
        """Count the findings of each."""

    def assessment(self, place: int) -> Assessment:
        """Return all that is said of one."""


class Assessed:
    """Targets whose assessments are all there."""

    def __init__(self, assessments: Sequence[Assessment]) -> None:
        self._assessments = assessments
        self.targets = [item.target for item in assessments]

    def verdicts(self) -> list[Verdict]:
        """Return the verdict of each."""
        return [item.verdict for item in self._assessments]

    def counts(self) -> list[int]:
        """Count the findings of each."""
        return [len(item.findings) for item in self._assessments]

    def assessment(self, place: int) -> Assessment:
        """Return all that is said of one."""
        return self._assessments[place]


class Assessments(Sequence[Assessment]):
    """Assessments of some targets; each is made when it is looked at.

    Parameters
    ----------
    judged : Judged
    places : sequence of int, optional
        Which of its targets; all unless given.
    """

    def __init__(self, judged: Judged, places: Sequence[int] | None = None) -> None:
        self._judged = judged
        self._places = range(len(judged.targets)) if places is None else places

    @property
    def targets(self) -> list[Reference]:
        """What is assessed."""
        return [self._judged.targets[place] for place in self._places]

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdict about each."""
        verdicts = self._judged.verdicts()
        return [verdicts[place] for place in self._places]

    @property
    def counts(self) -> list[int]:
        """How many findings each has."""
        counts = self._judged.counts()
        return [counts[place] for place in self._places]

    def choose(self, wanted: Callable[[Reference], bool]) -> "Assessments":
        """Keep those of some targets."""
        targets = self._judged.targets
        return Assessments(self._judged, [p for p in self._places if wanted(targets[p])])

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Assessment: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Assessment, ...]: ...
    def __getitem__(self, place: int | slice) -> Assessment | tuple[Assessment, ...]:
        if isinstance(place, slice):
            return tuple(map(self._judged.assessment, self._places[place]))
        return self._judged.assessment(self._places[place])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Assessments | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self.targets))

    def __repr__(self) -> str:
        return repr(tuple(self))


class Findings(Sequence[Finding]):
    """The findings of several assessments, one after the other."""

    def __init__(self, assessments: Assessments) -> None:
        self._assessments = assessments
        self._begins = list(accumulate(assessments.counts, initial=0))

    def __len__(self) -> int:
        return self._begins[-1]

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, place: int | slice) -> Finding | tuple[Finding, ...]:
        if isinstance(place, slice):
            begin, stop, step = place.indices(len(self))
            if step == 1:
                return tuple(islice(self._from(begin), max(0, stop - begin)))
            return tuple(self[number] for number in range(begin, stop, step))
        number = range(len(self))[place]
        return next(self._from(number))

    def __iter__(self) -> Iterator[Finding]:
        return self._from(0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Findings | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(len(self))

    def __repr__(self) -> str:
        return f"<{counted(len(self), 'finding')}>"

    def _from(self, number: int) -> Iterator[Finding]:
        for place in range(bisect_right(self._begins, number) - 1, len(self._assessments)):
            if self._begins[place] < self._begins[place + 1]:
                skipped = max(0, number - self._begins[place])
                yield from islice(self._assessments[place].findings, skipped, None)


def _is_about(finding: Finding, asked: Reference | str) -> bool:
    if not isinstance(asked, Reference):
        return finding.tag == asked
    held = finding.sensitive.reference
    is_inside = held.is_part and asked.is_part and names.is_within(held.fqn, asked.fqn)
    return held == asked or is_inside


def verdict_without_findings(gaps: Sequence[Gap], silent: Sequence[Gap]) -> Verdict:
    """Conclude what may be said where nothing was found."""
    if gaps:
        return Verdict.UNKNOWN
    return Verdict.NO_VALUE_PATH if silent else Verdict.NO_PATH


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
