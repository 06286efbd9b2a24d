import httpx
import pytest

from tests.catalog.calls import Body, get, patch, put, refused
from tests.catalog.conftest import World

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def me(api: httpx.Client) -> Body:
    return get(api, "users/loggedInUser")


def test_the_user_of_the_token_is_known(me: Body) -> None:
    assert (me["name"], me["isBot"]) == ("ingestion-bot", True)


def test_a_user_follows_and_leaves(api: httpx.Client, world: World, me: Body) -> None:
    path = f"mlmodels/{world.churn['id']}"
    api.put(f"{path}/followers", json=me["id"])
    reply = api.put(f"{path}/followers", json=me["id"])
    assert reply.status_code == 200
    event = reply.json()
    assert (event["eventType"], event["entityType"]) == ("entityUpdated", "mlmodel")
    [added] = event["changeDescription"]["fieldsAdded"]
    assert (added["name"], added["newValue"][0]["name"]) == ("followers", "ingestion-bot")
    shown = get(api, path, fields="followers")
    assert [one["name"] for one in shown["followers"]] == ["ingestion-bot"]
    assert shown["version"] == 0.1
    assert "followers" not in get(api, path)
    reply = api.delete(f"{path}/followers/{me['id']}")
    assert reply.json()["changeDescription"]["fieldsDeleted"][0]["name"] == "followers"
    assert get(api, path, fields="followers")["followers"] == []


def test_a_user_has_one_vote(api: httpx.Client, world: World, me: Body) -> None:
    path = f"tables/{world.pay['id']}"
    for vote, counts in (("votedUp", (1, 0)), ("votedDown", (0, 1)), ("unVoted", (0, 0))):
        event = put(api, f"{path}/vote", updatedVoteType=vote)
        assert event["changeDescription"]["fieldsUpdated"][0]["newValue"] == vote
        votes = get(api, path, fields="votes")["votes"]
        assert (votes["upVotes"], votes["downVotes"]) == counts
        assert [one["id"] for one in votes["upVoters"]] == [me["id"]] * counts[0]


def test_reactions_outlast_other_writes(api: httpx.Client, world: World, me: Body) -> None:
    path = f"mlmodels/{world.churn['id']}"
    api.put(f"{path}/followers", json=me["id"])
    put(api, f"{path}/vote", updatedVoteType="votedUp")
    patch(api, path, {"op": "remove", "path": "/followers"}, {"op": "remove", "path": "/votes"})
    patch(api, path, {"op": "add", "path": "/description", "value": "x"})
    put(api, "mlmodels", name="churn", service="mlf", algorithm="XGBoost")
    shown = get(api, path, fields="followers,votes")
    assert (len(shown["followers"]), shown["votes"]["upVotes"]) == (1, 1)


def test_a_reaction_that_does_not_fit_is_refused(api: httpx.Client, world: World, me: Body) -> None:
    path = f"mlmodels/{world.churn['id']}"
    refused(api.put(f"{path}/followers", json=NOBODY), 404, f"user instance for {NOBODY}")
    refused(api.put(f"{path}/followers", json={"id": NOBODY}), 400)
    refused(api.put(f"{path}/vote", json={"updatedVoteType": "often"}), 400)
    refused(api.put(f"mlmodels/{NOBODY}/followers", json=me["id"]), 404)
    refused(api.put(f"users/{me['id']}/followers", json=me["id"]), 404)
