"""Read versions: what a model and what changed upstream of it were since some moment.

A snapshot says of each entity when it was last updated, so only what was updated later is asked
for its versions: requests grow with what changed. Bodies are read, and never what the server says
of the difference between them.
"""

import json
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import networkx as nx
from pydantic import ValidationError

from lineage.errors import LineageError, NotOpenMetadata, ServerError, UnknownEntity
from lineage.model.entities import Entity, MlModel
from lineage.model.entity_history import History, as_of, find_version
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.openmetadata.entity_api import list_pages
from lineage.openmetadata.parallel import WORKERS, in_parallel
from lineage.openmetadata.payloads import EntityPayload, make_entity

__all__ = ["list_models", "read_history", "read_versions"]

_VERSION = re.compile(r"v?\d+\.\d+")
_FIRST = 0.1
_Read = tuple[Entity, ...] | Gap


def read_history(
    client: Client, snapshot: Snapshot, model: Reference, since: str, *, workers: int = WORKERS
) -> History:
    """Read what a model, and what is upstream of it, were since a version or a date.

    Parameters
    ----------
    client : Client
        The server that the snapshot was read from.
    snapshot : Snapshot
        What there is now.
    model : Reference
        The model, as the snapshot has it.
    since : str
        A version of the model, as in `0.4`, or a date or moment (UTC), as in `2026-11-01`.
    workers : int
        How many requests are under way at once.

    Returns
    -------
    History
        With a gap at whatever has versions that could not be read.

    Raises
    ------
    UnknownEntity
        The snapshot has no such model.
    LineageError
        The model never had that version, or the text is neither a version nor a date.
    ServerError
        The versions of the model could not be read.
    """
    known = {entity.reference: entity for entity in snapshot.entities}
    entity = known.get(model)
    if not isinstance(entity, MlModel):
        raise UnknownEntity(str(model), [item.fqn for item in known if item.kind == Kind.MLMODEL])
    own = read_versions(client, entity)
    moment = _moment(since, own)
    changed = [
        known[reference]
        for reference in sorted(_upstream(snapshot, {model, *_sources(own)}) - {model})
        if reference in known and _may_differ(known[reference], moment)
    ]
    with ThreadPoolExecutor(workers) as pool:
        found = in_parallel(pool, lambda item: _read(client, item), changed)
    read = [*zip(changed, found, strict=True), (entity, own)]
    gaps = [item for item in found if isinstance(item, Gap)]
    versions = {item.reference: got for item, got in read if not isinstance(got, Gap)}
    gaps += [gap for key, got in versions.items() if (gap := _too_young(key, got, moment))]
    return History(model, moment, versions, tuple(gaps))


def read_versions(client: Client, entity: Entity) -> tuple[Entity, ...]:
    """Read all that an entity was, and what it is, newest first.

    Raises
    ------
    ServerError
        The server does not give its versions.
    """
    kind = entity.reference.kind
    path = f"/{ENDPOINTS[kind].collection}/{escape(entity.id)}/versions"
    answer = client.get(path)
    texts = answer.get("versions") if isinstance(answer, dict) else None
    try:
        bodies = [EntityPayload.model_validate(json.loads(text)) for text in texts or ()]
    except (TypeError, ValueError, ValidationError) as error:
        reason = f"a version cannot be read: {str(error).splitlines()[0]}"
        raise NotOpenMetadata(client.url(path), reason) from None
    if not bodies or any(body.id != entity.id for body in bodies):
        raise NotOpenMetadata(client.url(path), "the answer is no list of the entity's versions")
    found = [make_entity(kind, body) for body in bodies]
    return tuple(sorted(found, key=lambda item: item.version or 0.0, reverse=True))


def list_models(client: Client) -> dict[Reference, Entity]:
    """List the models that there are, soft-deleted ones too, without their features.

    Raises
    ------
    ServerError
        The server does not list them.
    """
    pages = list_pages(client, Kind.MLMODEL, fields="owners")
    try:
        bodies = [EntityPayload.model_validate(item) for page in pages for item in page]
    except ValidationError as error:
        raise NotOpenMetadata(client.host, str(error).splitlines()[0]) from None
    models = (make_entity(Kind.MLMODEL, body) for body in bodies)
    return {model.reference: model for model in models}


def _moment(since: str, versions: tuple[Entity, ...]) -> int:
    """Return when a version came to be, or when a day begins."""
    if _VERSION.fullmatch(since):
        return find_version(versions, since).updated_at or 0
    try:
        day = datetime.fromisoformat(since)
    except ValueError:
        message = f"{since!r} is neither a version, as in 0.4, nor a date, as in 2026-11-01"
        raise LineageError(message) from None
    return int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp() * 1000)


def _sources(versions: Iterable[Entity]) -> set[Reference]:
    """Name all entities that features of any version came from."""
    return {
        source.entity
        for model in versions
        if isinstance(model, MlModel)
        for feature in model.features
        for source in feature.sources
        if source.entity is not None
    }


def _upstream(snapshot: Snapshot, start: set[Reference]) -> set[Reference]:
    """Name what is upstream of some entities, and them: by edges and by sources of features.

    What feeds a bucket feeds the files in it, but not one file another: so where data arrives at
    an entity is a node of its own.
    """
    backward: nx.DiGraph[Any] = nx.DiGraph()
    for edge in snapshot.edges:
        backward.add_edge(_arrival(edge.downstream), edge.upstream)
        backward.add_edge(edge.upstream, _arrival(edge.upstream))
    for entity in snapshot.entities:
        reference = entity.reference
        backward.add_edge(reference, _arrival(reference))
        backward.add_edges_from((_arrival(reference), source) for source in _sources((entity,)))
        if entity.parent is not None:
            backward.add_edge(_arrival(reference), _arrival(entity.parent))
            backward.add_edge(entity.parent, reference)
    found = set(start).union(*(nx.descendants(backward, one) for one in start if one in backward))
    return {one for one in found if isinstance(one, Reference)}


def _arrival(reference: Reference) -> tuple[str, Reference]:
    return "arrival", reference


def _may_differ(entity: Entity, moment: int) -> bool:
    """Whether an entity has columns, and was updated since: nothing else has versions to read."""
    endpoint = ENDPOINTS.get(entity.reference.kind)
    has_columns = endpoint is not None and bool(endpoint.parts)
    return has_columns and (entity.updated_at is None or entity.updated_at > moment)


def _read(client: Client, entity: Entity) -> _Read:
    try:
        return read_versions(client, entity)
    except ServerError as error:
        if error.is_final:
            raise
        reason = f"its versions were not read: {error}"
        return Gap(GapKind.ENTITIES_NOT_READ, entity.reference, reason)


def _too_young(reference: Reference, versions: tuple[Entity, ...], moment: int) -> Gap | None:
    """Say so where versions are gone that there were at the moment, or may have been."""
    oldest = versions[-1]
    if as_of(versions, moment) is not None or oldest.version == _FIRST:
        return None
    reason = f"the server keeps no version of it before {oldest.version}"
    return Gap(GapKind.ENTITIES_NOT_READ, reference, reason)
