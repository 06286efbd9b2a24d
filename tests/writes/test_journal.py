import json
from dataclasses import replace
from pathlib import Path

import pytest

from lineage.errors import BrokenFile, PlanRefused
from lineage.model.edges import ColumnEdge, Edge, Evidence, Origin
from lineage.model.entities import MlModel
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.writes.apply import apply_plan
from lineage.writes.journal import Journal
from lineage.writes.journal_reader import read_journal
from lineage.writes.merge import Merge, Policy
from lineage.writes.model_step import ModelStep
from lineage.writes.plan import Plan, make_plan
from lineage.writes.plan_file import plan_to_json
from lineage.writes.step import Result
from lineage.writes.undo import make_undo
from tests.writes.shop import contents, open_shop, shown, whole_plan

EMPTY = Plan(server="s", steps=())


def test_every_step_is_in_the_journal_with_what_stood_before(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with open_shop(shop, tmp_path) as (catalog, client):
        plan = whole_plan(shown(client))
        with Journal.start(path, plan) as kept:
            applied = apply_plan(plan, client, journal=kept)
        history = read_journal(path)
        assert history.plan == plan
        assert tuple(history.outcomes[place] for place in range(len(plan.steps))) == (
            applied.outcomes
        )
        assert sorted(history.stored) == list(range(len(plan.steps)))
        first = next(
            place for place, step in enumerate(plan.edge_steps) if step.upstream.name == "orders"
        )
        assert (history.stored[first].document or {})["sqlQuery"] == "select x from orders"
        assert catalog.token not in path.read_text()


def test_going_on_with_what_is_done_sends_nothing(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with open_shop(shop, tmp_path) as (_, client):
        plan = whole_plan(shown(client))
        with Journal.start(path, plan) as kept:
            applied = apply_plan(plan, client, journal=kept)
        with Journal.resume(path) as kept:
            before = client.requests_sent
            assert apply_plan(plan, client, journal=kept) == applied
            assert client.requests_sent - before <= 3


def test_an_undo_of_what_somebody_changed_since_is_a_conflict(shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with open_shop(shop, tmp_path) as (_, client):
        plan, before = whole_plan(shown(client)), contents(client)
        with Journal.start(path, plan) as kept:
            apply_plan(plan, client, journal=kept)
        step = plan.edge_steps[0]
        describe(client, step.upstream_id, step.downstream_id, "mine")
        undone = apply_plan(make_undo(read_journal(path)), client)
        (conflict,) = [one for one in undone.outcomes if one.result == Result.CONFLICT]
        assert conflict.step.subject == step.subject
        ends = (step.upstream_id, step.downstream_id)
        after = contents(client)
        assert {key: after[key] for key in after if key != ends} == {
            key: before[key] for key in before if key != ends
        }


def describe(client: Client, upstream_id: str, downstream_id: str, text: str) -> None:
    operation = {"op": "add", "path": "/description", "value": text}
    client.patch(f"/lineage/table/{upstream_id}/mlmodel/{downstream_id}", [operation])


def test_a_journal_of_another_plan_is_refused(shop: Path, tmp_path: Path) -> None:
    with (
        open_shop(shop, tmp_path) as (_, client),
        Journal.start(tmp_path / "j", EMPTY) as kept,
        pytest.raises(PlanRefused, match="journal of another plan"),
    ):
        apply_plan(whole_plan(shown(client)), client, journal=kept)


def test_no_journal_is_written_over(tmp_path: Path) -> None:
    Journal.start(tmp_path / "j", EMPTY).close()
    with pytest.raises(BrokenFile, match="is there already: go on with --resume"):
        Journal.start(tmp_path / "j", EMPTY)
    with pytest.raises(BrokenFile, match="cannot be written"):
        Journal.start(tmp_path / "no" / "j", EMPTY)
    with Journal.resume(tmp_path / "j") as kept:
        assert repr(kept) == f"Journal({str(tmp_path / 'j')!r})"


HEAD = json.dumps({"format": "lineage-journal", "version": 1, "plan": {"server": "s", "steps": []}})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds nothing"),
        (HEAD, "holds nothing"),
        ("{}\n", "is no journal"),
        ("[]\n", "line 1: is no line of a journal"),
        ('{"format": "lineage-journal", "version": 7}\n', "version 7"),
        ('{"format": "lineage-journal", "version": 1, "plan": 3}\n', "plan"),
        (f"{HEAD}\nnonsense\n", "line 2: is no line"),
        (f'{HEAD}\n{{"step": 0, "state": "writing"}}\n', "line 2: names no step"),
        (f'{HEAD}\n{{"model": 0, "state": "writing"}}\n', "line 2: names no step"),
        (f'{HEAD}\n{{"step": [], "state": []}}\n', "line 2: names no step"),
        (f'{HEAD}\n{{"state": "written"}}\n', "line 2: names no step"),
        (f"{HEAD}\n{'[' * 100_000}\n", "line 2: is no line"),
    ],
)
def test_what_is_no_journal_is_refused_with_its_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "j").write_text(text)
    with pytest.raises(BrokenFile, match=reason):
        read_journal(tmp_path / "j")


def test_a_missing_journal_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read"):
        Journal.resume(tmp_path / "none")


def test_pipelines_sql_and_texts_are_replaced_filled_and_written_back(
    shop: Path, tmp_path: Path
) -> None:
    path, every = tmp_path / "journal", Policy.REPLACE
    rules = Merge(pipeline=every, sql=every, description=every, recorded_as=every, function=every)
    said = Evidence(
        origin=Origin.DECLARED,
        recorded_as="SparkLineage",
        pipeline=Reference("pipeline", "p.other"),
        sql="select 1",
        description="ours",
    )
    with open_shop(shop, tmp_path) as (_, client):
        client.put("/pipelines", {"name": "other", "service": "p"})
        before = contents(client)
        desired = [
            Edge(
                upstream=Reference("table", f"w.d.s.{table}"),
                downstream=Reference("mlmodel", f"m.{model}"),
                column_edges=(ColumnEdge(upstream=(column,), downstream=feature, function="g(x)"),),
                evidence=said,
            )
            for table, model, column, feature in (
                ("orders", "churn", "w.d.s.orders.x", "m.churn.f"),
                ("stock", "demand", "w.d.s.stock.y", "m.demand.f"),
            )
        ]
        plan = make_plan(shown(client), desired=desired, merge=rules)
        assert len(plan.steps) == 2
        with Journal.start(path, plan) as kept:
            assert apply_plan(plan, client, journal=kept).succeeded
        assert make_plan(shown(client), desired=desired, merge=rules).steps == ()
        written = [edge for edge in contents(client).values() if "SparkLineage" in edge]
        assert len(written) == 2
        assert all("p.other" in edge and "g(x)" in edge for edge in written)
        assert apply_plan(make_undo(read_journal(path)), client).succeeded
        assert contents(client) == before


def test_a_journal_with_a_model_that_is_none_is_refused(tmp_path: Path) -> None:
    model = MlModel(reference=Reference("mlmodel", "m"), id="1")
    step = ModelStep(model=model.reference, model_id="1", before=model, after=model, reason="")
    path = tmp_path / "journal"
    with Journal.start(path, replace(EMPTY, steps=(step,))) as kept:
        kept.begin(0, {"id": 3})
    with pytest.raises(BrokenFile, match="line 2: holds a state that cannot be read"):
        read_journal(path)


@pytest.mark.parametrize("stored", ["5", '{"columnsLineage": 3}', "[]"])
def test_a_journal_with_details_that_are_none_is_refused(
    shop: Path, tmp_path: Path, stored: str
) -> None:
    path = tmp_path / "journal"
    with open_shop(shop, tmp_path) as (_, client):
        Journal.start(path, whole_plan(shown(client))).close()
    with path.open("a") as file:
        file.write(f'{{"step": 0, "state": "writing", "stored": {stored}}}\n')
        file.write('{"step": 0, "state": "unheard-of"}\n')
    with pytest.raises(BrokenFile, match="line 2: holds a state that cannot be read"):
        read_journal(path)


def test_a_journal_of_version_1_is_read(shop: Path, tmp_path: Path) -> None:
    """In it changes of models and steps on edges stood and were counted apart."""
    with open_shop(shop, tmp_path) as (_, client):
        plan = whole_plan(shown(client))
        churn = shown(client).model(Reference("mlmodel", "m.churn"))
        document = client.get(f"/mlmodels/{churn.id}")
    change = ModelStep(
        model=churn.reference,
        model_id=churn.id,
        before=churn,
        after=replace(churn, target="left"),
        reason="",
    )
    content = plan_to_json(replace(plan, steps=(change, *plan.steps)))
    models, steps = content["steps"][:1], content["steps"][1:]
    head = {
        "format": "lineage-journal",
        "version": 1,
        "plan": {**content, "models": models, "steps": steps},
    }
    lines = (
        head,
        {"model": 0, "state": "writing", "stored": document},
        {"model": 0, "state": "written"},
        {"step": 0, "state": "writing", "stored": None},
        {"step": 1, "state": "conflict", "detail": "why", "fingerprint": "0"},
    )
    path = tmp_path / "old"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    history = read_journal(path)
    assert history.plan.steps == (change, *plan.steps)
    assert {place: str(one.result) for place, one in history.outcomes.items()} == {
        0: "written",
        2: "conflict",
    }
    assert sorted(history.stored) == [0, 1]
    with Journal.resume(path) as kept:
        kept.begin(2, None)
        kept.end(0, history.outcomes[0])
    history = read_journal(path)
    assert sorted(history.stored) == [0, 1, 2]
    assert list(history.outcomes) == [0]
