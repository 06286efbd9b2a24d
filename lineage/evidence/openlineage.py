"""OpenLineage event files: what their column-lineage facets tell, dataset by dataset.

Read are run, job and dataset events in any spelling of the facet there has been (1-0-0 to
1-2-0): one JSON event, a list of them, or one a line, packed by gzip or not. Nothing of a
catalog is known here; `datasets` finds out which entities are meant.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from lineage.errors import BrokenFile
from lineage.evidence.evidence_body import EvidenceFinding, EvidenceKind
from lineage.files.text_file import read_text
from lineage.model.edges import Influence

__all__ = ["DatasetName", "EventLineage", "FieldLineage", "read_events"]

_INFLUENCES = {
    "JOIN": Influence.JOIN,
    "FILTER": Influence.FILTER,
    "GROUP_BY": Influence.GROUP_BY,
    "SORT": Influence.SORT,
    "WINDOW": Influence.WINDOW,
    "CONDITIONAL": Influence.CONDITION,
}


class DatasetName(NamedTuple):
    """A dataset as OpenLineage names it.

    Examples
    --------
    >>> str(DatasetName("postgres://db:5432", "shop.public.orders"))
    'postgres://db:5432/shop.public.orders'
    """

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace.rstrip('/')}/{self.name.lstrip('/')}"


class FieldLineage(NamedTuple):
    """One field of a dataset that gives its value to, or influences, one of another.

    Attributes
    ----------
    output_field : str
        Empty where all rows of the output are influenced.
    influence : Influence or None
        None where the value itself is given.
    masking : bool or None
        Whether the event says that the value is hidden; None where it does not say.
    function : str or None
        What the event says was done to the value.
    """

    output: DatasetName
    output_field: str
    input: DatasetName
    input_field: str
    influence: Influence | None = None
    masking: bool | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLineage:
    """What the events of one file tell.

    Attributes
    ----------
    evidence_source : str
        What to call the file as evidence.
    fields : tuple of FieldLineage
        Sorted, each once however often it was told.
    described : frozenset of (DatasetName, str)
        The fields whose every source is told.
    aliases : tuple of (DatasetName, DatasetName)
        Datasets with other names for them, as the symlinks facet gives; sorted.
    findings : tuple of EvidenceFinding
        Events that could not be understood.
    """

    evidence_source: str
    fields: tuple[FieldLineage, ...] = ()
    described: frozenset[tuple[DatasetName, str]] = frozenset()
    aliases: tuple[tuple[DatasetName, DatasetName], ...] = ()
    findings: tuple[EvidenceFinding, ...] = ()


class _Transformation(BaseModel):
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


class _InputField(BaseModel):
    namespace: str
    name: str
    field: str
    transformations: tuple[_Transformation, ...] | None = None


class _OutputField(BaseModel):
    inputs: tuple[_InputField, ...] = Field(alias="inputFields")
    description: str | None = Field(None, alias="transformationDescription")
    type: str | None = Field(None, alias="transformationType")


class _ColumnLineage(BaseModel):
    fields: dict[str, _OutputField]
    dataset: tuple[_InputField, ...] | None = None


class _Name(BaseModel):
    namespace: str
    name: str


class _Symlinks(BaseModel):
    identifiers: tuple[_Name, ...] = ()


class _Facets(BaseModel):
    column_lineage: _ColumnLineage | None = Field(None, alias="columnLineage")
    symlinks: _Symlinks | None = None


class _Dataset(_Name):
    facets: _Facets | None = None


class _Event(BaseModel):
    inputs: tuple[_Dataset, ...] | None = None
    outputs: tuple[_Dataset, ...] | None = None
    dataset: _Dataset | None = None

    @property
    def all_outputs(self) -> tuple[_Dataset, ...]:
        """The datasets it may tell the columns of."""
        return (*(self.outputs or ()), *((self.dataset,) if self.dataset else ()))


def read_events(path: str | os.PathLike[str]) -> EventLineage:
    """Read what the events in a file tell of columns.

    Parameters
    ----------
    path : path
        One event, a list of events, or events one after the other; packed by gzip or not.

    Returns
    -------
    EventLineage
        An event that is not spelled as the specification says is left out and named.

    Raises
    ------
    BrokenFile
        The file is missing, no JSON, or holds something that is no event; with the line.
    """
    name = str(path)
    fields: dict[FieldLineage, None] = {}
    described: set[tuple[DatasetName, str]] = set()
    aliases: set[tuple[DatasetName, DatasetName]] = set()
    findings: list[EvidenceFinding] = []
    for line, value in _events(name, read_text(Path(path))):
        try:
            event = _Event.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            subject = f"{name}, line {line}"
            findings.append(EvidenceFinding(EvidenceKind.UNREADABLE, subject, reason))
            continue
        for dataset in event.all_outputs:
            fields.update(dict.fromkeys(_facet_fields(dataset)))
            described.update(_described(dataset))
        for dataset in (*(event.inputs or ()), *event.all_outputs):
            aliases.update(_aliases(dataset))
    return EventLineage(
        evidence_source=f"OpenLineage, {Path(path).name}",
        fields=tuple(sorted(fields, key=_order)),
        described=frozenset(described),
        aliases=tuple(sorted(aliases)),
        findings=tuple(findings),
    )


def _events(name: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give each event of a text with its line, whether they stand in a list or not."""
    decoder, position, line, counted_to = json.JSONDecoder(), 0, 1, 0
    while (position := _skip_space(text, position)) < len(text):
        line += text.count("\n", counted_to, position)
        counted_to = position
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise BrokenFile(name, f"is no JSON: {error.msg}", line=error.lineno) from None
        except RecursionError:
            raise BrokenFile(name, "is nested too deeply", line=line) from None
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict) or not {"run", "job", "dataset"} & set(item):
                reason = "is JSON, but no OpenLineage event: it has no run, job or dataset"
                raise BrokenFile(name, reason, line=line)
            yield line, item


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _facet_fields(dataset: _Dataset) -> Iterator[FieldLineage]:
    """Turn a dataset's facet into field lineage.

    What influences every field decides the rows, and is told once. Spark spells it as a copy
    in each field, unless it is told to do otherwise.
    """
    facet = dataset.facets and dataset.facets.column_lineage
    if not facet:
        return
    output = DatasetName(dataset.namespace, dataset.name)
    found = [
        item
        for field, told in facet.fields.items()
        for source in told.inputs
        for item in _input_fields(output, field, told, source)
    ]
    everywhere = Counter(item._replace(output_field="") for item in set(found) if item.influence)
    for item in found:
        on_rows = item._replace(output_field="")
        is_everywhere = len(facet.fields) > 1 and everywhere[on_rows] == len(facet.fields)
        yield on_rows if is_everywhere else item
    for source in facet.dataset or ():
        name = DatasetName(source.namespace, source.name)
        hows = [step.influence or Influence.UNSPECIFIED for step in source.transformations or ()]
        for influence in hows or [Influence.UNSPECIFIED]:
            yield FieldLineage(output, "", name, source.field, influence)


def _input_fields(
    output: DatasetName, field: str, told: _OutputField, source: _InputField
) -> Iterator[FieldLineage]:
    """Tell each way in which a field leads into another: its value, and each influence."""
    name = DatasetName(source.namespace, source.name)
    steps = source.transformations or ()
    direct = [step for step in steps if step.influence is None]
    if direct or not steps:
        masking = _masking(direct) if steps else (told.type or "").upper() == "MASKED" or None
        texts = [step.description for step in direct if step.description]
        function = texts[0] if len(texts) == len(direct) == 1 else None
        yield FieldLineage(output, field, name, source.field, None, masking, function)
    for influence in dict.fromkeys(step.influence for step in steps):
        if influence is not None:
            yield FieldLineage(output, field, name, source.field, influence)


def _masking(steps: list[_Transformation]) -> bool | None:
    """Tell whether a value is hidden: by every way, or not by some, or not said of all."""
    said = {step.masking for step in steps}
    if False in said:
        return False
    return True if said == {True} else None


def _described(dataset: _Dataset) -> Iterator[tuple[DatasetName, str]]:
    facet = dataset.facets and dataset.facets.column_lineage
    for field in facet.fields if facet else ():
        yield DatasetName(dataset.namespace, dataset.name), field


def _aliases(dataset: _Dataset) -> Iterator[tuple[DatasetName, DatasetName]]:
    symlinks = dataset.facets and dataset.facets.symlinks
    for other in symlinks.identifiers if symlinks else ():
        own = DatasetName(dataset.namespace, dataset.name)
        yield own, DatasetName(other.namespace, other.name)


def _order(item: FieldLineage) -> tuple[object, ...]:
    return (
        *(item.output, item.output_field, item.input, item.input_field),
        *(item.influence or "", str(item.masking), item.function or ""),
    )
