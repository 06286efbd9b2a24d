from itertools import permutations

import pytest

from lineage.model.edges import Edge, Path, Strength
from lineage.model.entities import Entity
from lineage.model.reference import ENTITY_KINDS, GROUP_KINDS, PART_KINDS, Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from tests.builders import edge, snapshot_of, table


def test_a_reference_equals_its_plain_texts_and_sorts_by_kind_then_name() -> None:
    assert Reference("table", "a") == Reference(Kind.TABLE, "a")
    assert min([Reference("table", "a"), Reference("mlmodel", "z")]).kind == "mlmodel"


def test_what_a_reference_prints_can_be_parsed() -> None:
    reference = Reference("table", 'svc."a:b.c"')
    assert Reference.parse(str(reference)) == reference


@pytest.mark.parametrize("text", ["orders", ":x", "table:"])
def test_a_text_without_kind_or_name_is_no_reference(text: str) -> None:
    with pytest.raises(ValueError, match="kind:fully"):
        Reference.parse(text)


def test_every_kind_is_an_entity_or_a_part() -> None:
    assert frozenset(Kind) == ENTITY_KINDS | GROUP_KINDS | PART_KINDS
    assert not ENTITY_KINDS & PART_KINDS


def test_a_snapshot_is_the_same_whatever_the_order_of_reading() -> None:
    items: tuple[Entity | Edge, ...] = (
        table("b", "x"),
        table("a"),
        edge("a>b"),
        edge("b>a", "x>x"),
    )
    snapshots = {repr(snapshot_of(*order).entities) for order in permutations(items)}
    edges = {repr(snapshot_of(*order).edges) for order in permutations(items)}
    assert len(snapshots) == len(edges) == 1


def test_a_snapshot_holds_nothing_twice() -> None:
    gap = Gap(GapKind.DEPTH_LIMIT, None, "cut")
    twice = snapshot_of(table("a"), table("a"), edge("a>a"), edge("a>a"), gap, gap)
    assert (len(twice.entities), len(twice.edges), len(twice.gaps)) == (1, 1, 1)


def test_a_snapshot_shows_counts_and_gaps() -> None:
    assert repr(Snapshot()) == "Snapshot(0 entities, 0 edges)"
    assert "1 gap" in repr(snapshot_of(Gap(GapKind.DEPTH_LIMIT, None, "cut")))


def test_strength_orders_from_table_to_value() -> None:
    assert [item.label for item in sorted(Strength)] == ["table", "influence", "masked", "value"]


def test_a_path_without_hops_is_the_value_itself() -> None:
    assert Path(()).strength == Strength.VALUE
