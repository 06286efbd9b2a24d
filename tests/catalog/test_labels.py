import httpx
import pytest

from tests.catalog.calls import Body, column, get, label, patch, put, refused, table
from tests.catalog.conftest import World

pytestmark = pytest.mark.usefixtures("world")


def tags(entity: Body) -> list[tuple[str, str]]:
    return sorted((tag["tagFQN"], tag["labelType"]) for tag in entity["tags"])


@pytest.mark.parametrize(
    "fqn",
    [
        *("PII.None", "PII.NonSensitive", "PII.Sensitive"),
        *("PersonalData.Personal", "PersonalData.SpecialCategory"),
        *("Tier.Tier1", "Tier.Tier5", "Certification.Gold"),
    ],
)
def test_the_tags_that_every_server_has_are_there(api: httpx.Client, fqn: str) -> None:
    assert get(api, f"tags/name/{fqn}")["classification"]["name"] == fqn.split(".", maxsplit=1)[0]


def test_a_label_is_filled_in_from_its_tag(world: World) -> None:
    [tag] = world.people["columns"][1]["tags"]
    assert tag["name"] == "Sensitive"
    assert (tag["labelType"], tag["state"]) == ("Manual", "Confirmed")


def test_labels_that_exclude_each_other_are_refused(api: httpx.Client) -> None:
    both = [label("PII.None"), label("PII.Sensitive")]
    refused(api.put("tables", json=table("t", column("c", tags=both))), 400, "mutually exclusive")
    fine = [label("PersonalData.Personal"), label("PersonalData.SpecialCategory")]
    assert api.put("tables", json=table("t", column("c", tags=fine))).status_code == 201


def test_a_put_that_would_join_labels_that_exclude_each_other_is_refused(api: httpx.Client) -> None:
    put(api, "tables", **table("t", column("c"), tags=[label("Tier.Tier1")]))
    again = table("t", column("c"), tags=[label("Tier.Tier2")])
    refused(api.put("tables", json=again), 400, "mutually exclusive")


def test_a_label_without_a_source_is_refused(api: httpx.Client) -> None:
    broken = table("t", column("c"), tags=[{"tagFQN": "PII.None"}])
    refused(api.put("tables", json=broken), 400, "source must not be null")


def test_a_suggested_label_stays_suggested(api: httpx.Client) -> None:
    suggested = label("PII.Sensitive", state="Suggested", labelType="Generated")
    entity = put(api, "tables", **table("t", column("c"), tags=[suggested]))
    assert [tag["state"] for tag in entity["tags"]] == ["Suggested"]


def test_a_glossary_term_brings_its_own_tags_as_derived(api: httpx.Client) -> None:
    put(api, "glossaries", name="Words", description="d")
    secret = [label("PII.Sensitive")]
    term = put(api, "glossaryTerms", name="Salary", glossary="Words", description="d", tags=secret)
    sent = {"tagFQN": term["fullyQualifiedName"], "source": "Glossary"}
    entity = put(api, "tables", **table("t", column("c"), tags=[sent]))
    assert tags(entity) == [("PII.Sensitive", "Derived"), ("Words.Salary", "Manual")]
    # What was derived is worked out afresh, also when a client sends it back.
    same = patch(api, f"tables/{entity['id']}", {"op": "add", "path": "/displayName", "value": "T"})
    assert tags(same.json()) == tags(entity)
    patch(api, f"glossaryTerms/{term['id']}", {"op": "remove", "path": "/tags/0"})
    assert tags(get(api, f"tables/{entity['id']}", fields="tags")) == [("Words.Salary", "Manual")]


def test_a_term_under_a_term_is_named_after_it(api: httpx.Client) -> None:
    put(api, "glossaries", name="Words", description="d")
    put(api, "glossaryTerms", name="Pay", glossary="Words", description="d")
    parent = {"parent": "Words.Pay", "glossary": "Words"}
    below = put(api, "glossaryTerms", name="Bonus", description="d", **parent)
    assert below["fullyQualifiedName"] == "Words.Pay.Bonus"


def test_a_classification_of_ones_own_can_be_used(api: httpx.Client) -> None:
    put(api, "classifications", name="Law", description="d", mutuallyExclusive=True)
    for name in ("Open", "Closed"):
        put(api, "tags", name=name, classification="Law", description="d")
    both = [label("Law.Open"), label("Law.Closed")]
    refused(api.put("tables", json=table("t", column("c"), tags=both)), 400, "Law.Open")


def test_a_label_whose_tag_is_gone_is_gone_too(api: httpx.Client, world: World) -> None:
    tag = get(api, "tags/name/PII.Sensitive")
    api.delete(f"tags/{tag['id']}", params={"hardDelete": "true"})
    columns = get(api, f"tables/{world.people['id']}", fields="columns,tags")["columns"]
    assert columns[1]["tags"] == []
