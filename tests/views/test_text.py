import csv
import json
import unicodedata
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from lineage.governance.audit.audit import audit
from lineage.model.entities import Entity
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind
from lineage.queries.coverage import coverage
from lineage.queries.paths import paths
from lineage.queries.traversal import upstream
from lineage.text_escapes import unescape
from lineage.views.answer_table import render_table
from lineage.views.audit_text import audit_lines
from lineage.views.coverage_text import render_coverage
from lineage.views.exports.cells import unharmed
from lineage.views.paths_text import render_paths
from lineage.views.records import EDGE_COLUMNS, render_csv, render_edges_csv, render_json
from lineage.views.terminal import moment, printable
from tests.builders import column, edge, entity, feature, graph_of, model, table

GRAPH = graph_of(
    table("raw", "email:PII.Sensitive"),
    table("core", "email"),
    model("m", f="core.email", g="core.gone"),
    edge(
        "raw>core",
        "email>email:sha256(email)",
        pipeline=Reference("pipeline", "air.etl"),
        sql=f"select sha256(email) -- {'x' * 300}",
        updated_by="bot",
        updated_at=1_764_000_000_000,
    ),
)


@given(st.text())
def test_printable_text_never_holds_what_moves_the_cursor(text: str) -> None:
    shown = printable(text)
    hidden = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert not any(unicodedata.category(character) in hidden for character in shown)


def test_a_moment_is_a_minute_in_utc() -> None:
    assert moment(0) == "1970-01-01 00:00 UTC"
    assert moment(None) == ""


def test_an_audit_shows_every_fact_of_each_hop() -> None:
    text = "\n".join(audit_lines(audit(GRAPH)))
    assert "m: reaches-masked (only what a masking function left of it arrives)" in text
    assert "masked by digest" in text
    assert (
        "[masked · sha256(email) · pipeline air.etl · Manual · by bot 2025-11-24 16:00 UTC]" in text
    )
    assert "[value · declared by the model]" in text
    assert "feature g: reaches-by-table" in text
    assert "not known: source-not-resolved at feature:m.g" in text
    assert "…" in text


def test_an_audit_says_once_what_each_rule_hides_and_what_it_does_not() -> None:
    digest = "\n".join(audit_lines(audit(GRAPH))).split("\n\n")[-1]
    assert digest.startswith("masked by digest: the value cannot be computed from its digest; but")
    assert "is found by hashing guesses" in " ".join(digest.split())
    assert max(map(len, digest.splitlines())) <= 100
    raw = graph_of(table("raw", "a:PII.Sensitive"), model("m", f="raw.a"))
    assert "masked by" not in "\n".join(audit_lines(audit(raw)))


def test_an_audit_names_further_findings_and_deleted_tables() -> None:
    graph = graph_of(
        table("raw", "a:PII.Sensitive b:PII.Sensitive", deleted=True), model("m", f="raw.a raw.b")
    )
    text = "\n".join(audit_lines(audit(graph)))
    assert "also raw.b #PII.Sensitive reaches (through deleted raw)" in text


def test_an_audit_says_what_stays_behind_where_something_does() -> None:
    graph = graph_of(table("a", "x:PII.Sensitive y:PII.Sensitive"), model("m", f="a.x"))
    assert "  upstream, and stays behind: 1 sensitive column" in audit_lines(audit(graph))
    graph = graph_of(table("a", "x:PII.Sensitive"), model("m", f="a.x"))
    assert not [line for line in audit_lines(audit(graph)) if "behind" in line]


def test_paths_show_where_a_table_is_entered_and_left() -> None:
    graph = graph_of(
        table("a", "x"), table("b", "y"), table("c", "z"), edge("a>b"), edge("b>c", "y>z")
    )
    text = render_paths(paths(graph, column("a.x"), column("c.z")))
    assert text.splitlines()[2:] == [
        "path 1: 2 hops, table",
        "  a",
        "    → b  [table · Manual]",
        "  b.y",
        "    → c.z  [value · Manual]",
    ]


def test_coverage_lists_what_does_not_resolve() -> None:
    text = render_coverage(coverage(GRAPH))
    assert "m  1 of 2 features resolve; no dashboard, no owner" in text
    assert "  g: table:core has no single column 'gone'" in text


def test_a_table_holds_every_row_and_the_summary() -> None:
    text = render_table(audit(GRAPH), width=200)
    assert "reaches-masked" in text
    assert text.splitlines()[-1] == audit(GRAPH).summary()


def test_a_table_folds_long_cells_and_cuts_none() -> None:
    name = "n" * 300
    graph = graph_of(table(name), table("b"), edge(f"{name}>b"))
    assert render_table(upstream(graph, entity("b")), width=80).count("n") >= 300


def test_json_holds_summary_gaps_and_rows() -> None:
    content = json.loads(render_json(upstream(GRAPH, feature("m.g"))))
    assert set(content) == {"summary", "gaps", "records"}
    assert content["gaps"][0].startswith("source-not-resolved")


@given(st.text(min_size=1).filter(lambda text: ">" not in text and not text.startswith("m")))
def test_any_name_survives_csv_and_json(name: str) -> None:
    graph = graph_of(table(name), table("b"), edge(f"{name}>b"))
    trace = upstream(graph, entity("b"))
    if name == "b":
        return
    rows = list(csv.DictReader(StringIO(render_csv(trace), newline="")))
    assert unescape(unharmed(rows[0]["fqn"])) == name
    assert json.loads(render_json(trace))["records"][0]["fqn"] == name


def test_csv_of_nothing_is_nothing() -> None:
    assert render_csv(coverage(graph_of())) == ""


def test_csv_of_lists_has_an_item_a_line() -> None:
    rows = list(csv.DictReader(StringIO(render_csv(audit(GRAPH)))))
    assert rows[0]["path"] == "raw.email\ncore.email\nm.f"


def test_edges_keep_their_job_and_their_columns_in_one_row() -> None:
    job = Entity(reference=Reference("pipeline", "air.etl"), id="id-etl", display_name="Nightly")
    graph = graph_of(
        table("a", "x y"), table("b", "z"), job,
        edge("a>b", "x+y>z", pipeline=job.reference, description="why", sql="select 1"),
    )  # fmt: skip
    (row,) = csv.DictReader(StringIO(render_edges_csv(graph, upstream(graph, entity("b")))))
    assert tuple(row.values()) == (
        "id-a", "table", "a", "id-b", "table", "b", "why",
        "id-etl", "air.etl", "Nightly", "a.x:b.z;a.y:b.z", "select 1", "Manual",
    )  # fmt: skip
    assert tuple(row) == EDGE_COLUMNS


def test_a_declared_edge_says_so_where_the_server_would_say_how_it_was_recorded() -> None:
    graph = graph_of(table("a", "x"), model("m", f="a.x"))
    (row,) = csv.DictReader(StringIO(render_edges_csv(graph, upstream(graph, entity("m")))))
    assert row["source"] == "declared"


def test_edges_to_what_was_not_read_have_no_ids() -> None:
    gap = Gap(GapKind.EDGES_NOT_READ, None, "failed")
    graph = graph_of(edge("a>b", pipeline=Reference("pipeline", "p")), gap)
    (row,) = csv.DictReader(StringIO(render_edges_csv(graph, upstream(graph, entity("b")))))
    assert (row["fromId"], row["pipelineId"], row["pipelineDisplayName"]) == ("", "", "")
