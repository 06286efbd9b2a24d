"""What two values say, for comparison: by names, whatever ids they have and in what order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from lineage import fqn as names_of
from lineage.changes.edge_facts import mapping_text
from lineage.model.edges import ColumnEdge, Edge
from lineage.model.entities import FeatureSource, HyperParameter, Tag, Task
from lineage.model.reference import Reference

__all__ = ["Reading"]

_BOOKKEEPING = frozenset({"id", "version", "updated_at", "updated_by", "created_at", "created_by"})
"""Fields that hold who wrote something, when, and under which number, not what it says."""

_PARTS = frozenset({"columns", "features", "children"})
"""Fields that are compared part by part."""

_SKIPPED = _BOOKKEEPING | _PARTS | {"entity_id", "evidence_source"}

_FREE_TEXT = frozenset({"description", "display_name", "sql"})
"""Fields that people write sentences into, shown in quotes and on one line."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One of two snapshots that are compared.

    Attributes
    ----------
    names : mapping of str to Reference
        The references of its entities, by the server's ids of them.
    """

    names: Mapping[str, Reference]

    def keys(self, value: object) -> dict[str, Any]:
        """Give what a value says, field by field, so that equal keys say the same.

        Examples
        --------
        >>> ids = Reading({"4711": Reference("table", "people")})
        >>> source = FeatureSource(name="age", entity=Reference("table", "4711"), entity_id="4711")
        >>> ids.keys(source)["entity"]
        Reference('table', 'people')
        """
        found = {
            item.name: self._key(getattr(value, item.name))
            for item in fields(value)  # type: ignore[arg-type]  # every value is a dataclass
            if item.name not in _SKIPPED
        }
        if isinstance(value, FeatureSource):
            found["entity"] = self.names.get(value.entity_id or "", found["entity"])
        return found

    def edge_key(self, edge: Edge) -> tuple[object, ...]:
        """Give what an edge says, its mappings in any order."""
        mappings = frozenset(self._key(mapping) for mapping in edge.column_edges)
        return self._key(edge.evidence), mappings

    def mappings(self, edge: Edge) -> dict[object, ColumnEdge]:
        """Give the mappings of an edge by what they say."""
        return {self._key(mapping): mapping for mapping in edge.column_edges}

    def text(self, name: str, value: object) -> str:
        """Write out what a field says; nothing where it says nothing."""
        if isinstance(value, tuple) and not isinstance(value, Reference):
            return ", ".join(sorted(self.text(name, item) for item in value))
        if isinstance(value, Reference):
            return str(self._key(value))
        if isinstance(value, FeatureSource):
            return self._source_text(value)
        if isinstance(value, str) and name in _FREE_TEXT:
            return f"'{value}'"  # whoever shows it escapes what would not show as itself
        write = _WRITERS.get(type(value), str)
        return write(value)

    def _key(self, value: object) -> Any:
        if isinstance(value, Reference):
            return self.names.get(value.fqn, value)
        if isinstance(value, ColumnEdge):
            said = self.keys(value) | {"upstream": frozenset(value.upstream)}
            return tuple(said.items())
        if isinstance(value, tuple):  # nothing that is compared here is an order
            return tuple(sorted(map(self._key, value), key=repr))
        if hasattr(value, "__dataclass_fields__"):
            return type(value).__name__, tuple(self.keys(value).items())
        return None if value == "" else value

    def _source_text(self, source: FeatureSource) -> str:
        entity = self.keys(source)["entity"]
        kind = f" ({source.data_type})" if source.data_type else ""
        tags = f" [{self.text('tags', source.tags)}]" if source.tags else ""
        name = names_of.quote(source.name) if source.name else repr("")
        return f"{'?' if entity is None else entity.fqn}.{name}{kind}{tags}"


def _tag_text(tag: Tag) -> str:
    marks = [tag.label_type] * (tag.label_type != "Manual")
    marks += [tag.state] * (tag.state != "Confirmed")
    return f"{tag.fqn} ({', '.join(marks)})" if marks else tag.fqn


def _setting_text(setting: HyperParameter) -> str:
    described = f" ('{setting.description}')" if setting.description else ""
    return f"{setting.name}={setting.value}{described}"


def _task_text(task: Task) -> str:
    return (
        f"{task.name} before {', '.join(sorted(task.downstream))}" if task.downstream else task.name
    )


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda value: "yes" if value else "no",
    Tag: _tag_text,
    HyperParameter: _setting_text,
    Task: _task_text,
    ColumnEdge: mapping_text,
}
