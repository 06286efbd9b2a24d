"""Write the file of a feature registry; run by an environment that has Feast."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
from feast import (
    Entity,
    FeatureService,
    FeatureView,
    Field,
    FileSource,
    RequestSource,
    SnowflakeSource,
)
from feast.infra.offline_stores.contrib.postgres_offline_store.postgres_source import (
    PostgreSQLSource,
)
from feast.infra.registry.registry import Registry
from feast.on_demand_feature_view import on_demand_feature_view
from feast.repo_config import RegistryConfig
from feast.types import Float64, Int64, String

PROJECT = "shop"
PERSON = Entity(name="person", join_keys=["person_id"])
REQUEST = RequestSource(name="now", schema=[Field(name="today", dtype=Int64)])
QUERY = "select person_id, sum(amount) as spent, at from crm.orders group by person_id, at"


def view(name: str, source: object, *fields: Field, **options: object) -> FeatureView:
    key = Field(name="person_id", dtype=Int64)
    return FeatureView(
        name=name,
        entities=[PERSON],
        schema=[key, *fields],
        source=source,
        ttl=timedelta(days=1),
        **options,
    )


PEOPLE = view(
    "people",
    SnowflakeSource(
        name="people_table",
        database="SHOP",
        schema="CRM",
        table="PEOPLE",
        timestamp_field="at",
        field_mapping={"age_raw": "age"},
    ),
    Field(name="age", dtype=Int64, description="In years."),
    Field(name="city", dtype=String),
    description="Who buys.",
    owner="crm-team",
)
SPENDING = view(
    "spending",
    PostgreSQLSource(name="orders_query", query=QUERY, timestamp_field="at"),
    Field(name="spent", dtype=Float64),
)
VISITS = view(
    "visits",
    FileSource(name="visits_file", path="s3://lake/visits.parquet", timestamp_field="at"),
    Field(name="age", dtype=Int64),
)


@on_demand_feature_view(sources=[PEOPLE, REQUEST], schema=[Field(name="born", dtype=Int64)])
def birth(inputs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"born": inputs["today"] - inputs["age"]})


def main() -> None:
    place = RegistryConfig(path="registry.db", registry_type="file", cache_ttl_seconds=0)
    registry = Registry(PROJECT, place, Path())
    registry.apply_entity(PERSON, PROJECT)
    for one in (PEOPLE, SPENDING, VISITS, birth):
        registry.apply_feature_view(one, PROJECT)
    service = FeatureService(
        name="churn",
        features=[PEOPLE, SPENDING, VISITS[["age"]], birth],
        description="What the churn model is given.",
        tags={"team": "growth"},
    )
    registry.apply_feature_service(service, PROJECT)
    registry.commit()


main()
