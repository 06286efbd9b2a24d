"""ML Metadata, as TFX keeps it: models, and the data their runs began with.

The store is read as SQLite, without ml-metadata.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lineage.lifecycle.facts import (
    ColumnFact,
    DatasetFact,
    DatasetName,
    FactGap,
    Facts,
    FlowFact,
    InputFact,
    ModelFact,
    VersionFact,
)
from lineage.lifecycle.ml_metadata_store import Artifact, Execution, Store, read_store
from lineage.lifecycle.path_names import path_name
from lineage.lifecycle.queries import QueryNotRead, query_flows
from lineage.model.declaration import FactOrigin
from lineage.model.entities import HyperParameter
from lineage.model.snapshot import GapKind

__all__ = ["read_ml_metadata"]

_MODELS = frozenset({"Model", "mlmd.Model", "system.Model"})
_SCHEMAS = frozenset({"Schema"})
_PUSHED = "pushed_destination"
_STATES = ("unknown", "pending", "live", "marked for deletion", "deleted", "abandoned", "reference")
_LIVE = 2
_OWN = frozenset({"module_file", "module_path", "run_fn", "state", "tfx_version"})
"""Properties of a training step that are no settings of the model."""


def read_ml_metadata(store: str | os.PathLike[str]) -> Facts:
    """Read an ML Metadata store in SQLite.

    Parameters
    ----------
    store : path
        Often `metadata.sqlite` or `metadata.db`.

    Returns
    -------
    Facts
        A model is named as its artifact, else as the step that makes it; its artifacts are its
        versions, and the newest that is live describes it. What it was trained on are the places
        that the first steps of its run read.

    Raises
    ------
    BrokenFile
        It cannot be read, is no such store, or is of a schema that is not read.

    Examples
    --------
    >>> read_ml_metadata("no/such.sqlite")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: no/such.sqlite: cannot be read: there is no such file
    """
    return _Reading(f"mlmd:{store}", read_store(store)).facts()


class _Reading:
    """One store, with what was found in it so far."""

    def __init__(self, system: str, store: Store) -> None:
        self.system, self.store = system, store
        self.datasets: dict[DatasetName, DatasetFact] = {}
        self.flows: dict[FlowFact, None] = {}
        self.gaps: list[FactGap] = []

    def facts(self) -> Facts:
        """Gather everything."""
        found: dict[str, list[Artifact]] = {}
        for artifact in self.store.artifacts.values():
            if artifact.kind in _MODELS:
                found.setdefault(self._name(artifact), []).append(artifact)
        models = tuple(self._model(name, found[name]) for name in sorted(found))
        return Facts(
            system=self.system,
            models=models,
            datasets=tuple(self.datasets.values()),
            flows=tuple(self.flows),
            gaps=tuple(self.gaps),
        )

    def _maker(self, artifact: Artifact) -> Execution | None:
        steps = self.store.makers.get(artifact.id)
        return self.store.executions[steps[-1]] if steps else None

    def _name(self, artifact: Artifact) -> str:
        """Name a model: TFX gives its artifacts no names, but each step a context."""
        maker = self._maker(artifact)
        named = artifact.name or (maker.contexts.get("node") or maker.name if maker else "")
        return named or f"model-{artifact.id}"

    def _model(self, name: str, artifacts: list[Artifact]) -> ModelFact:
        newest_first = sorted(artifacts, key=lambda one: one.id, reverse=True)
        chosen = next((one for one in newest_first if one.state == _LIVE), newest_first[0])
        maker = self._maker(chosen)
        if maker is None:
            self._gap(name, GapKind.NO_SOURCES, "no step of the store made it")
        self._gap(name, GapKind.NO_SOURCES, "its features lie in its files, which are not read")
        return ModelFact(
            name=name,
            version=str(chosen.id),
            algorithm=maker.kind if maker else None,
            server=self._server(chosen),
            storage=chosen.uri or None,
            pipeline=maker.contexts.get("pipeline") if maker else None,
            hyper_parameters=tuple(_settings(maker.properties)) if maker else (),
            inputs=tuple(
                InputFact(dataset, FactOrigin.REGISTERED)
                for dataset in dict.fromkeys(self._origins(chosen, name))
            ),
            versions=tuple(self._version(one) for one in newest_first),
        )

    def _version(self, artifact: Artifact) -> VersionFact:
        maker = self._maker(artifact)
        known = 0 <= artifact.state < len(_STATES)
        return VersionFact(
            version=str(artifact.id),
            run=maker.contexts.get("pipeline_run") if maker else None,
            status=_STATES[artifact.state] if known else None,
        )

    def _server(self, model: Artifact) -> str | None:
        """Find where a step that read the model put it."""
        for step, inputs in self.store.inputs.items():
            if model.id in inputs:
                for made in self.store.outputs.get(step, ()):
                    if _PUSHED in self.store.artifacts[made].properties:
                        return self.store.artifacts[made].properties[_PUSHED]
        return None

    def _origins(self, artifact: Artifact, model: str) -> Iterator[DatasetName]:
        """Find the data outside of the store that an artifact was made of."""
        for one in self.store.upstream(artifact.id):
            if isinstance(one, Execution):
                if not self.store.inputs.get(one.id):
                    yield from self._begun_with(one, model)
            elif one.kind in _SCHEMAS:
                self._describe(one)
            elif one.id != artifact.id and one.uri and not self.store.makers.get(one.id):
                yield self._known(path_name(one.uri))

    def _begun_with(self, step: Execution, model: str) -> Iterator[DatasetName]:
        """Name what a first step read: a folder, a query, or what it only brings in."""
        folder = step.properties.get("input_base")
        queries = list(_queries(step.properties.get("input_config", "")))
        made = [self.store.artifacts[one] for one in self.store.outputs.get(step.id, ())]
        if folder:
            yield self._known(path_name(folder))
        elif queries:
            yield from (self._queried(step, query, at) for at, query in enumerate(queries))
        elif "import" in step.kind.casefold() and all(one.uri for one in made):
            yield from (self._known(path_name(one.uri)) for one in made)
        else:
            reason = f"nothing says what step {_step_name(step)!r} read"
            self._gap(model, GapKind.ENTITY_NOT_FOUND, reason)

    def _queried(self, step: Execution, query: str, at: int) -> DatasetName:
        own = self._known(DatasetName(self.system, f"{_step_name(step)} {at}"))
        dialect = next((one for one in ("bigquery", "presto") if one in step.kind.casefold()), "")
        try:
            flows = query_flows(
                query,
                target=own,
                dataset_of=lambda table: DatasetName(dialect or "sql", ".".join(table)),
                dialect=dialect,
            )
        except QueryNotRead as error:
            gap = FactGap(
                kind=GapKind.EVIDENCE_NOT_READ, about=own, reason=f"its query is not read: {error}"
            )
            self.gaps.append(gap)
            return own
        self.flows |= dict.fromkeys(flows)
        return own

    def _describe(self, schema: Artifact) -> None:
        """Give the columns of a schema to the one data set that it is the schema of."""
        made_of = self.store.upstream(schema.id)
        folders = {
            one.properties["input_base"]
            for one in made_of
            if isinstance(one, Execution) and "input_base" in one.properties
        }
        path = Path(schema.uri) / "schema.pbtxt"
        if len(folders) == 1 and path.is_file():
            dataset = path_name(folders.pop())
            columns = tuple(_columns(path.read_text("utf-8", "replace")))
            self.datasets[dataset] = DatasetFact(dataset=dataset, columns=columns)

    def _known(self, dataset: DatasetName) -> DatasetName:
        self.datasets.setdefault(dataset, DatasetFact(dataset=dataset))
        return dataset

    def _gap(self, model: str, kind: GapKind, reason: str) -> None:
        self.gaps.append(FactGap(kind=kind, about=model, reason=reason))


def _step_name(step: Execution) -> str:
    return step.contexts.get("node") or step.name or step.kind


def _settings(properties: dict[str, str]) -> Iterator[HyperParameter]:
    """Take the settings of a training step, one by one where they are JSON in a text."""
    for name, value in sorted(properties.items()):
        if name in _OWN or value.startswith("mlmd-struct::"):
            continue
        parts = _parsed(value)
        if not isinstance(parts, dict):
            yield HyperParameter(name=name, value=value)
            continue
        for key in sorted(parts):
            plain = parts[key] if isinstance(parts[key], str) else json.dumps(parts[key])
            yield HyperParameter(name=f"{name}.{key}", value=plain)


def _queries(config: str) -> Iterator[str]:
    """Find the queries among the patterns that a generator splits its input by."""
    parsed = _parsed(config)
    splits = parsed.get("splits") if isinstance(parsed, dict) else None
    for split in splits if isinstance(splits, list) else ():
        pattern = split.get("pattern") if isinstance(split, dict) else None
        if isinstance(pattern, str) and re.match(r"\s*(select|with)\b", pattern, re.IGNORECASE):
            yield pattern


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


_TOKENS = re.compile(
    r"(?P<open>\w+)\s*:?\s*\{|(?P<close>\})|(?P<key>name|type)\s*:\s*\"?(?P<value>[\w.-]+)"
)


def _columns(schema: str) -> Iterator[ColumnFact]:
    """Read the columns of a schema in text form; what is nested in one is a part of it.

    Examples
    --------
    >>> list(_columns('feature { name: "age" type: INT shape { dim { size: 1 } } }'))[0][:2]
    ('age', 'INT')
    """
    above: list[str] = []
    found: dict[str, str] = {}
    for token in _TOKENS.finditer(schema):
        if token["open"]:
            above.append(token["open"])
        elif token["key"] and above == ["feature"]:
            found[token["key"]] = token["value"]
        elif token["close"] and above:
            if above == ["feature"] and "name" in found:
                yield ColumnFact(name=found["name"], data_type=found.get("type"))
            if above.pop() == "feature" and not above:
                found = {}
