"""Random catalogs with several tags and with gaps, so that labels can be mistaken for another."""

from dataclasses import replace

from hypothesis import strategies as st

from lineage.model.entities import Column, Entity, MlModel, Tag
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.strategies import snapshots

__all__ = ["tagged_snapshots"]

_TAGS = ("PII.Sensitive", "PII.Health", "PII.Religion")
_KINDS = (GapKind.EDGES_NOT_READ, GapKind.COLUMN_NOT_FOUND, GapKind.DOWNSTREAM_NOT_READ)


@st.composite
def tagged_snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw a catalog whose columns, and some whose tables, have none to three tags.

    In many of them a single table is tagged that no feature names, so that something reaches a
    model by edges or not at all.
    """
    drawn = draw(snapshots())
    far = _far_tables(drawn.entities)
    chosen = draw(st.sampled_from([None, *far]))
    return replace(
        drawn,
        entities=tuple(
            _tagged(draw, entity) if chosen in {None, entity.reference} else _bare(entity)
            for entity in drawn.entities
        ),
        gaps=tuple(draw(st.lists(_gaps(drawn.entities), max_size=2))),
    )


def _far_tables(entities: tuple[Entity, ...]) -> list[Reference]:
    """List what has columns and is no source of a feature."""
    models = (entity for entity in entities if isinstance(entity, MlModel))
    features = (feature for model in models for feature in model.features)
    near = {source.entity for feature in features for source in feature.sources}
    return [one.reference for one in entities if one.columns and one.reference not in near]


def _gaps(entities: tuple[Entity, ...]) -> st.SearchStrategy[Gap]:
    subjects = [entity.reference for entity in entities]
    columns = [
        Reference(Kind.COLUMN, column.fqn) for entity in entities for column in entity.columns
    ]
    elsewhere = [None, Reference(Kind.TABLE, "elsewhere")]
    return st.builds(
        Gap,
        st.sampled_from(_KINDS),
        st.sampled_from([*subjects, *columns, *elsewhere]),
        st.sampled_from(["a page failed", "it was cut off"]),
    ) | st.builds(
        Gap,
        st.just(GapKind.COLUMN_NOT_FOUND),
        st.sampled_from(subjects),
        st.just("a mapping fills what it lacks"),
        unmapped_only=st.booleans(),
    )


def _tagged(draw: st.DrawFn, entity: Entity) -> Entity:
    columns = tuple(_with_tags(draw, column) for column in entity.columns)
    tags = _tags(draw) if draw(st.integers(0, 9)) == 0 else ()
    return replace(entity, columns=columns, tags=tags, deleted=draw(st.integers(0, 5)) == 0)


def _bare(entity: Entity) -> Entity:
    return replace(entity, columns=tuple(map(_untagged, entity.columns)), tags=())


def _untagged(column: Column) -> Column:
    return replace(column, tags=(), children=tuple(map(_untagged, column.children)))


def _with_tags(draw: st.DrawFn, column: Column) -> Column:
    return replace(column, tags=_tags(draw) if draw(st.integers(0, 3)) == 0 else ())


def _tags(draw: st.DrawFn) -> tuple[Tag, ...]:
    chosen = draw(st.lists(st.sampled_from(_TAGS), min_size=1, unique=True))
    return tuple(Tag(fqn=tag) for tag in chosen)
