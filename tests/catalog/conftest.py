from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from tests.catalog.calls import REQUESTS, Body, column, label, made, put, reference, table

collect_ignore = ["official_client.py"]  # which imports what only its own interpreter has


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    seconds: float = 1_764_000_000.0

    def __call__(self) -> float:
        return self.seconds

    @property
    def milliseconds(self) -> int:
        return int(self.seconds * 1000)


@dataclass(frozen=True)
class World:
    """A small company: two tables feed a model, a pipeline carries data between the tables."""

    people: Body
    pay: Body
    churn: Body
    etl: Body
    board: Body

    @property
    def people_reference(self) -> Body:
        return reference(self.people, "table")

    @property
    def pay_reference(self) -> Body:
        return reference(self.pay, "table")

    @property
    def churn_reference(self) -> Body:
        return reference(self.churn, "mlmodel")

    @property
    def etl_reference(self) -> Body:
        return reference(self.etl, "pipeline")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def catalog(tmp_path: Path, clock: Clock) -> Iterator[Catalog]:
    with Catalog(tmp_path / "catalog.db", clock=clock) as opened:
        yield opened


@pytest.fixture
def api(catalog: Catalog) -> Iterator[httpx.Client]:
    """The catalog over real HTTP."""
    headers = {"Authorization": f"Bearer {catalog.token}"}
    with (
        start(catalog) as url,
        httpx.Client(base_url=f"{url}/api/v1/", headers=headers) as client,
    ):
        yield client


@pytest.fixture
def world(api: httpx.Client) -> World:
    for kind, service, name in (
        ("databaseServices", "Postgres", "pg"),
        ("mlmodelServices", "Mlflow", "mlf"),
        ("pipelineServices", "Airflow", "af"),
        ("dashboardServices", "Superset", "bi"),
    ):
        put(api, f"services/{kind}", name=name, serviceType=service)
    put(api, "databases", name="hr", service="pg")
    put(api, "databaseSchemas", name="public", database="pg.hr")
    address = column("address", "STRUCT", children=[column("street", "STRING"), column("-")])
    tagged = column("age", tags=[label("PII.Sensitive")])
    people = made(api, "tables", **table("people", column("id"), tagged, address))
    pay = made(api, "tables", **table("pay", column("id"), column("amount")))
    chart = put(api, "charts", name="risk", service="bi", chartType="Bar")
    charts = [chart["fullyQualifiedName"]]
    sources = [{"name": "age", "dataSource": reference(people, "table")}]
    return World(
        people=people,
        pay=pay,
        etl=made(api, "pipelines", name="etl", service="af", tasks=[{"name": "load"}]),
        board=made(api, "dashboards", name="board", service="bi", charts=charts),
        churn=made(
            api,
            "mlmodels",
            name="churn",
            service="mlf",
            algorithm="XGBoost",
            dashboard="bi.board",
            mlFeatures=[
                {"name": "age", "dataType": "numerical", "featureSources": sources},
                {"name": "salary", "dataType": "numerical"},
            ],
        ),
    )


@pytest.fixture
def every_kind(api: httpx.Client) -> dict[str, Body]:
    return {
        kind: made(api, KINDS[kind].collection, name="x", **request)
        for kind, request in REQUESTS.items()
    }
