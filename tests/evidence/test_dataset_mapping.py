import re
from pathlib import Path

import pytest

from lineage.errors import BrokenFile
from lineage.evidence.dataset_mapping import DatasetMapping, DatasetNames, read_dataset_names
from lineage.evidence.dataset_naming import find_naming, split_name
from lineage.evidence.openlineage_event import DatasetName
from lineage.model.entities import Entity
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Snapshot


def mapping(
    *fqns: str,
    names: DatasetNames | None = None,
    aliases: list[tuple[DatasetName, DatasetName]] | None = None,
) -> DatasetMapping:
    """Make a catalog of tables; `topic:k.orders` is of another kind, `x@Mysql` of a service."""
    entities = []
    for text in fqns:
        name, _, service = text.partition("@")
        kind, colon, fqn = name.partition(":")
        reference = Reference(kind, fqn) if colon else Reference(Kind.TABLE, name)
        entities.append(Entity(reference=reference, service_type=service or None))
    return DatasetMapping(
        Snapshot(entities=tuple(entities)), names or DatasetNames(), aliases or []
    )


NAMES = [
    (
        "awsathena://athena.eu-west-1.amazonaws.com",
        "AwsDataCatalog.shop.people",
        "athena.AwsDataCatalog.shop.people",
    ),
    ("arn:aws:glue:eu-west-1:1234", "table/shop/people", "glue.default.shop.people"),
    ("azurecosmos://host/dbs/shop", "colls/people", "cosmos.shop.default.shop.people"),
    ("azurecosmos://host/dbs/shop", "/colls/people", "cosmos.account.shop.people"),
    ("azurekusto://host.kusto.windows.net", "shop/people", "kusto.default.shop.people"),
    ("sqlserver://host:1433", "dbo.people", "mssql.shop.dbo.people"),
    ("mssql://host:1433", "shop.dbo.people", "mssql.shop.dbo.people"),
    ("mssql://host:1433", "[shop].[dbo].[people]", "mssql.shop.dbo.people"),
    ("mssql://host:1433", "server.shop.dbo.people", "mssql.shop.dbo.people"),
    ("bigquery", "project.dataset.people", "bq.project.dataset.people"),
    ("bigquery", "`project`.`dataset`.`people`", "bq.project.dataset.people"),
    ("bigquery://", "my-project.dataset.people", "bq.my-project.dataset.people"),
    ("cassandra://host:9042", "keyspace.people", "cas.default.keyspace.people"),
    ("mysql://host:3306", "shop.people", "mysql.default.shop.people"),
    ("oracle://host:1521", "ORCL.HR.EMPLOYEES", "ora.orcl.hr.employees"),
    ("postgres://host:5432", "shop.public.people", "pg.shop.public.people"),
    ("postgres://host:5432/shop", "public.people", "pg.shop.public.people"),
    ("teradata://host:1025", "shop.people", "td.default.shop.people"),
    ("redshift://cluster.eu-west-1:5439", "shop.public.people", "rs.shop.public.people"),
    ("snowflake://org-account", "SHOP.PUBLIC.PEOPLE", "snow.SHOP.PUBLIC.PEOPLE"),
    ("snowflake://org-account", '"SHOP"."Public"."People"', "snow.SHOP.Public.People"),
    ("snowflake://org-account", "shop.public.people", "snow.SHOP.PUBLIC.PEOPLE"),
    ("trino://host:8080", "catalog.schema.people", "trino.catalog.schema.people"),
    ("hive://host:10000", "shop.people", "hive.default.shop.people"),
    ("s3://lake", "raw/people", 'container:s3.lake."raw/people"'),
    ("s3://lake", "/raw/people/", "container:s3.lake.raw.people"),
    ("s3a://lake", "raw/people", "container:s3.lake.raw.people"),
    ("gs://lake", "raw/people", "container:gcs.lake.raw/people"),
    ("abfss://lake@account.dfs.core.windows.net", "/raw/people", "container:adls.lake.raw/people"),
    ("wasbs://lake@account.blob.core.windows.net", "raw/people", "container:adls.lake.raw/people"),
    ("dbfs", "/user/hive/warehouse/shop.db/people", "databricks.hive_metastore.shop.people"),
    ("hdfs://namenode:8020", "/user/hive/warehouse/shop.db/people", "hive.default.shop.people"),
    ("file", "/warehouse/shop.db/people", "hive.default.shop.people"),
    ("s3://lake", "warehouse/shop.db/people", "glue.default.shop.people"),
    ("kafka://broker:9092", "orders", "topic:kafka.orders"),
    ("kafka://broker:9092", "shop.orders.v1", 'topic:kafka."shop.orders.v1"'),
    ("pubsub", "topic:project:orders", "topic:pubsub.orders"),
    ("food_delivery", "public.people", "pg.food.public.people"),
]


@pytest.mark.parametrize(("namespace", "name", "fqn"), NAMES)
def test_a_dataset_is_found_as_its_store_makes_up_names(
    namespace: str, name: str, fqn: str
) -> None:
    match = mapping(fqn, "pg.other.schema.table").find(DatasetName(namespace, name))
    assert [item.fqn for item in match.entities] == [fqn.rpartition(":")[2]]
    assert match.doubt is None


@pytest.mark.parametrize(
    ("dataset", "doubt"),
    [
        (DatasetName("n", "shop.s.nowhere"), "is not in the catalog"),
        (DatasetName("n", "other.s.people"), "is not in the catalog"),
        (DatasetName("n", "x.people"), "is not in the catalog"),
        (DatasetName("n", ".."), "is not in the catalog"),
        (DatasetName("n", ""), "is not in the catalog"),
        (DatasetName("s3://lake", ""), "is not in the catalog"),
        (DatasetName("kafka://k", "people"), "is not in the catalog"),
        (DatasetName("pubsub", "subscription:p:people"), "is not in the catalog"),
    ],
)
def test_a_dataset_that_is_no_entity_is_outside(dataset: DatasetName, doubt: str) -> None:
    match = mapping("pg.shop.s.people").find(dataset)
    assert (match.entities, match.possible, match.doubt) == ((), (), doubt)
    assert match.is_outside


def test_a_dataset_that_may_be_several_is_none_of_them() -> None:
    match = mapping("one.s.twin", "two.s.twin").find(DatasetName("n", "s.twin"))
    assert (match.entities, match.is_outside) == ((), False)
    assert match.doubt == "may be table:one.s.twin, table:two.s.twin"
    assert len(match.possible) == 2


def test_of_many_that_may_be_meant_the_first_are_named() -> None:
    match = mapping(*(f"{service}.s.t" for service in "abcde")).find(DatasetName("n", "s.t"))
    assert str(match.doubt).endswith("table:c.s.t and 2 more")
    assert len(match.possible) == 5


def test_of_several_the_one_whose_service_is_of_that_store_is_meant() -> None:
    found = mapping("one.s.twin@Postgres", "two.s.twin@Mysql").find(
        DatasetName("mysql://h", "s.twin")
    )
    assert [item.fqn for item in found.entities] == ["two.s.twin"]
    again = mapping("one.s.twin@Postgres", "two.s.twin@Postgres")
    assert again.find(DatasetName("postgresql://h", "s.twin")).entities == ()


def test_a_name_of_one_part_is_the_only_such_entity_but_not_for_certain() -> None:
    match = mapping("pg.shop.s.people").find(DatasetName("duckdb", "people"))
    assert [item.fqn for item in match.entities] == ["pg.shop.s.people"]
    assert match.doubt == "may be another than table:pg.shop.s.people"


def test_every_name_of_a_dataset_counts() -> None:
    path, table, other = (
        DatasetName("s3://lake", "raw/people"),
        DatasetName("hive", "shop.people"),
        DatasetName("x", "y.z"),
    )
    known = mapping(
        "container:s3.lake.raw.people",
        "hive.default.shop.people",
        aliases=[(path, table), (other, table)],
    )
    for name in (path, table, other):
        found = known.find(name)
        assert [item.kind for item in found.entities] == ["container", "table"]
        assert found.doubt is None


def test_a_name_that_is_certain_beats_one_that_is_not() -> None:
    loose, sure = DatasetName("n", "people"), DatasetName("n", "shop.persons")
    known = mapping("a.shop.people", "b.shop.persons", aliases=[(loose, sure)])
    assert [item.fqn for item in known.find(loose).entities] == ["b.shop.persons"]


def test_a_person_may_say_what_datasets_are_called(tmp_path: Path) -> None:
    path = tmp_path / "names.toml"
    path.write_text(
        '[namespaces]\n"kafka://k" = "pg.shop.s"\n"s3://lake" = "lake.default"\n'
        '[datasets]\n"s3://bucket/raw/a" = "pg.shop.s.a"\n"n/typo" = "pg.shop.s.typo"\n'
    )
    known = mapping(
        "pg.shop.s.a", "pg.shop.s.b", "lake.default.raw.people", names=read_dataset_names(path)
    )
    assert [item.fqn for item in known.find(DatasetName("s3://bucket", "/raw/a")).entities] == [
        "pg.shop.s.a"
    ]
    assert [item.fqn for item in known.find(DatasetName("kafka://k", "b")).entities] == [
        "pg.shop.s.b"
    ]
    assert [item.fqn for item in known.find(DatasetName("s3://lake", "/raw/people")).entities] == [
        "lake.default.raw.people"
    ]
    lost = known.find(DatasetName("n", "typo"))
    assert lost.doubt == "is said to be pg.shop.s.typo, which is not in the catalog"
    assert not lost.is_outside
    lost = known.find(DatasetName("kafka://k", "c"))
    assert lost.doubt == "is not in the catalog under pg.shop.s"
    assert lost.is_outside


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("datasets = 1", "line 1, column 1: 'datasets' should be a table"),
        ("[dataset]", "did you mean 'datasets'?"),
        ("[", "is no TOML"),
    ],
)
def test_a_file_of_names_with_a_mistake_is_refused(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "names.toml"
    path.write_text(content)
    with pytest.raises(BrokenFile, match=re.escape(reason)):
        read_dataset_names(path)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.b", ("a", "b")),
        ('"a.b".c', ("a.b", "c")),
        ('"say ""x""".c', ('say "x"', "c")),
        ("a..b", ()),
        (".a", ()),
        ("a.", ()),
        ('"a', ()),
        ("/a//b/", ("a", "b")),
    ],
)
def test_names_are_split_as_they_are_quoted(name: str, parts: tuple[str, ...]) -> None:
    assert split_name(name) == parts


def test_a_path_with_a_pattern_is_the_folder() -> None:
    assert find_naming(DatasetName("s3://lake", "raw/people/*")).spellings[0] == (
        "lake",
        "raw/people",
    )
