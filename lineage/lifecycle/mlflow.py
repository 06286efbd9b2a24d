"""MLflow: registered models, every version and alias, and what the runs that made them logged.

Servers of MLflow 2 and 3 are asked over plain REST.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from lineage.errors import BrokenFile, RequestFailed
from lineage.files.document_file import parse_content
from lineage.lifecycle.facts import (
    ColumnFact,
    FactGap,
    Facts,
    FeatureFact,
    InputFact,
    ModelFact,
    SourceFact,
    VersionFact,
)
from lineage.lifecycle.feast_tags import Retrieved, retrieved_features
from lineage.lifecycle.mlflow_api import MlflowApi, Record, inner, pairs
from lineage.lifecycle.mlflow_datasets import LoggedDataset, column_facts, logged_datasets
from lineage.lifecycle.web import Access, Web
from lineage.model.declaration import FactOrigin
from lineage.model.entities import HyperParameter
from lineage.model.snapshot import GapKind

__all__ = ["read_mlflow"]

_IN_USE = ("champion", "production")
_CATEGORICAL = frozenset({"string", "boolean", "object", "binary"})
_PROMPT = "mlflow.prompt.is_prompt"


def read_mlflow(address: str, access: Access | None = None) -> Facts:
    """Read what a tracking server and its registry hold.

    A model is described by one of its versions: the one with the alias `champion` or `production`,
    else the one in stage Production, else the newest. All versions are listed.

    Parameters
    ----------
    address : str
        As in http://127.0.0.1:5000.
    access : Access, optional

    Returns
    -------
    Facts
        Where a feature and a column of the training data have one name, the source is inferred.

    Raises
    ------
    ServerError
        There is no answer, or none of use.
    LineageError
        It is no address, or PyYAML is not installed.

    Examples
    --------
    >>> read_mlflow("mlflow")
    Traceback (most recent call last):
    lineage.errors.LineageError: 'mlflow' is no address; write it as http://127.0.0.1:5000
    """
    with Web(address, access) as web:
        try:
            return _read(MlflowApi(web), web.address)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"the answer is not as MLflow gives it: {type(error).__name__}: {error}"
            raise RequestFailed(web.address, 200, reason) from error


def _read(api: MlflowApi, address: str) -> Facts:
    models = [item for item in api.models() if _PROMPT not in pairs(item.get("tags"))]
    listed: dict[str, list[Record]] = {}
    for version in api.versions():
        listed.setdefault(version["name"], []).append(version)
    described = [_Described(model, _sorted(listed.get(model["name"], []))) for model in models]
    for item in described:
        item.logged = api.logged_model(item.model_id) if item.model_id else None
    wanted = [item.run_id for item in described if item.run_id]
    runs = api.runs(wanted, api.experiments()) if wanted else {}
    system = f"mlflow:{address}"
    for item in described:
        item.run = runs.get(item.run_id, {})
        item.datasets = tuple(logged_datasets(item.run, system))
        if item.version:
            item.manifest = _manifest(api.file(item.name, item.version["version"], "MLmodel"))
    datasets = tuple(chain.from_iterable(item.datasets for item in described))
    return Facts(
        system=system,
        models=tuple(item.fact(address) for item in described),
        datasets=tuple(dict.fromkeys(item.fact for item in datasets)),
        flows=tuple(dict.fromkeys(flow for item in datasets for flow in item.flows)),
        gaps=tuple(
            dict.fromkeys(
                (
                    *(item.gap for item in datasets if item.gap),
                    *chain.from_iterable(item.gaps() for item in described),
                )
            )
        ),
    )


def _sorted(versions: Iterable[Record]) -> list[Record]:
    """Sort versions, the newest first."""
    return sorted(versions, key=lambda item: int(item["version"]), reverse=True)


def _manifest(content: bytes | None) -> Record:
    """Read a model's MLmodel file; empty where it is none."""
    if content is None:
        return {}
    try:
        parsed = parse_content(content.decode("utf-8", "replace"), name="MLmodel.yaml")
    except BrokenFile:
        return {}
    return parsed if isinstance(parsed, dict) else {}


@dataclass
class _Described:
    """A registered model with one of its versions, as far as it was read."""

    model: Record
    versions: list[Record]
    logged: Record | None = None
    run: Record | None = None
    datasets: tuple[LoggedDataset, ...] = ()
    manifest: Record | None = None

    @property
    def name(self) -> str:
        return str(self.model["name"])

    @cached_property
    def aliases(self) -> dict[str, str]:
        """The version that each alias names."""
        listed = self.model.get("aliases") or ()
        return {item["alias"]: str(item["version"]) for item in listed}

    @cached_property
    def version(self) -> Record:
        """The version that describes the model; empty where there is none."""
        in_use = [self.aliases[alias] for alias in _IN_USE if alias in self.aliases]
        chosen = [item for item in self.versions if str(item["version"]) in in_use[:1]]
        staged = [item for item in self.versions if item.get("current_stage") == "Production"]
        return next(iter((*chosen, *staged, *self.versions)), {})

    @property
    def model_id(self) -> str:
        """The id of the logged model that the version is; empty before MLflow 3."""
        kind, _, model_id = str(self.version.get("source") or "").partition("models:/")
        return "" if kind or "/" in model_id else model_id

    @property
    def run_id(self) -> str:
        """The run that made it; empty where none did."""
        info = (self.logged or {}).get("info") or {}
        return str(self.version.get("run_id") or info.get("source_run_id") or "")

    @cached_property
    def inputs(self) -> tuple[ColumnFact, ...]:
        """The inputs of the model that its signature names."""
        signature = (self.manifest or {}).get("signature")
        text = signature.get("inputs") if isinstance(signature, dict) else None
        return tuple(column_facts(inner(text if isinstance(text, str) else None)))

    def fact(self, address: str) -> ModelFact:
        """Say it in the words of all systems."""
        number = str(self.version.get("version") or "")
        place = f"{address}/#/models/{self.name}"
        info = (self.logged or {}).get("info") or {}
        return ModelFact(
            name=self.name,
            version=number or None,
            aliases=self._aliases(number),
            algorithm=self._algorithm(),
            description=self.version.get("description") or self.model.get("description") or None,
            target=self._target(),
            target_origin=FactOrigin.INFERRED,
            storage=info.get("artifact_uri") or self.version.get("source") or None,
            source_url=f"{place}/versions/{number}" if number else place,
            pipeline=self._run_tags.get("mlflow.source.name"),
            hyper_parameters=tuple(
                HyperParameter(name=name, value=value)
                for name, value in sorted(self._parameters().items())
            ),
            features=tuple(self._feature(column) for column in self.inputs),
            inputs=tuple(self._inputs()),
            properties=tuple(sorted(self._properties())),
            versions=tuple(self._version(item) for item in self.versions),
        )

    def gaps(self) -> Iterator[FactGap]:
        """Say what is not known of it."""
        if not self.version:
            yield self._gap("it has no version")
            return
        if not self.run:
            yield self._gap(f"the run {self.run_id or 'that made it'} is not there")
        if not self.inputs:
            yield self._gap("no signature names its inputs")
        for column in self.inputs:
            found = self._candidates(column.name)
            if len(found) > 1:
                several = " or ".join(str(item.dataset) for item in found)
                yield self._gap(f"feature {column.name!r} may come from {several}")

    def _gap(self, reason: str) -> FactGap:
        return FactGap(kind=GapKind.NO_SOURCES, about=self.name, reason=reason)

    def _aliases(self, number: str) -> tuple[str, ...]:
        return tuple(sorted(alias for alias, at in self.aliases.items() if at == number))

    def _version(self, item: Record) -> VersionFact:
        number = str(item["version"])
        stage = item.get("current_stage")
        return VersionFact(
            version=number,
            aliases=self._aliases(number),
            run=item.get("run_id") or None,
            status=stage if stage and stage != "None" else item.get("status"),
        )

    def _algorithm(self) -> str | None:
        """Name what was fitted, as autologging does; else the library that made it."""
        flavors = (self.manifest or {}).get("flavors") or {}
        library = next((name for name in sorted(flavors) if name != "python_function"), None)
        return self._run_tags.get("estimator_name") or library

    @cached_property
    def _data(self) -> Record:
        return dict((self.run or {}).get("data") or {})

    @cached_property
    def _run_tags(self) -> dict[str, str]:
        return pairs(self._data.get("tags"))

    def _parameters(self) -> dict[str, str]:
        logged = ((self.logged or {}).get("data") or {}).get("params")
        return {**pairs(self._data.get("params")), **pairs(logged)}

    def _properties(self) -> Iterator[tuple[str, str]]:
        """List metrics and tags, without those that MLflow writes for itself."""
        tags: dict[str, Any] = {
            **self._run_tags,
            **pairs(self.model.get("tags")),
            **pairs(self.version.get("tags")),
        }
        yield from ((f"tag.{key}", tags[key]) for key in tags if not key.startswith("mlflow."))
        for key, value in pairs(self._data.get("metrics")).items():
            yield f"metric.{key}", value

    def _feature(self, column: ColumnFact) -> FeatureFact:
        found = self._candidates(column.name)
        kind = "categorical" if column.data_type in _CATEGORICAL else "numerical"
        sources = tuple(found) if len(found) == 1 else None
        return FeatureFact(name=column.name, data_type=kind, sources=sources)

    def _candidates(self, column: str) -> list[SourceFact]:
        """Find what has a column of a name: features from Feast, else the training data."""
        retrieved = self._retrieved.get(column, ())
        if retrieved:
            return [SourceFact(one.view, one.feature, FactOrigin.INFERRED) for one in retrieved]
        return [
            SourceFact(item.fact.dataset, column, FactOrigin.INFERRED)
            for item in dict.fromkeys(self.datasets)
            if column in {known.name for known in item.fact.columns}
        ]

    @cached_property
    def _retrieved(self) -> dict[str, tuple[Retrieved, ...]]:
        return retrieved_features(self._run_tags)

    def _inputs(self) -> Iterator[InputFact]:
        yield from (InputFact(item.fact.dataset, FactOrigin.LOGGED) for item in self.datasets)
        views = dict.fromkeys(one.view for found in self._retrieved.values() for one in found)
        yield from (InputFact(view, FactOrigin.LOGGED) for view in views)

    def _target(self) -> str | None:
        """Name the only column of the training data that is no input, if there is one."""
        inputs = {column.name for column in self.inputs}
        left = {
            column.name
            for item in self.datasets
            for column in item.fact.columns
            if column.name not in inputs
        }
        return left.pop() if inputs and len(left) == 1 else None
