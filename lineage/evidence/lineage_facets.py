"""The two facets in which events report where a dataset comes from.

`columnLineage` names for each field the fields it comes from, in any spelling there has been
(1-0-0 to 1-2-0). `lineage` (1-0-0) names datasets and jobs too, at a dataset or in a job's list of
entries. What is not understood is named, and the rest is used.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lineage.evidence.openlineage_event import (
    UNNAMED_JOB,
    DatasetLineage,
    DatasetName,
    FieldLineage,
    JobName,
    Unread,
)
from lineage.model.edges import Influence

__all__ = ["FacetReading", "JobRecord", "NameRecord", "Transformation", "objects", "read_record"]

_INFLUENCES = {
    "JOIN": Influence.JOIN,
    "FILTER": Influence.FILTER,
    "GROUP_BY": Influence.GROUP_BY,
    "SORT": Influence.SORT,
    "WINDOW": Influence.WINDOW,
    "CONDITIONAL": Influence.CONDITION,
}


class NameRecord(BaseModel):
    """A dataset, by its two names."""

    namespace: str
    name: str

    @property
    def dataset(self) -> DatasetName:
        """The names as a value."""
        return DatasetName(self.namespace, self.name)


class JobRecord(BaseModel):
    """A job; without names, the event's own."""

    namespace: str | None = None
    name: str | None = None

    def job(self, own: JobName) -> JobName:
        """Return the names as a value."""
        return JobName(self.namespace or "", self.name) if self.name else own


class Transformation(BaseModel):
    """What was done to an input."""

    type: str
    subtype: str | None = None
    description: str | None = None
    masking: bool | None = None

    @property
    def influence(self) -> Influence | None:
        """How it influences; None for a value, and for any type nobody knows."""
        if self.type.upper() != "INDIRECT":
            return None
        return _INFLUENCES.get((self.subtype or "").upper(), Influence.UNSPECIFIED)


class _InputRecord(NameRecord):
    field: str | None = None


class _OldRecord(BaseModel):
    """What version 1-0-0 says of all sources of a field."""

    transformationType: str | None = None  # noqa: N815  # as the facet spells it


_Record = TypeVar("_Record", bound=BaseModel)


def read_record(kind: type[_Record], value: Any) -> _Record | str:
    """Take a value for a record; say what is wrong with it where it is none."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return ": ".join((".".join(map(str, first["loc"])) or "it", first["msg"]))


def objects(value: Any) -> list[Any] | None:
    """Take a value for a list; nothing is an empty one, and None says that it is none."""
    return [] if value is None else value if isinstance(value, list) else None


@dataclass(slots=True)
class FacetReading:
    """What the facets about one dataset report, and what of them was not understood."""

    dataset: DatasetName
    own_job: JobName = UNNAMED_JOB
    is_output: bool = False
    is_explicit: bool = False
    reports_influences: bool = False
    fields: set[FieldLineage] = field(default_factory=set)
    described: set[str] = field(default_factory=set)
    inputs: set[DatasetName] = field(default_factory=set)
    jobs: set[JobName] = field(default_factory=set)
    unread: set[Unread] = field(default_factory=set)

    def lineage(self) -> DatasetLineage:
        """Return what was read."""
        return DatasetLineage(
            dataset=self.dataset,
            fields=frozenset(self.fields),
            described=frozenset(self.described),
            inputs=frozenset(self.inputs),
            jobs=frozenset(self.jobs),
            is_output=self.is_output,
            is_explicit=self.is_explicit,
            reports_influences=self.reports_influences,
        )

    def read_column_lineage(self, facet: Any) -> None:
        """Read the facet `columnLineage`.

        What influences every field decides the rows, and is one influence. Spark spells it as
        a copy in each field, unless it is configured to do otherwise.
        """
        entries = facet.get("fields") if isinstance(facet, dict) else None
        if not isinstance(entries, dict):
            self._miss("columnLineage.fields should be an object")
            return
        found = [item for name, entry in entries.items() for item in self._column(name, entry)]
        copies = Counter(
            item._replace(output_field="") for item in set(found) if item.influence is not None
        )
        for item in found:
            on_rows = item._replace(output_field="")
            is_everywhere = len(entries) > 1 and copies[on_rows] == len(entries)
            self.fields.add(on_rows if is_everywhere else item)
        # A list, even an empty one, says that whoever wrote it looked for influences.
        self.reports_influences |= isinstance(facet.get("dataset"), list)
        for value in self._list(facet.get("dataset"), "columnLineage.dataset"):
            self._add_input("", value, "columnLineage.dataset")

    def read_lineage(self, facet: Any, place: str) -> None:
        """Read the facet `lineage` of a dataset, or an entry of a job's."""
        if not isinstance(facet, dict):
            self._miss(f"{place} should be an object")
            return
        entries = facet.get("fields") or {}
        if not isinstance(entries, dict):
            self._miss(f"{place}.fields should be an object")
            entries = {}
        self.is_explicit |= isinstance(facet.get("inputs"), list)
        for value in self._list(facet.get("inputs"), f"{place}.inputs"):
            self._add_input("", value, f"{place}.inputs")
        for name, entry in entries.items():
            inner = f"{place}.fields.{name}"
            sources = entry.get("inputs") if isinstance(entry, dict) else entry
            if not name or not isinstance(sources, list):
                self._miss(f"{inner}.inputs should be a list")
                continue
            named = [self._add_input(name, value, f"{inner}.inputs") for value in sources]
            if all(named):
                self.described.add(name)

    def _column(self, name: str, entry: Any) -> Iterator[FieldLineage]:
        """Read what one field comes from; described is one of which all of it was read."""
        place = f"columnLineage.fields.{name}"
        sources = entry.get("inputFields") if isinstance(entry, dict) else None
        if not name or not isinstance(sources, list):
            self._miss(f"{place}.inputFields should be a list")
            return
        old = read_record(_OldRecord, entry)
        is_hidden = not isinstance(old, str) and (old.transformationType or "").upper() == "MASKED"
        is_whole = True
        for value in sources:
            source = read_record(_InputRecord, value)
            if isinstance(source, str) or not source.field:
                reason = source if isinstance(source, str) else "field: is missing"
                self._miss(f"{place}.inputFields: {reason}")
                is_whole = False
                continue
            steps = self._steps(value, f"{place}.inputFields")
            yield from _input_fields(name, source, steps, is_hidden=is_hidden)
        if is_whole:
            self.described.add(name)

    def _add_input(self, output_field: str, value: Any, place: str) -> bool:
        """Read one source of a field, or of all rows; say whether it names what it comes from."""
        if isinstance(value, dict) and value.get("type") == "JOB":
            return self._add_job(value, place)
        source = read_record(_InputRecord, value)
        if isinstance(source, str):
            self._miss(f"{place}: {source}")
            return False
        steps = self._steps(value, place)
        if output_field:
            self.fields.update(_input_fields(output_field, source, steps, is_hidden=False))
        elif source.field:
            self._add_row_influence(source, steps)
        else:
            self.inputs.add(source.dataset)
        return True

    def _add_job(self, value: Any, place: str) -> bool:
        """Read a job as a source; what the job itself comes from may be reported elsewhere."""
        job = read_record(JobRecord, value)
        if isinstance(job, str):
            self._miss(f"{place}: {job}")
        else:
            self.jobs.add(job.job(self.own_job))
        return False

    def _add_row_influence(self, source: _InputRecord, steps: list[Transformation]) -> None:
        """Add what decides all rows; where it gives its value too, nobody knows to which field."""
        if any(step.influence is None for step in steps):
            self.inputs.add(source.dataset)
        hows = {step.influence or Influence.UNSPECIFIED for step in steps}
        for influence in hows or {Influence.UNSPECIFIED}:
            item = FieldLineage("", source.dataset, source.field or "", influence)
            self.fields.add(item)

    def _steps(self, value: Any, place: str) -> list[Transformation]:
        """Read the transformations of an input; none where one of them is not understood."""
        steps = []
        for item in self._list(value.get("transformations"), f"{place}.transformations"):
            step = read_record(Transformation, item)
            if isinstance(step, str):
                self._miss(f"{place}.transformations: {step}")
                return []
            steps.append(step)
        self.reports_influences |= any(step.influence is not None for step in steps)
        return steps

    def _list(self, value: Any, place: str) -> list[Any]:
        found = objects(value)
        if found is None:
            self._miss(f"{place} should be a list")
        return found or []

    def _miss(self, reason: str) -> None:
        self.unread.add(Unread(self.dataset, reason))


def _input_fields(
    output_field: str, source: _InputRecord, steps: list[Transformation], *, is_hidden: bool
) -> Iterator[FieldLineage]:
    """Give each of the roles in which a field leads into another: its value, each influence."""
    name, input_field = source.dataset, source.field
    if not input_field:
        yield FieldLineage(output_field, name, "")  # nobody knows which, so nobody knows how
        return
    direct = [step for step in steps if step.influence is None]
    if direct or not steps:
        masking = _masking(direct) if steps else is_hidden or None
        texts = [step.description for step in direct if step.description]
        function = texts[0] if len(texts) == len(direct) == 1 else None
        yield FieldLineage(output_field, name, input_field, None, masking, function)
    for influence in dict.fromkeys(step.influence for step in steps):
        if influence is not None:
            yield FieldLineage(output_field, name, input_field, influence)


def _masking(steps: list[Transformation]) -> bool | None:
    """Return whether a value is hidden: by every step, or not by some, or not said of all."""
    said = {step.masking for step in steps}
    if False in said:
        return False
    return True if said == {True} else None
