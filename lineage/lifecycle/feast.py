"""Feast: feature views, what each is made of, and the services that models are given them by.

The file of a file registry is read as it is, without Feast: a `feast.core.Registry`, as protocol
buffers write it.
"""

import os
from pathlib import Path
from typing import NamedTuple

from lineage.errors import BrokenFile
from lineage.lifecycle.facts import (
    ColumnFact,
    DatasetFact,
    DatasetName,
    FactGap,
    Facts,
    FeatureFact,
    FlowFact,
    InputFact,
    MappingFact,
    ModelFact,
    SourceFact,
)
from lineage.lifecycle.feast_sources import stored_source
from lineage.lifecycle.protobuf import Message, NoMessage
from lineage.lifecycle.queries import QueryNotRead, query_flows
from lineage.model.declaration import FactOrigin
from lineage.model.snapshot import GapKind

__all__ = ["feast_view", "read_feast"]

_SQLITE = b"SQLite format 3\x00"
_ALWAYS = frozenset({3, 15, 17})
"""The fields of the schema's version, of metadata and of projects: one of them is always there."""
_VIEWS, _SERVICES, _ON_DEMAND, _STREAMS = 6, 7, 8, 14
_NOT_READ = {2: "a feature table", 19: "a label view"}


class _Layout(NamedTuple):
    """The numbers of the fields of a kind of view; 0 for what it has not.

    Attributes
    ----------
    functions : tuple of int
        What computes its features; where one is there, columns are not those of the source.
    """

    features: int
    entity_columns: int
    description: int
    owner: int
    batch: int = 0
    functions: tuple[int, ...] = ()
    views: int = 0


_BATCH_VIEW = _Layout(4, 12, 10, 11, batch=7, functions=(14, 15), views=14)
_STREAM_VIEW = _Layout(4, 5, 6, 8, batch=10, functions=(13, 15, 17))
_ON_DEMAND_VIEW = _Layout(3, 14, 6, 8)
_NUMBERS = frozenset({3, 4, 5, 6})
"""Feast's value types that are numbers: int32, int64, double, float."""


def read_feast(registry: str | os.PathLike[str]) -> Facts:
    """Read the file of a Feast registry.

    Parameters
    ----------
    registry : path
        Often `data/registry.db` of a feature repository.

    Returns
    -------
    Facts
        A feature service is a model, since it is what a model is given. A view is a data set that
        is made of its source; which column is which feature is registered.

    Raises
    ------
    BrokenFile
        It cannot be read, or is no such file.

    Examples
    --------
    >>> read_feast("no/such.db")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: no/such.db: cannot be read: No such file or directory
    """
    try:
        content = Path(registry).read_bytes()
    except OSError as error:
        raise BrokenFile(str(registry), f"cannot be read: {error.strerror or error}") from None
    if content.startswith(_SQLITE):
        reason = "is an SQL registry; the file of a file registry is what can be read"
        raise BrokenFile(str(registry), reason)
    try:
        message = Message(content)
        facts = (
            _Registry(f"feast:{registry}", message).facts() if _ALWAYS & message.fields else None
        )
    except NoMessage:
        facts = None
    if facts is None:
        raise BrokenFile(str(registry), "is no registry of Feast")
    return facts


def feast_view(project: str, view: str) -> DatasetName:
    """Name a feature view of a project.

    Examples
    --------
    >>> str(feast_view("shop", "people"))
    'feast:shop/people'
    """
    return DatasetName(f"feast:{project}", view)


class _Registry:
    """One registry, with what was found in it so far."""

    def __init__(self, system: str, message: Message) -> None:
        self.system, self.message = system, message
        self.datasets: list[DatasetFact] = []
        self.flows: list[FlowFact] = []
        self.gaps: list[FactGap] = []

    def facts(self) -> Facts:
        """Gather everything."""
        for view in self.message.messages(_VIEWS):
            self._view(view.message(1), _BATCH_VIEW)
        for view in self.message.messages(_STREAMS):
            self._view(view.message(1), _STREAM_VIEW)
        for view in self.message.messages(_ON_DEMAND):
            self._on_demand(view.message(1))
        services = [service.message(1) for service in self.message.messages(_SERVICES)]
        models = tuple(map(_service, sorted(services, key=_name)))
        for field, what in _NOT_READ.items():
            if field in self.message:
                reason = f"{what} of the registry is not read"
                self.gaps.append(FactGap(kind=GapKind.ENTITY_NOT_FOUND, about=None, reason=reason))
        return Facts(
            system=self.system,
            models=models,
            datasets=tuple(self.datasets),
            flows=tuple(self.flows),
            gaps=tuple(self.gaps),
        )

    def _view(self, view: Message, layout: _Layout) -> None:
        """Add a view that is made of a source, by columns unless a function is in between."""
        own = self._described(view, layout)
        for made_of in view.messages(layout.views) if layout.views else ():
            self._connect(feast_view(made_of.text(2), made_of.text(1)), own)
        if layout.batch not in view:
            return
        source = view.message(layout.batch)
        dataset = self._source(source, view.text(2))
        if any(field in view for field in layout.functions):
            self._connect(dataset, own)
            return
        raw = {feature: column for column, feature in source.mapping(2).items()}
        names = [column.text(1) for column in _columns(view, layout)]
        self.flows.append(
            FlowFact(
                upstream=dataset,
                downstream=own,
                origin=FactOrigin.REGISTERED,
                mappings=tuple(MappingFact((raw.get(name, name),), name) for name in names),
            )
        )

    def _on_demand(self, view: Message) -> None:
        """Add a view that a function computes when it is asked for."""
        own = self._described(view, _ON_DEMAND_VIEW)
        for entry in view.messages(4):
            source = entry.message(2)
            if 2 in source:
                reason = f"what {source.message(2).text(20)!r} holds comes with the request"
                gap = FactGap(kind=GapKind.ENTITY_NOT_FOUND, about=own, reason=reason)
                self.gaps.append(gap)
            else:
                used = source.message(3).text(1) or source.message(1).message(1).text(1)
                self._connect(feast_view(view.text(2), used), own)

    def _described(self, view: Message, layout: _Layout) -> DatasetName:
        """Add what a view says of itself, and give its name."""
        owner = view.text(layout.owner)
        fact = DatasetFact(
            dataset=feast_view(view.text(2), view.text(1)),
            columns=tuple(map(_column, _columns(view, layout))),
            description=view.text(layout.description) or None,
            owners=(owner,) if owner else (),
        )
        self.datasets.append(fact)
        return fact.dataset

    def _connect(self, upstream: DatasetName, downstream: DatasetName) -> None:
        flow = FlowFact(upstream=upstream, downstream=downstream, origin=FactOrigin.REGISTERED)
        self.flows.append(flow)

    def _source(self, source: Message, project: str) -> DatasetName:
        """Name the data that a source is, and add how a query makes it."""
        stored = stored_source(source)
        if stored.dataset is not None:
            return stored.dataset
        own = DatasetName(f"feast:{project}", source.text(20))
        if not stored.query:
            reason = f"source {own.name!r} does not say where its data lies"
            self.gaps.append(FactGap(kind=GapKind.ENTITY_NOT_FOUND, about=own, reason=reason))
            return own
        try:
            flows = query_flows(
                stored.query,
                target=own,
                dataset_of=lambda table: DatasetName(stored.dialect, ".".join(table)),
                dialect="" if stored.dialect == "custom" else stored.dialect,
            )
        except QueryNotRead as error:
            reason = f"the query of source {own.name!r} is not read: {error}"
            self.gaps.append(FactGap(kind=GapKind.EVIDENCE_NOT_READ, about=own, reason=reason))
            return own
        self.flows += [flow for flow in flows if flow not in self.flows]
        return own


def _service(service: Message) -> ModelFact:
    """Describe what a model is given: the features of a service, each a column of a view."""
    views = list(service.messages(3))
    names = [column.text(1) for view in views for column in view.messages(2)]
    return ModelFact(
        name=service.text(1),
        description=service.text(5) or None,
        features=tuple(
            _feature(service.text(2), view, column, is_alone=names.count(column.text(1)) == 1)
            for view in views
            for column in view.messages(2)
        ),
        inputs=tuple(
            InputFact(feast_view(service.text(2), view.text(1)), FactOrigin.REGISTERED)
            for view in views
        ),
        properties=tuple(sorted(service.mapping(4).items())),
    )


def _feature(project: str, view: Message, column: Message, *, is_alone: bool) -> FeatureFact:
    """Name a feature as Feast does: with its view where two views have one of its name."""
    name = column.text(1)
    source = SourceFact(feast_view(project, view.text(1)), name, FactOrigin.REGISTERED)
    return FeatureFact(
        name=name if is_alone else f"{view.text(3) or view.text(1)}__{name}",
        data_type="numerical" if column.number(2) in _NUMBERS else "categorical",
        description=column.text(4) or None,
        sources=(source,),
    )


def _columns(view: Message, layout: _Layout) -> list[Message]:
    return [*view.messages(layout.features), *view.messages(layout.entity_columns)]


def _column(column: Message) -> ColumnFact:
    return ColumnFact(name=column.text(1), description=column.text(4) or None)


def _name(service: Message) -> str:
    return service.text(1)
