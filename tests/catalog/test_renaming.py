"""Tags, terms and domains renamed, moved and deleted: what names them follows without a version."""

import httpx
import pytest

from tests.catalog.calls import Body, column, get, label, patch, put, reference, refused, table
from tests.catalog.conftest import World

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def law(api: httpx.Client) -> Body:
    """A classification of one's own, with a tag in a tag."""
    put(api, "classifications", name="Law", description="d")
    put(api, "tags", name="Open", classification="Law", description="d")
    return put(api, "tags", name="Wide", classification="Law", parent="Law.Open", description="d")


@pytest.fixture
def words(api: httpx.Client) -> Body:
    put(api, "glossaries", name="Words", description="d")
    return put(api, "glossaryTerms", name="Pay", glossary="Words", description="d")


def tables_tagged(api: httpx.Client, fqn: str, source: str = "Classification") -> Body:
    tag = label(fqn) | {"source": source}
    nested = column("s", "STRUCT", children=[column("inner", tags=[tag])])
    return put(api, "tables", **table("t", column("c", tags=[tag]), nested, tags=[tag]))


def rename(api: httpx.Client, path: str, name: str) -> httpx.Response:
    entity = get(api, path)
    collection = path.partition("/name/")[0]
    operation = {"op": "replace", "path": "/name", "value": name}
    return patch(api, f"{collection}/{entity['id']}", operation)


def labels(api: httpx.Client, entity: Body) -> list[str]:
    """Give the labels of a table, of a column and of a nested column."""
    shown = get(api, f"tables/{entity['id']}", fields="columns,tags")
    plain, nested = shown["columns"]
    parts = (shown, plain, nested["children"][0])
    return [tag["tagFQN"] for part in parts for tag in part["tags"]]


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("tags/name/Law.Open.Wide", "Broad", "Law.Open.Broad"),
        ("tags/name/Law.Open", "Free", "Law.Free.Wide"),
        ("classifications/name/Law", "Rules", "Rules.Open.Wide"),
        ("classifications/name/Law", "a.b", '"a.b".Open.Wide'),
    ],
)
@pytest.mark.usefixtures("law")
def test_labels_follow_a_tag_that_is_renamed(
    api: httpx.Client, path: str, name: str, expected: str
) -> None:
    entity = tables_tagged(api, "Law.Open.Wide")
    assert rename(api, path, name).status_code == 200
    assert labels(api, entity) == [expected] * 3
    assert get(api, f"tags/name/{expected}")["fullyQualifiedName"] == expected
    after = get(api, f"tables/{entity['id']}")
    assert (after["version"], after["updatedAt"]) == (entity["version"], entity["updatedAt"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [("glossaryTerms/name/Words.Pay", "Words.New"), ("glossaries/name/Words", "New.Pay")],
)
@pytest.mark.usefixtures("words")
def test_labels_follow_a_term_that_is_renamed(api: httpx.Client, path: str, expected: str) -> None:
    entity = tables_tagged(api, "Words.Pay", "Glossary")
    assert rename(api, path, "New").status_code == 200
    assert labels(api, entity) == [expected] * 3


@pytest.mark.usefixtures("words")
def test_a_classification_and_a_glossary_of_one_name_are_two_things(api: httpx.Client) -> None:
    put(api, "classifications", name="Words", description="d")
    put(api, "tags", name="Pay", classification="Words", description="d")
    entity = tables_tagged(api, "Words.Pay", "Glossary")
    rename(api, "classifications/name/Words", "New")
    assert labels(api, entity) == ["Words.Pay"] * 3


def test_a_renamed_tag_gets_a_version_and_those_in_it_get_none(
    api: httpx.Client, law: Body
) -> None:
    renamed = rename(api, "tags/name/Law.Open", "Free").json()
    assert (renamed["name"], renamed["version"]) == ("Free", 0.2)
    inside = get(api, "tags/name/Law.Free.Wide")
    assert (inside["id"], inside["version"]) == (law["id"], law["version"])


def test_a_tag_can_be_put_into_another_classification(api: httpx.Client, law: Body) -> None:
    entity = tables_tagged(api, "Law.Open.Wide")
    other = put(api, "classifications", name="Other", description="d")
    moved = patch(
        api,
        f"tags/{law['id']}",
        {"op": "remove", "path": "/parent"},
        {"op": "add", "path": "/classification", "value": reference(other, "classification")},
    )
    assert moved.json()["fullyQualifiedName"] == "Other.Wide"
    assert labels(api, entity) == ["Other.Wide"] * 3


def test_a_term_can_be_put_under_another(api: httpx.Client, words: Body) -> None:
    entity = tables_tagged(api, "Words.Pay", "Glossary")
    above = put(api, "glossaryTerms", name="Money", glossary="Words", description="d")
    under = {"op": "add", "path": "/parent", "value": reference(above, "glossaryTerm")}
    patch(api, f"glossaryTerms/{words['id']}", under)
    assert labels(api, entity) == ["Words.Money.Pay"] * 3


def test_a_tag_cannot_be_put_into_itself(api: httpx.Client, law: Body) -> None:
    above = get(api, "tags/name/Law.Open")
    for inside in (above, law):
        under = {"op": "add", "path": "/parent", "value": reference(inside, "tag")}
        refused(patch(api, f"tags/{above['id']}", under), 400, "into itself")


@pytest.mark.usefixtures("law")
def test_a_name_that_is_taken_is_refused(api: httpx.Client) -> None:
    put(api, "tags", name="Closed", classification="Law", description="d")
    refused(rename(api, "tags/name/Law.Open", "Closed"), 400, "already exists")
    assert get(api, "tags/name/Law.Open.Wide")


def test_what_comes_with_the_server_keeps_its_name(api: httpx.Client) -> None:
    refused(rename(api, "tags/name/PII.Sensitive", "Secret"), 400, "system")
    refused(rename(api, "classifications/name/PII", "Secret"), 400, "system")


def test_a_put_does_not_make_a_system_tag_ones_own(api: httpx.Client) -> None:
    put(api, "tags", name="Sensitive", classification="PII", description="d")
    refused(rename(api, "tags/name/PII.Sensitive", "Secret"), 400, "system")


def test_entities_are_in_a_renamed_domain_without_a_version(api: httpx.Client) -> None:
    put(api, "domains", name="Sales", domainType="Aggregate", description="d")
    body = {"domainType": "Aggregate", "description": "d", "parent": "Sales"}
    put(api, "domains", name="Web", **body)
    entity = put(api, "tables", **table("t", column("c"), domains=["Sales.Web"]))
    rename(api, "domains/name/Sales", "Trade")
    after = get(api, f"tables/{entity['id']}", fields="domains")
    assert [domain["fullyQualifiedName"] for domain in after["domains"]] == ["Trade.Web"]
    assert after["version"] == entity["version"]


def test_other_entities_are_not_renamed(api: httpx.Client, world: World) -> None:
    same = rename(api, f"tables/name/{world.people['fullyQualifiedName']}", "persons").json()
    assert (same["name"], same["version"]) == ("people", world.people["version"])


@pytest.mark.parametrize("hard", ["false", "true"])
@pytest.mark.parametrize("path", ["tags/name/Law.Open", "classifications/name/Law"])
@pytest.mark.usefixtures("law")
def test_labels_go_with_their_tag_for_good(api: httpx.Client, path: str, hard: str) -> None:
    entity = tables_tagged(api, "Law.Open.Wide")
    found = get(api, path)
    collection = path.partition("/")[0]
    params = {"hardDelete": hard, "recursive": "true"}
    assert api.delete(f"{collection}/{found['id']}", params=params).status_code == 200
    assert labels(api, entity) == []
    if hard == "false":
        put(api, f"{collection}/restore", id=found["id"])
        assert labels(api, entity) == []
    assert get(api, f"tables/{entity['id']}")["version"] == entity["version"]


@pytest.mark.parametrize("hard", ["false", "true"])
@pytest.mark.usefixtures("words")
def test_labels_go_with_their_term(api: httpx.Client, hard: str) -> None:
    entity = tables_tagged(api, "Words.Pay", "Glossary")
    term = get(api, "glossaryTerms/name/Words.Pay")
    api.delete(f"glossaryTerms/{term['id']}", params={"hardDelete": hard})
    assert labels(api, entity) == []


@pytest.mark.parametrize("change", ["rename", "delete"])
@pytest.mark.usefixtures("law")
def test_labels_on_features_never_follow(api: httpx.Client, world: World, change: str) -> None:
    feature = {"name": "age", "dataType": "numerical", "tags": [label("Law.Open")]}
    put(
        api, "mlmodels", name="churn", service="mlf", mlFeatures=[feature], tags=[label("Law.Open")]
    )
    if change == "rename":
        rename(api, "tags/name/Law.Open", "Free")
    else:
        tag = get(api, "tags/name/Law.Open")
        api.delete(f"tags/{tag['id']}", params={"hardDelete": "true", "recursive": "true"})
    shown = get(api, f"mlmodels/{world.churn['id']}", fields="tags")
    assert [tag["tagFQN"] for tag in shown["mlFeatures"][0]["tags"]] == ["Law.Open"]
    expected = ["Law.Free"] if change == "rename" else []
    assert [tag["tagFQN"] for tag in shown["tags"]] == expected


def test_a_term_that_is_tagged_follows_its_tag(api: httpx.Client, words: Body, law: Body) -> None:
    tag = {"op": "add", "path": "/tags", "value": [label("Law.Open.Wide")]}
    patch(api, f"glossaryTerms/{words['id']}", tag)
    entity = tables_tagged(api, "Words.Pay", "Glossary")
    rename(api, "tags/name/Law.Open", "Free")
    assert labels(api, entity) == ["Words.Pay", "Law.Free.Wide"] * 3
    api.delete(f"tags/{law['id']}")
    assert labels(api, entity) == ["Words.Pay"] * 3


# Many at once.


def assets(api: httpx.Client, owner: str, change: str, *entities: Body, **facts: bool) -> Body:
    body = {"assets": [reference(entity, "table") for entity in entities], **facts}
    return put(api, f"{owner}/assets/{change}", **body)


@pytest.mark.parametrize("kind", ["tags", "glossaryTerms"])
def test_many_are_tagged_at_once_without_a_version(
    api: httpx.Client, world: World, law: Body, words: Body, kind: str
) -> None:
    owner = f"{kind}/{(law if kind == 'tags' else words)['id']}"
    assert "jobId" in assets(api, owner, "add", world.people, world.pay)
    for entity in (world.people, world.pay):
        shown = get(api, f"tables/{entity['id']}", fields="tags")
        assert [tag["tagFQN"] for tag in shown["tags"]] == [
            "Law.Open.Wide" if kind == "tags" else "Words.Pay"
        ]
        assert shown["version"] == entity["version"]
    assets(api, owner, "remove", world.people)
    assert get(api, f"tables/{world.people['id']}", fields="tags")["tags"] == []


def test_many_are_put_in_a_domain_at_once_without_a_version(
    api: httpx.Client, world: World
) -> None:
    put(api, "domains", name="Sales", domainType="Aggregate", description="d")
    done = assets(api, "domains/Sales", "add", world.people)
    assert done["numberOfRowsPassed"] == 1
    shown = get(api, f"tables/{world.people['id']}", fields="domains")
    assert [domain["name"] for domain in shown["domains"]] == ["Sales"]
    assert shown["version"] == world.people["version"]
    assets(api, "domains/Sales", "remove", world.people)
    assert get(api, f"tables/{world.people['id']}", fields="domains")["domains"] == []


def test_a_dry_run_changes_nothing_and_what_excludes_each_other_is_reported(
    api: httpx.Client, world: World
) -> None:
    owner = f"tags/{get(api, 'tags/name/Tier.Tier1')['id']}"
    assets(api, owner, "add", world.people, dryRun=True)
    assert get(api, f"tables/{world.people['id']}", fields="tags")["tags"] == []
    assets(api, owner, "add", world.people)
    other = f"tags/{get(api, 'tags/name/Tier.Tier2')['id']}"
    assets(api, other, "add", world.people)
    shown = get(api, f"tables/{world.people['id']}", fields="tags")
    assert [tag["tagFQN"] for tag in shown["tags"]] == ["Tier.Tier1"]


@pytest.mark.parametrize(
    ("owner", "status"), [("tables/{}", 404), ("domains/None", 404), ("tags/PII.Sensitive", 404)]
)
def test_only_tags_terms_and_domains_have_assets(
    api: httpx.Client, world: World, owner: str, status: int
) -> None:
    body = {"assets": [reference(world.people, "table")]}
    path = f"{owner.format(world.people['id'])}/assets/add"
    refused(api.put(path, json=body), status)


# Inheritance.


def test_owners_and_domains_come_from_what_an_entity_is_in(api: httpx.Client, world: World) -> None:
    team = put(api, "teams", name="data", teamType="Group")
    put(api, "domains", name="Sales", domainType="Aggregate", description="d")
    owners = [reference(team, "team")]
    put(api, "databases", name="hr", service="pg", owners=owners, domains=["Sales"])
    fields = "owners,domains"
    shown = get(api, f"tables/{world.people['id']}", fields=fields)
    assert [(one["name"], one["inherited"]) for one in shown["owners"]] == [("data", True)]
    assert [(one["name"], one["inherited"]) for one in shown["domains"]] == [("Sales", True)]
    assert "owners" not in get(api, f"tables/{world.people['id']}")
    patch(api, f"tables/{world.people['id']}", {"op": "add", "path": "/displayName", "value": "P"})
    put(api, "databases", name="hr", service="pg", domains=[])
    own = put(api, "teams", name="own", teamType="Group")
    put(api, "tables", **table("people", column("id"), owners=[reference(own, "team")]))
    shown = get(api, f"tables/{world.people['id']}", fields=fields)
    assert [one["name"] for one in shown["owners"]] == ["own"]


def test_owners_of_a_service_are_not_those_of_its_dashboards(
    api: httpx.Client, world: World
) -> None:
    team = put(api, "teams", name="data", teamType="Group")
    put(api, "domains", name="Sales", domainType="Aggregate", description="d")
    service = {"name": "bi", "serviceType": "Superset", "domains": ["Sales"]}
    put(api, "services/dashboardServices", **service, owners=[reference(team, "team")])
    shown = get(api, f"dashboards/{world.board['id']}", fields="owners,domains")
    assert shown["owners"] == []
    assert [one["name"] for one in shown["domains"]] == ["Sales"]


# The index.


def test_an_index_document_lists_the_labels_of_all_columns_and_tiers_apart(
    api: httpx.Client,
) -> None:
    inner = column("inner", tags=[label("PersonalData.Personal")])
    nested = column("s", "STRUCT", children=[inner])
    put(
        api,
        "tables",
        **table("t", column("c", tags=[label("PII.None")]), nested, tags=[label("Tier.Tier1")]),
    )
    params = {"q": "*", "index": "table_search_index", "size": 100}
    hits = get(api, "search/query", **params)["hits"]["hits"]
    [found] = [hit["_source"] for hit in hits if hit["_source"]["name"] == "t"]
    assert [tag["tagFQN"] for tag in found["tags"]] == ["PII.None", "PersonalData.Personal"]
    assert found["tier"]["tagFQN"] == "Tier.Tier1"
    assert found["classificationTags"] == ["Tier.Tier1", "PII.None", "PersonalData.Personal"]
    assert found["glossaryTags"] == []
