"""Catalogs for exports: one that has every fact there is, and ones with hostile names."""

from hypothesis import strategies as st

from lineage import fqn
from lineage.model.edges import ColumnEdge, Edge, Evidence, Influence
from lineage.model.entities import (
    Column,
    Entity,
    Feature,
    FeatureSource,
    HyperParameter,
    MlModel,
    Pipeline,
    Tag,
)
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot

__all__ = ["HOSTILE", "MARKS", "full_snapshot", "hostile_snapshots"]

HOSTILE = (
    "dim.product",
    'he said "no"',
    "it's",
    "=1+1",
    "+49 30",
    "-2",
    "@SUM(A1)",
    "\t=cmd",
    "a;=1+1",
    "a,b",
    "a|b",
    "a:b",
    "a/b\\c",
    "<b>&amp;</b>",
    "two\nlines",
    "carriage\rreturn",
    "bell\x07",
    "\x1b[31mred",
    "exe\u202etxt",
    "zero\u200bwidth",
    "line\u2028separator",
    "half\ud800",
    "\ufffe",
    "\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "e\u0301",
    "Straße",
    "end",
    "subgraph",
    "label",
    "Upper",
    "UPPER",
    "upper",
    "#quot;",
    "`code`",
    "$where",
    "{x}",
    "[x](javascript:1)",
    "\\u0041",
    "C:\\new",
    "%22",
    "_:b0",
    " space ",
    "n" * 300,
)
"""Names that break, reorder or run where they are not quoted."""

MARKS = {
    "columns and features": "mark_column",
    "what is in what": "mark_schema",
    "server ids": "mark-id",
    "descriptions": "mark description",
    "data types": "MARKTYPE",
    "tags": "Mark.Tag",
    "owners and domains": "mark_owner",
    "how models were made": "mark algorithm",
    "functions": "mark_function(x)",
    "jobs": "mark_job",
    "SQL and descriptions of edges": "mark sql",
    "who recorded what, and when": "mark_author",
    "gaps": "mark reason",
}
"""A text for each fact that is one: where it is in an export, the fact is."""

_TABLE = Reference(Kind.TABLE, "pg.shop.mark_schema.people")
_MADE = Reference(Kind.TABLE, "pg.shop.mark_schema.clean")
_OLD = Reference(Kind.TABLE, "pg.shop.mark_schema.old")
_MODEL = Reference(Kind.MLMODEL, "mlflow.churn")
_JOB, _OTHER_JOB = (Reference(Kind.PIPELINE, f"airflow.{name}") for name in ("mark_job", "other"))
_SENSITIVE = (Tag(fqn="PII.Sensitive"), Tag(fqn="Mark.Tag", state="Suggested"))


def full_snapshot() -> Snapshot:
    """Make a catalog that has every fact of `Fact`, each text with a mark of its own."""
    schema = Reference(Kind.DATABASE_SCHEMA, "pg.shop.mark_schema")
    people = Entity(
        reference=_TABLE,
        id="00000000-0000-4000-8000-00000mark-id",
        display_name="People",
        description="mark description",
        service="pg",
        service_type="Postgres",
        parent=schema,
        owners=(Reference("team", "mark_owner"),),
        domains=(Reference(Kind.DOMAIN, "sales"),),
        tags=(Tag(fqn="Tier.Tier1"),),
        certification="Certification.Gold",
        columns=(
            Column(name="email", fqn=f"{_TABLE.fqn}.email", data_type="MARKTYPE", tags=_SENSITIVE),
            Column(name="mark_column", fqn=f"{_TABLE.fqn}.mark_column", data_type="INT"),
            Column(name="age", fqn=f"{_TABLE.fqn}.age", data_type="INT", tags=_SENSITIVE[:1]),
        ),
        version=0.3,
        updated_at=1764000000000,
        updated_by="mark_author",
    )
    clean = Entity(
        reference=_MADE,
        id="11111111-1111-4111-8111-111111111111",
        service="pg",
        service_type="Postgres",
        parent=schema,
        columns=tuple(
            Column(name=name, fqn=f"{_MADE.fqn}.{name}", data_type=kind)
            for name, kind in (("mail", "VARCHAR"), ("code", "INT"), ("grown", "BOOLEAN"))
        ),
    )
    old = Entity(reference=_OLD, id="22222222-2222-4222-8222-222222222222", deleted=True)
    jobs = tuple(
        Pipeline(reference=job, id=f"{n}3333333-3333-4333-8333-333333333333", display_name="Job")
        for n, job in enumerate((_JOB, _OTHER_JOB))
    )
    group = Entity(reference=schema, id="44444444-4444-4444-8444-444444444444")
    return Snapshot(
        server="https://metadata.example.com",
        server_version="2.0.7",
        read_at="2026-11-01T12:00:00+00:00",
        entities=(people, clean, old, *jobs, group, _model()),
        edges=_edges(),
        gaps=(Gap(GapKind.EDGES_NOT_READ, _OLD, "mark reason"),),
    )


def _model() -> MlModel:
    features = (
        Feature(
            name="mail",
            fqn="mlflow.churn.mail",
            data_type="categorical",
            description="A digest.",
            algorithm="hashed",
            sources=(FeatureSource(name="mail", data_type="string", entity=_MADE),),
        ),
        Feature(
            name="grown",
            fqn="mlflow.churn.grown",
            data_type="numerical",
            sources=(FeatureSource(name="grown", entity=_MADE),),
        ),
        Feature(
            name="lost",
            fqn="mlflow.churn.lost",
            sources=(FeatureSource(name="nowhere", entity=_MADE),),
        ),
    )
    return MlModel(
        reference=_MODEL,
        id="55555555-5555-4555-8555-555555555555",
        display_name="Churn",
        description="Who will leave.",
        service="mlflow",
        service_type="Mlflow",
        owners=(Reference("user", "mark_owner"),),
        tags=(Tag(fqn="Mark.Tag"),),
        algorithm="mark algorithm",
        features=features,
        hyper_parameters=(HyperParameter(name="depth", value="7", description="How deep."),),
        target="left",
        server="https://models.example.com/churn",
        storage="s3://models/churn",
        source_url="https://mlflow.example.com/churn",
        version=1.2,
    )


def _edges() -> tuple[Edge, ...]:
    hashed = ColumnEdge(
        upstream=(f"{_TABLE.fqn}.email",), downstream=f"{_MADE.fqn}.mail", function="md5(email)"
    )
    stated = ColumnEdge(
        upstream=(f"{_TABLE.fqn}.mark_column",),
        downstream=f"{_MADE.fqn}.code",
        function="mark_function(x)",
        masking=True,
        evidence_source="OpenLineage, events.json",
    )
    chosen = ColumnEdge(
        upstream=(f"{_TABLE.fqn}.age",),
        downstream=f"{_MADE.fqn}.grown",
        influence=Influence.CONDITION,
    )
    filtered = ColumnEdge(
        upstream=(f"{_TABLE.fqn}.age",), downstream=_MADE.fqn, influence=Influence.FILTER
    )
    evidence = Evidence(
        recorded_as="QueryLineage",
        pipeline=_JOB,
        sql="insert into clean\nselect 'mark sql'",
        description="Nightly.",
        created_at=1764000000000,
        created_by="mark_author",
        updated_at=1764000000000,
        updated_by="mark_author",
    )
    mapped = (hashed, stated, chosen, filtered)
    return (
        Edge(upstream=_TABLE, downstream=_MADE, column_edges=mapped, evidence=evidence),
        Edge(upstream=_TABLE, downstream=_MADE, evidence=Evidence(pipeline=_OTHER_JOB)),
        Edge(upstream=_OLD, downstream=_MADE, evidence=Evidence(recorded_as="Manual")),
    )


@st.composite
def hostile_snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw a table, another made of it, and a model, all of whose names are hostile."""
    name = st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=8)
    tables = draw(st.lists(name, min_size=2, max_size=2, unique=True))
    columns = draw(st.lists(name, min_size=1, max_size=3, unique=True))
    service, model = draw(name), draw(name)
    references = [Reference(Kind.TABLE, fqn.join(service, "s", table)) for table in tables]
    entities = [
        Entity(
            reference=reference,
            id=str(number),
            description=draw(name),
            columns=tuple(
                Column(name=column, fqn=f"{reference.fqn}.{fqn.quote(column)}")
                for column in columns
            ),
        )
        for number, reference in enumerate(references)
    ]
    first, second = references
    mappings = tuple(
        ColumnEdge(
            upstream=(f"{first.fqn}.{fqn.quote(column)}",),
            downstream=f"{second.fqn}.{fqn.quote(column)}",
            function=draw(name),
        )
        for column in columns
    )
    evidence = Evidence(recorded_as="Manual", sql=draw(name), description=draw(name))
    feature = Feature(
        name=columns[0],
        fqn=fqn.join(service, model, columns[0]),
        description=draw(name),
        sources=(FeatureSource(name=columns[0], entity=second),),
    )
    made = MlModel(
        reference=Reference(Kind.MLMODEL, fqn.join(service, model)),
        id="m",
        description=draw(name),
        algorithm=draw(name),
        features=(feature,),
    )
    edge = Edge(upstream=first, downstream=second, column_edges=mappings, evidence=evidence)
    return Snapshot(entities=(*entities, made), edges=(edge,))
