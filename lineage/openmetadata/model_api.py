"""One model on the server: read it, and change its metadata by a JSON Patch.

What is sent holds what was read, with the changes made: fields that this library does not
know stay as they are, in features and their sources too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from lineage.errors import NotOpenMetadata, RequestFailed
from lineage.model.entities import Feature, FeatureSource, HyperParameter, MlModel, Tag
from lineage.model.reference import Kind
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.payloads import EntityPayload, make_entity

__all__ = ["StoredModel", "make_stored_model", "patch_model", "read_model"]

_FIELDS = ENDPOINTS[Kind.MLMODEL].fields
_MARKS = ("version", "updatedAt")
"""What every change of a model changes, one of them at least."""

_PLAIN = {
    "algorithm": "algorithm",
    "description": "description",
    "display_name": "displayName",
    "server": "server",
    "source_url": "sourceUrl",
    "target": "target",
}

_PRECONDITION = 412

_Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model as the server holds it: as our value, and as the document it is written in."""

    model: MlModel
    document: _Document

    @property
    def tag(self) -> str:
        """What is another after any change: numbers alone stay the same where patches fold."""
        return "@".join(str(self.document.get(key)) for key in _MARKS)


def read_model(client: Client, model_id: str) -> StoredModel:
    """Read a model with everything that can be changed of it.

    Raises
    ------
    ServerError
        It could not be read.
    """
    path = f"/mlmodels/{escape(model_id)}"
    stored = make_stored_model(client.get(path, {"fields": _FIELDS}), client.url(path))
    if stored.model.id != model_id:
        raise NotOpenMetadata(client.url(path), "the answer is about something else")
    return stored


def make_stored_model(document: Any, origin: str) -> StoredModel:
    """Make a model of the document it is written in.

    Parameters
    ----------
    origin : str
        Where the document is from, for messages.

    Raises
    ------
    NotOpenMetadata
        It is no document of a model.
    """
    try:
        entity = make_entity(Kind.MLMODEL, EntityPayload.model_validate(document))
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"]
        raise NotOpenMetadata(origin, f"the answer is no model: {reason}") from None
    if not isinstance(entity, MlModel):
        raise NotOpenMetadata(origin, "the answer is about something else")
    return StoredModel(entity, document)


def patch_model(
    client: Client, stored: StoredModel, wanted: MlModel, *, dashboard_id: str = ""
) -> None:
    """Change a model to be as wanted, provided that it is still as it was read.

    That is tested for within the patch: with `If-Match`, servers of 1.12 answer with the change
    and do not store what is a model's own.

    Parameters
    ----------
    stored : StoredModel
        The model as it was read just now.
    wanted : MlModel
        As it should be: `stored.model` with changes.
    dashboard_id : str
        The server's id of the dashboard wanted, where it is a new one.

    Raises
    ------
    RequestFailed
        412: the model has changed meanwhile.
    ServerError
        Whatever else kept it from being changed.
    """
    changed = _document(stored, wanted, dashboard_id)
    tests = [
        {"op": "test", "path": f"/{key}", "value": stored.document[key]}
        for key in _MARKS
        if key in stored.document
    ]
    operations = [
        {"op": "remove", "path": f"/{field}"}
        if value is None
        else {"op": "add", "path": f"/{field}", "value": value}
        for field, value in changed.items()
        if stored.document.get(field) != value
    ]
    try:
        client.patch(f"/mlmodels/{escape(stored.model.id)}", tests + operations)
    except RequestFailed as error:
        if _is_failed_test(error):
            reason = "it has changed since it was read"
            raise RequestFailed(error.url, _PRECONDITION, reason, is_servers_own=True) from None
        raise


def _is_failed_test(error: RequestFailed) -> bool:
    """Whether a test within a patch failed, which no status says for sure: 1.12 answers 500."""
    found = re.search(r"/(version|updatedAt)\b", str(error))
    return found is not None and "test" in str(error).partition(": ")[2].lower()


def _document(stored: StoredModel, wanted: MlModel, dashboard_id: str) -> _Document:
    """Spell the fields that differ, on top of what is there; None for one that is to go."""
    model, document = stored.model, stored.document
    changed: _Document = {
        field: getattr(wanted, name)
        for name, field in _PLAIN.items()
        if getattr(wanted, name) != getattr(model, name)
    }
    store = {"storage": wanted.storage, "imageRepository": wanted.image_repository}
    if (wanted.storage, wanted.image_repository) != (model.storage, model.image_repository):
        changed["mlStore"] = _said(document.get("mlStore") or {}, **store) or None
    if wanted.dashboard != model.dashboard:
        reference = {"id": dashboard_id, "type": str(Kind.DASHBOARD)}
        changed["dashboard"] = (
            {**reference, "fullyQualifiedName": wanted.dashboard.fqn} if wanted.dashboard else None
        )
    if wanted.tags != model.tags:
        changed["tags"] = _with_labels(document, wanted.tags)
    if wanted.hyper_parameters != model.hyper_parameters:
        known = _by_name(document.get("mlHyperParameters"))
        changed["mlHyperParameters"] = [
            _setting(known.get(setting.name, {}), setting) for setting in wanted.hyper_parameters
        ]
    if wanted.features != model.features:
        known = _by_name(document.get("mlFeatures"))
        changed["mlFeatures"] = [
            _feature(known.get(feature.name, {}), feature) for feature in wanted.features
        ]
    return changed


def _by_name(documents: Iterable[_Document] | None) -> dict[str, _Document]:
    return {document["name"]: document for document in documents or ()}


def _said(document: _Document, **values: str | None) -> _Document:
    """Put texts into a document; None takes away what is there."""
    said = {**document, **values}
    return {key: value for key, value in said.items() if value is not None}


def _setting(known: _Document, setting: HyperParameter) -> _Document:
    return _said(known, name=setting.name, value=setting.value, description=setting.description)


def _feature(known: _Document, feature: Feature) -> _Document:
    spelled = _said(
        known,
        name=feature.name,
        dataType=feature.data_type,
        description=feature.description,
        featureAlgorithm=feature.algorithm,
    )
    sources = [_source(known.get("featureSources"), source) for source in feature.sources]
    tags = _with_labels(known, feature.tags)
    return {
        **spelled,
        **({"featureSources": sources} if sources or "featureSources" in known else {}),
        **({"tags": tags} if tags or "tags" in known else {}),
    }


def _source(known: Iterable[_Document] | None, source: FeatureSource) -> _Document:
    """Spell a source; its entity by name too, since the server makes the source's of that."""
    same = (
        item
        for item in known or ()
        if item.get("name") == source.name
        and (item.get("dataSource") or {}).get("id") == source.entity_id
    )
    spelled = _said(next(same, {}), name=source.name, dataType=source.data_type)
    if source.entity is None:
        return spelled
    return {
        **{key: value for key, value in spelled.items() if key != "fullyQualifiedName"},
        "dataSource": {
            **(spelled.get("dataSource") or {}),
            "id": source.entity_id,
            "type": str(source.entity.kind),
            "fullyQualifiedName": source.entity.fqn,
        },
    }


def _with_labels(document: _Document, tags: tuple[Tag, ...]) -> list[_Document]:
    """Keep the labels that are wanted as they are, and add those that are lacking."""
    wanted = {tag.fqn for tag in tags}
    labels = [label for label in document.get("tags") or () if label.get("tagFQN") in wanted]
    known = {label.get("tagFQN") for label in labels}
    return labels + [
        {
            "tagFQN": tag.fqn,
            "source": tag.scheme,
            "labelType": tag.label_type,
            "state": tag.state,
        }
        for tag in tags
        if tag.fqn not in known
    ]
