"""`lineage demo`: the whole job on a made-up company, with nothing but this machine."""

import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from shutil import which
from typing import TYPE_CHECKING, Annotated

import typer

from lineage.atomic_files import write_whole
from lineage.cli.options.output import show
from lineage.errors import BrokenFile
from lineage.governance.audit.audit import Audit, audit
from lineage.graph.build import build_graph
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.answer import counted
from lineage.model.proposed_change import Action, ProposedChange
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot
from lineage.queries.coverage import coverage
from lineage.queries.impact.impact import impact
from lineage.queries.impact.verdicts import ImpactVerdict
from lineage.queries.lookup import find_model
from lineage.queries.traversal import upstream
from lineage.views.audit_text import audit_lines
from lineage.views.coverage_text import render_coverage
from lineage.views.trace_text import render_tree
from lineage.writes.plan import make_plan
from lineage.writes.plan_text import describe

if TYPE_CHECKING:
    from lineage.openmetadata.client import Client

__all__ = ["demo"]

_CATALOG, _SNAPSHOT, _PLAN, _PICTURE = "company.db", "snapshot.json.gz", "plan.json", "churn"
_REGISTER, _PACK = "register.toml", "pack"
_SHOWN = 14  # lines of a long answer


_DECLARED = """\
[attributes.gender]
columns = ["*.gender"]
"""


def demo(
    folder: Annotated[Path, typer.Argument(help="Where to put the files it writes.")] = Path(
        "lineage-demo"
    ),
) -> None:
    """Walk through the whole job on a made-up company.

    In a folder of its own, it serves a catalog on this machine alone, reads it, traces a
    model, says what breaks if a column goes, audits all models, plans and writes the lineage
    that is missing, and draws a picture. Safe to run twice.
    """
    from lineage.catalog.server import start
    from lineage.catalog.wsgi import Catalog
    from lineage.evidence.load_evidence import lay_evidence
    from lineage.openmetadata.client import Client

    catalog_file = _fresh_catalog(folder)
    with (
        Catalog(catalog_file) as catalog,
        start(catalog) as url,
        Client(url, catalog.token) as client,
    ):
        snapshot = _read(client, folder)
        # As for every verb, what the SQL on edges says is laid over what is recorded.
        graph = build_graph(lay_evidence(snapshot).snapshot)
        _trace(graph)
        _lose(graph)
        _audit(graph)
        _account(graph)
        _write(client, build_graph(snapshot), folder)
    _draw(graph, folder)
    _close(folder)


def _fresh_catalog(folder: Path) -> Path:
    """Clear the way for a new catalog, but never remove a file that is none."""
    from lineage.catalog.wsgi import Catalog

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot be used as a folder: {error.strerror or error}"
        raise BrokenFile(str(folder), reason) from None
    catalog_file = folder / _CATALOG
    if catalog_file.exists():
        Catalog(catalog_file).close()
        for ending in ("", "-wal", "-shm"):
            catalog_file.with_name(_CATALOG + ending).unlink(missing_ok=True)
    return catalog_file


def _read(client: "Client", folder: Path) -> Snapshot:
    from lineage.catalog.sample import load_sample
    from lineage.files.snapshot_file import write_snapshot
    from lineage.openmetadata.reader import read

    _title("1. Read the catalog")
    load_sample(client)
    show(f"A made-up retailer's metadata is served at {client.host}, as OpenMetadata would.")
    before = client.requests_sent
    snapshot = read(client)
    graph = build_graph(snapshot)
    write_snapshot(snapshot, folder / _SNAPSHOT)
    tables, models = len(graph.references(Kind.TABLE)), len(graph.references(Kind.MLMODEL))
    requests = client.requests_sent - before
    show(f"Read {tables} tables and {models} models in {requests} requests into a NetworkX graph:")
    show(f"  {graph!r}")
    return snapshot


def _trace(graph: LineageGraph) -> None:
    _title("2. Trace a model to its raw columns")
    feature = Reference(Kind.FEATURE, "mlflow.churn.campaign_bucket")
    show("Where does the churn model's feature `campaign_bucket` come from?")
    show("")
    show(render_tree(graph, upstream(graph, feature)))


def _lose(graph: LineageGraph) -> None:
    _title("3. Impact: what breaks if a column goes?")
    column = Reference(Kind.COLUMN, "warehouse.analytics.core.customer.email_hash")
    answer = impact(graph, ProposedChange(action=Action.DROP, subject=column))
    show(f"What if {column.fqn} is dropped?")
    show("")
    show(answer.summary())
    for hit in answer.of(ImpactVerdict.BROKEN):
        show(f"  {hit.verdict}: {hit.reference}")
    show(f"Who has to know: {', '.join(owner.name for owner in answer.owners)}")


def _audit(graph: LineageGraph) -> None:
    _title("4. Audit: does any model depend on sensitive data?")
    answer = audit(graph)
    show("\n".join(_verdicts(answer)))
    show("\nThe evidence for one of them:")
    show("")
    show(audit_lines(audit(graph, models=[find_model(graph, "churn")])))


def _verdicts(answer: Audit) -> Iterator[str]:
    width = max(len(item.model.name) for item in answer.models)
    for item in answer.models:
        because = ""
        if item.findings:
            because = f"  {item.findings[0].sensitive.reference.fqn}"
        elif item.gaps:
            because = f"  {counted(len(item.gaps), 'gap')}, the first: {item.gaps[0].reason}"
        yield f"  {item.model.name:{width}}  {item.verdict:17}{because}"


def _account(graph: LineageGraph) -> None:
    _title("5. Coverage: what cannot be accounted for?")
    show(render_coverage(coverage(graph)))


def _write(client: "Client", graph: LineageGraph, folder: Path) -> None:
    from lineage.openmetadata.reader import read
    from lineage.writes.apply import apply_plan
    from lineage.writes.plan_file import write_plan

    _title("6. Plan and write the lineage that the server lacks")
    plan = make_plan(graph)
    write_plan(plan, folder / _PLAN)
    lines = describe(plan)
    show("\n".join(lines[:_SHOWN]))
    show(f"… {len(lines) - _SHOWN} more lines in {folder / _PLAN}")
    show(f"\nApplied: {apply_plan(plan, client).summary()}")
    again = make_plan(build_graph(read(client)))
    show(f"Planned once more: {again.summary()}")


def _draw(graph: LineageGraph, folder: Path) -> None:
    from lineage.views.lineage_diagram import draw
    from lineage.views.picture.figure import write_figure

    _title("7. Draw it")
    model = find_model(graph, "churn")
    for ending in ("png", "svg"):
        target = folder / f"{_PICTURE}.{ending}"
        write_figure(draw(graph, model), target)
        show(f"  {target}")


def _close(folder: Path) -> None:
    write_whole(folder / _REGISTER, _DECLARED.encode())
    _title("What is there now")
    for name, what in (
        (_CATALOG, "the catalog, an OpenMetadata stand-in in one file"),
        (_SNAPSHOT, "everything that was read, with its gaps"),
        (_PLAN, "the plan that was applied"),
        (f"{_PICTURE}.png", "the picture; also as .svg"),
        (_REGISTER, "protected attributes, as a team would declare them"),
    ):
        show(f"  {folder / name!s:<34} {what}")
    show("\nTry next:")
    program = "lineage" if which("lineage") else quote(_typed())
    files = (_CATALOG, _SNAPSHOT, _REGISTER, _PACK)
    catalog, snapshot, register, pack = (quote(str(folder / name)) for name in files)
    for words in (
        f"audit credit_risk -c {catalog}",
        f"upstream demand_forecast --columns -c {snapshot}",
        f"impact drop core.customer.email_hash -c {snapshot}",
        f"since churn 0.1 -c {catalog}",
        f"paths customers.email churn --columns -c {snapshot}",
        f"check pii -c {snapshot}",
        f"bias product_recommendation --attribute gender --register {register} -c {snapshot}",
        f"audit churn --pack {pack} -c {snapshot}",
        f"draw credit_risk -o credit_risk.svg -c {snapshot}",
        f"serve {catalog}",
    ):
        show(f"  {program} {words}")


def _typed() -> str:
    """Return how this command was called, for whoever has it on no path."""
    return sys.argv[0] if Path(sys.argv[0]).name == "lineage" else "lineage"


def _title(text: str) -> None:
    show(f"\n{text}\n{'─' * len(text)}")
