"""Renaming: what follows when a tag, a term or a domain is renamed, moved or deleted.

Labels hold names, so they follow their tag, and nothing that is labelled gets a new version by
it. Those on the features of a model do not follow: the server keeps them with the model alone.
"""

from collections.abc import Callable
from typing import Any

from lineage.catalog import edge_index, entity_store
from lineage.catalog.answers import RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import kinds_below
from lineage.catalog.entity_store import Document, as_json

__all__ = ["remove_labels", "rename"]

_SOURCES = {
    "classification": "Classification",
    "tag": "Classification",
    "glossary": "Glossary",
    "glossaryTerm": "Glossary",
}

_NewName = Callable[[str], str | None]
"""Gives what a label names from now on; None where it goes."""


def rename(context: Context, old: Document, fqn: str) -> None:
    """Rename what is below an entity, and the labels that name it or what is below it.

    Raises
    ------
    RefusalError
        It comes with the server and keeps its name, it would be in itself, or another one has
        the new name.
    """
    if old.body.get("provider") == "system":
        message = f"Failed to rename {old.kind} with name {old.body['name']}: it is a system entity"
        raise RefusalError(400, message)
    if fqn.startswith(f"{old.fqn}."):
        raise RefusalError(400, f"{old.kind} {old.fqn} can not be moved into itself")
    if entity_store.find_named(context.store, old.kind, fqn):
        raise RefusalError(400, f"{old.kind} {fqn} already exists")

    def renamed(name: str) -> str:
        below = name.startswith(f"{old.fqn}.")
        return fqn + name[len(old.fqn) :] if below or name == old.fqn else name

    for one in entity_store.below(context.store, kinds_below(old.kind), old.fqn):
        name = renamed(one.fqn)
        body = {**one.body, "fullyQualifiedName": name}
        entity_store.replace(context.store, one._replace(fqn=name, body=body))
        edge_index.rename(context.store, one.id, name)
    edge_index.rename(context.store, old.id, fqn)
    _relabel(context, old, renamed)


def remove_labels(context: Context, gone: Document) -> None:
    """Remove the labels that name a tag or a term which is deleted, softly or for good."""
    _relabel(context, gone, lambda name: None if name == gone.fqn else name)


def _relabel(context: Context, tag: Document, new_name: _NewName) -> None:
    source = _SOURCES.get(tag.kind)
    if source is None:
        return
    beginning = '"tagFQN":' + as_json(tag.fqn)[:-1]
    for one in entity_store.holding(context.store, beginning):
        body = _relabelled(one.body, source, new_name)
        entity_store.replace(context.store, one._replace(body=body))
    context.forget()


def _relabelled(value: Any, source: str, new_name: _NewName) -> Any:
    """Give a JSON value with its labels renamed, or without them."""
    if isinstance(value, list):
        changed = (_relabelled(item, source, new_name) for item in value)
        return [item for item in changed if item is not None]
    if not isinstance(value, dict):
        return value
    if value.get("source") == source and "tagFQN" in value:
        name = new_name(value["tagFQN"])
        return None if name is None else {**value, "tagFQN": name}
    return {
        key: item if key == "mlFeatures" else _relabelled(item, source, new_name)
        for key, item in value.items()
    }
