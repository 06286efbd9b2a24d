"""What entities are in is read with its tags, and a tag there that was not read is a gap."""

from typing import Any

import pytest

from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.wsgi import Catalog
from lineage.model.reference import GROUP_KINDS, Kind, Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.read_upstream import read_upstream
from lineage.openmetadata.reader import read
from tests.catalog.calls import REQUESTS, label
from tests.openmetadata.conftest import Edit, spoilt

PARENTS = {
    "table": "databaseSchema:x.x.x",
    "storedProcedure": "databaseSchema:x.x.x",
    "databaseSchema": "database:x.x",
    "database": "databaseService:x",
    "apiEndpoint": "apiCollection:x.x",
    "apiCollection": "apiService:x",
    "chart": "dashboardService:x",
    "dashboard": "dashboardService:x",
    "dashboardDataModel": "dashboardService:x",
    "topic": "messagingService:x",
    "pipeline": "pipelineService:x",
    "mlmodel": "mlmodelService:x",
    "searchIndex": "searchService:x",
    "container": "storageService:x",
}


@pytest.fixture
def every_kind(client: Client) -> Client:
    for kind, request in REQUESTS.items():
        client.put(f"/{KINDS[kind].collection}", {"name": "x", **request})
    return client


def tag(client: Client, reference: Reference, **facts: Any) -> None:
    collection = KINDS[reference.kind].collection
    found = client.get(f"/{collection}/name/{reference.fqn}")
    value = {"tags": [label("PII.Sensitive")], **facts}
    patch = [{"op": "add", "path": f"/{key}", "value": item} for key, item in value.items()]
    client.patch(f"/{collection}/{found['id']}", patch)


def container(client: Client, name: str, parent: str | None = None) -> dict[str, Any]:
    inside = {"parent": {"id": parent, "type": "container"}} if parent else {}
    columns = {"columns": [{"name": "c", "dataType": "STRING"}]}
    body = {"name": name, "service": "s3", "dataModel": columns, **inside}
    found: dict[str, Any] = client.put("/containers", body)
    return found


@pytest.fixture
def bucket(client: Client) -> Client:
    """A file in a folder in a bucket, with a sibling, and a model that reads the file."""
    client.put("/services/storageServices", {"name": "s3", "serviceType": "S3"})
    client.put("/services/mlmodelServices", {"name": "ml", "serviceType": "Mlflow"})
    folder = container(client, "folder", container(client, "bucket")["id"])
    file = container(client, "file", folder["id"])
    container(client, "sibling", folder["id"])
    source = {"name": "c", "dataSource": {"id": file["id"], "type": "container"}}
    feature = {"name": "f", "dataType": "numerical", "featureSources": [source]}
    client.put("/mlmodels", {"name": "m", "service": "ml", "mlFeatures": [feature]})
    return client


def tags_of(snapshot: Snapshot) -> dict[str, set[str]]:
    found = {str(item.reference): {tag.fqn for tag in item.tags} for item in snapshot.entities}
    return {reference: tags for reference, tags in found.items() if tags}


def tag_gaps(snapshot: Snapshot) -> dict[Reference | None, str]:
    return {gap.subject: gap.reason for gap in snapshot.gaps if gap.kind == GapKind.TAGS_NOT_READ}


def test_every_kind_of_group_is_read(every_kind: Client) -> None:
    found = read(every_kind)
    assert {entity.reference.kind for entity in found.entities} >= GROUP_KINDS
    assert found.gaps == ()
    assert found.edges == ()


def test_every_entity_names_what_it_is_in(every_kind: Client) -> None:
    found = {item.reference.kind: item.parent for item in read(every_kind).entities}
    named = {kind: str(parent) for kind, parent in found.items() if parent is not None}
    assert named == PARENTS


def test_tags_and_owners_of_groups_are_read(every_kind: Client) -> None:
    groups = [item for item in read(every_kind).entities if item.reference.kind in GROUP_KINDS]
    team = every_kind.get("/teams/name/x")
    for group in groups:
        tag(every_kind, group.reference, owners=[{"id": team["id"], "type": "team"}])
    found = {item.reference: item for item in read(every_kind).entities}
    for group in groups:
        assert [tag.fqn for tag in found[group.reference].tags] == ["PII.Sensitive"]
        assert found[group.reference].owners == (Reference("team", "x"),)


def test_a_container_is_in_the_container_around_it(bucket: Client) -> None:
    found = {item.reference.fqn: item.parent for item in read(bucket).entities}
    assert found["s3.bucket"] == Reference(Kind.STORAGE_SERVICE, "s3")
    assert found["s3.bucket.folder.file"] == Reference(Kind.CONTAINER, "s3.bucket.folder")


def test_a_domain_is_in_the_domain_around_it(client: Client) -> None:
    body = {"domainType": "Aggregate", "description": "d"}
    client.put("/domains", {"name": "sales", **body})
    client.put("/domains", {"name": "web", "parent": "sales", **body})
    found = {str(item.reference): item.parent for item in read(client).entities}
    assert found["domain:sales.web"] == Reference(Kind.DOMAIN, "sales")
    assert found["domain:sales"] is None


@pytest.mark.parametrize("status", ["403 Forbidden", "500 Broken", "404 Not Found"])
def test_groups_whose_list_is_not_read_are_gaps_by_name(sample: Catalog, status: str) -> None:
    with spoilt(sample, "/v1/databaseSchemas", status) as client:
        found = read(client)
    schemas = {item.parent for item in found.entities if item.reference.kind == "table"}
    assert len(schemas) == 8
    assert tag_gaps(found).keys() == schemas
    assert all(reason.startswith("list of databaseSchemas") for reason in tag_gaps(found).values())


def test_a_group_that_is_not_among_those_listed_is_a_gap(sample: Catalog) -> None:
    def without_retail(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/domains"):
            content["data"] = [item for item in content["data"] if item["name"] != "Retail"]
            content["paging"]["total"] -= 1

    with spoilt(sample, edit=without_retail) as client:
        gaps = tag_gaps(read(client))
    assert gaps.keys() == {Reference(Kind.DOMAIN, "Retail")}


def test_an_entity_that_does_not_say_what_it_is_in_is_a_gap(sample: Catalog) -> None:
    def nowhere(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/mlmodels"):
            del content["data"][0]["service"]

    with spoilt(sample, edit=nowhere) as client:
        [(subject, reason)] = tag_gaps(read(client)).items()
    assert subject is not None
    assert subject.kind == Kind.MLMODEL
    assert "what it is in" in reason


def test_the_lists_of_groups_cost_one_request_each(company: Client) -> None:
    read(company)  # the version is asked for once
    before = company.requests_sent
    read(company)
    entities, labels, index = 12, 2, 13
    assert company.requests_sent - before == entities + len(GROUP_KINDS) + labels + index


# What is upstream of one model alone.


def test_upstream_of_a_model_holds_what_all_of_it_is_in(company: Client) -> None:
    whole = {item.reference: item for item in read(company).entities}
    found = read_upstream(company, Reference(Kind.MLMODEL, "mlflow.churn"))
    for entity in found.entities:
        assert entity == whole[entity.reference]
        for group in (entity.parent, *entity.domains):
            assert group is None or group in {item.reference for item in found.entities}


def test_upstream_of_a_model_holds_the_containers_around_a_file_and_not_those_beside_it(
    bucket: Client,
) -> None:
    tag(bucket, Reference(Kind.CONTAINER, "s3.bucket"))
    tag(bucket, Reference(Kind.STORAGE_SERVICE, "s3"))
    found = read_upstream(bucket, Reference(Kind.MLMODEL, "ml.m"))
    assert tags_of(found).keys() == {"container:s3.bucket", "storageService:s3"}
    assert "s3.bucket.folder.sibling" not in {item.reference.fqn for item in found.entities}


def test_upstream_of_a_model_goes_on_from_the_containers_around_a_file(bucket: Client) -> None:
    raw = container(bucket, "raw")
    around = bucket.get("/containers/name/s3.bucket")
    ends = [{"id": item["id"], "type": "container"} for item in (raw, around)]
    bucket.put("/lineage", {"edge": {"fromEntity": ends[0], "toEntity": ends[1]}})
    found = read_upstream(bucket, Reference(Kind.MLMODEL, "ml.m"))
    assert [edge.upstream.fqn for edge in found.edges if edge.upstream.fqn == "s3.raw"]
    assert "s3.raw" in {item.reference.fqn for item in found.entities}


def test_upstream_of_a_model_holds_what_is_in_a_container_that_feeds_it(bucket: Client) -> None:
    raw = container(bucket, "raw")
    container(bucket, "deep", container(bucket, "inner", raw["id"])["id"])
    tag(bucket, Reference(Kind.CONTAINER, "s3.raw.inner.deep"))
    model = bucket.get("/mlmodels/name/ml.m")
    ends = [{"id": raw["id"], "type": "container"}, {"id": model["id"], "type": "mlmodel"}]
    bucket.put("/lineage", {"edge": {"fromEntity": ends[0], "toEntity": ends[1]}})
    found = read_upstream(bucket, Reference(Kind.MLMODEL, "ml.m"))
    assert tags_of(found).keys() == {"container:s3.raw.inner.deep"}


@pytest.mark.parametrize("status", ["403 Forbidden", "500 Broken"])
def test_what_cannot_be_read_of_the_groups_upstream_is_a_gap(sample: Catalog, status: str) -> None:
    with spoilt(sample, "/v1/databases/", status) as client:
        found = read_upstream(client, Reference(Kind.MLMODEL, "mlflow.churn"))
    assert {str(subject) for subject in tag_gaps(found)} == {
        "database:shop_postgres.shop",
        "database:warehouse.analytics",
        "database:warehouse.ml",
    }


@pytest.mark.usefixtures("bucket")
def test_contents_that_cannot_be_read_are_a_gap(catalog: Catalog) -> None:
    with spoilt(catalog, "fields=children", "500 Broken") as client:
        found = read_upstream(client, Reference(Kind.MLMODEL, "ml.m"))
    assert [gap.subject for gap in found.gaps if "its children" in gap.reason] == [
        Reference(Kind.CONTAINER, "s3.bucket.folder.file")
    ]


# What does not come, and what comes twice.


def gaps_after(sample: Catalog, edit: Edit) -> list[Gap]:
    with spoilt(sample, edit=edit) as client:
        return list(read(client).gaps)


@pytest.mark.parametrize("value", ["gone", None])
@pytest.mark.parametrize("place", ["entity", "column", "nested column"])
def test_tags_that_do_not_come_are_a_gap_at_the_entity(
    sample: Catalog, place: str, value: str | None
) -> None:
    def untagged(path: str, content: dict[str, Any]) -> None:
        if not path.endswith("/tables"):
            return
        [item] = [one for one in content["data"] if one["name"] == "customers"]
        if place == "column":
            item = item["columns"][0]
        if place == "nested column":
            [address] = [one for one in item["columns"] if one["name"] == "address"]
            item = address["children"][0]
        if value is None:
            item["tags"] = None
        else:
            del item["tags"]

    [gap] = gaps_after(sample, untagged)
    assert gap.kind == GapKind.TAGS_NOT_READ
    assert gap.subject == Reference("table", "shop_postgres.shop.public.customers")


def test_a_feature_without_tags_is_no_gap_since_servers_leave_out_what_is_empty(
    sample: Catalog,
) -> None:
    def untagged(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/mlmodels"):
            for model in content["data"]:
                for feature in model.get("mlFeatures", ()):
                    feature.pop("tags", None)

    assert gaps_after(sample, untagged) == []


def test_columns_of_one_name_are_both_kept(sample: Catalog) -> None:
    def doubled(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/tables"):
            [item] = [one for one in content["data"] if one["name"] == "customers"]
            item["columns"].append({**item["columns"][1], "tags": []})

    with spoilt(sample, edit=doubled) as client:
        found = read(client)
    [table] = [item for item in found.entities if item.reference.fqn.endswith("public.customers")]
    emails = [column for column in table.columns if column.name == "email"]
    assert [len(column.tags) for column in emails] == [1, 0]
    assert found.gaps == ()


def test_an_entity_listed_twice_with_other_content_is_a_gap(sample: Catalog) -> None:
    def twice(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/metrics"):
            item = content["data"][0]
            content["data"].append({**item, "description": "another"})

    with spoilt(sample) as client:
        client.put("/metrics", {"name": "revenue"})
    [gap] = gaps_after(sample, twice)
    assert (gap.kind, gap.subject) == (GapKind.DUPLICATE, Reference("metric", "revenue"))


def test_an_entity_listed_twice_alike_is_no_gap(sample: Catalog) -> None:
    def twice(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/charts"):
            content["data"].append(content["data"][0])

    assert gaps_after(sample, twice) == []


def test_two_entities_of_one_name_are_a_gap_whatever_comes_first(sample: Catalog) -> None:
    def renamed(path: str, content: dict[str, Any]) -> None:
        if path.endswith("/charts"):
            first, second, *_ = content["data"]
            second["fullyQualifiedName"] = first["fullyQualifiedName"]

    def turned(path: str, content: dict[str, Any]) -> None:
        renamed(path, content)
        if path.endswith("/charts"):
            content["data"].reverse()

    snapshots = []
    for edit in (renamed, turned):
        with spoilt(sample, edit=edit) as client:
            snapshots.append(read(client))
    first, second = snapshots
    assert [gap.kind for gap in first.gaps] == [GapKind.DUPLICATE]
    assert (first.entities, first.gaps) == (second.entities, second.gaps)


def test_a_server_that_knows_no_certification_is_read_without_it(sample: Catalog) -> None:
    def old(_path: str, query: str) -> str | None:
        return "Invalid field name certification" if "certification" in query else None

    with spoilt(sample, old) as client:
        whole = read(client)
        part = read_upstream(client, Reference(Kind.MLMODEL, "mlflow.churn"))
    assert whole.gaps == ()
    assert {gap.kind for gap in part.gaps} == {GapKind.DOWNSTREAM_NOT_READ}


def test_a_server_that_knows_no_tags_is_not_read_without_them(sample: Catalog) -> None:
    def odd(path: str, _query: str) -> str | None:
        return "Invalid field name tags" if path.endswith("/metrics") else None

    with spoilt(sample, odd) as client:
        [gap] = read(client).gaps
    assert gap.kind == GapKind.ENTITIES_NOT_READ
    assert "Invalid field name tags" in gap.reason
