"""Random catalogs with several tags, so that labels can be mistaken for one another."""

from dataclasses import replace

from hypothesis import strategies as st

from lineage.model.entities import Column, Entity, Tag
from lineage.model.snapshot import Snapshot
from tests.strategies import snapshots

__all__ = ["tagged_snapshots"]

_TAGS = ("PII.Sensitive", "PII.Health", "PII.Religion")


@st.composite
def tagged_snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw a catalog whose columns, and some whose tables, have none to three tags."""
    drawn = draw(snapshots())
    return replace(drawn, entities=tuple(_tagged(draw, entity) for entity in drawn.entities))


def _tagged(draw: st.DrawFn, entity: Entity) -> Entity:
    columns = tuple(_with_tags(draw, column) for column in entity.columns)
    tags = _tags(draw) if draw(st.integers(0, 9)) == 0 else ()
    return replace(entity, columns=columns, tags=tags, deleted=draw(st.integers(0, 5)) == 0)


def _with_tags(draw: st.DrawFn, column: Column) -> Column:
    return replace(column, tags=_tags(draw) if draw(st.integers(0, 3)) == 0 else ())


def _tags(draw: st.DrawFn) -> tuple[Tag, ...]:
    chosen = draw(st.lists(st.sampled_from(_TAGS), min_size=1, unique=True))
    return tuple(Tag(fqn=tag) for tag in chosen)
