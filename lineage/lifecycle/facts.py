"""Facts: what a lifecycle system holds of models, features and data, in the system's own names.

A reader makes facts and knows no catalog. `declare` finds what their names mean in one, and
`make_snapshot` makes a snapshot of them.
"""

from dataclasses import dataclass
from typing import NamedTuple

from lineage.evidence.openlineage_event import DatasetName
from lineage.model.declaration import FactOrigin
from lineage.model.edges import Influence
from lineage.model.entities import HyperParameter
from lineage.model.reference import Kind
from lineage.model.snapshot import GapKind

__all__ = [
    "ColumnFact",
    "DatasetFact",
    "DatasetName",
    "FactGap",
    "Facts",
    "FeatureFact",
    "FlowFact",
    "InputFact",
    "MappingFact",
    "ModelFact",
    "SourceFact",
    "VersionFact",
]


class SourceFact(NamedTuple):
    """A column that a feature comes from, and how that is known.

    Attributes
    ----------
    dataset : DatasetName or None
        What holds the column; None where nobody knows.
    """

    dataset: DatasetName | None
    column: str
    origin: FactOrigin
    data_type: str | None = None


class InputFact(NamedTuple):
    """Data that a model was trained on, and how that is known."""

    dataset: DatasetName
    origin: FactOrigin


class ColumnFact(NamedTuple):
    """A column of a data set, as a schema lists it, and the tests that hold it."""

    name: str
    data_type: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


class MappingFact(NamedTuple):
    """Columns upstream, and the column that is computed from them or influenced by them.

    Attributes
    ----------
    column : str
        Empty where all rows are influenced.
    """

    upstream: tuple[str, ...]
    column: str
    function: str | None = None
    influence: Influence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFact:
    """An input of a model.

    Attributes
    ----------
    sources : tuple of SourceFact or None
        Every column it comes from. None where that is not known.
    """

    name: str
    data_type: str | None = None
    description: str | None = None
    algorithm: str | None = None
    sources: tuple[SourceFact, ...] | None = None


class VersionFact(NamedTuple):
    """One version of a model, what it is called besides, and the run that made it."""

    version: str
    aliases: tuple[str, ...] = ()
    run: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFact:
    """A model as its system describes it, by one of its versions.

    Attributes
    ----------
    name : str
        What the system calls it.
    version : str or None
        The version that the facts are of.
    aliases : tuple of str
        What the system calls this version besides; sorted.
    inputs : tuple of InputFact
        What it was trained on.
    pipeline : str or None
        The job or pipeline that trained it, as the system calls it.
    properties : tuple of (str, str)
        What the system says besides, and a catalog has no place for: metrics, tags; sorted.
    versions : tuple of VersionFact
        Every version there is, the newest first.
    """

    name: str
    version: str | None = None
    aliases: tuple[str, ...] = ()
    algorithm: str | None = None
    description: str | None = None
    target: str | None = None
    target_origin: FactOrigin = FactOrigin.LOGGED
    server: str | None = None
    storage: str | None = None
    image_repository: str | None = None
    source_url: str | None = None
    pipeline: str | None = None
    hyper_parameters: tuple[HyperParameter, ...] = ()
    features: tuple[FeatureFact, ...] = ()
    inputs: tuple[InputFact, ...] = ()
    tags: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    versions: tuple[VersionFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFact:
    """A data set, and what its system says of it.

    Attributes
    ----------
    kind : str
        What it is in a catalog: a table, or the dashboard that shows the data.
    """

    dataset: DatasetName
    kind: str = Kind.TABLE
    columns: tuple[ColumnFact, ...] = ()
    description: str | None = None
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFact:
    """Data flows from one data set to another.

    Attributes
    ----------
    mappings : tuple of MappingFact
        All there are. Empty where it is not known which columns become which.
    influences_known : bool
        Whether everything that influences is among them.
    """

    upstream: DatasetName
    downstream: DatasetName
    origin: FactOrigin
    mappings: tuple[MappingFact, ...] = ()
    influences_known: bool = False
    sql: str | None = None
    description: str | None = None
    pipeline: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactGap:
    """Something that a system does not say, or that could not be read.

    Attributes
    ----------
    about : str or DatasetName or None
        The model, by its name, or the data set; None for everything the system holds.
    """

    kind: GapKind
    about: str | DatasetName | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that was read from one system.

    Attributes
    ----------
    system : str
        What it is and where: `mlflow:http://127.0.0.1:5000`.
    """

    system: str
    models: tuple[ModelFact, ...] = ()
    datasets: tuple[DatasetFact, ...] = ()
    flows: tuple[FlowFact, ...] = ()
    gaps: tuple[FactGap, ...] = ()
