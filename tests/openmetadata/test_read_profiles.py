from typing import Any

import pytest

from lineage.errors import RequestFailed
from lineage.model.profile import Histogram
from lineage.model.reference import Kind, Reference
from lineage.model.snapshot import Gap
from lineage.openmetadata.client import Client
from lineage.openmetadata.read_profiles import read_profiles

TABLE = "warehouse.analytics.core.customer"
SCORE = Reference(Kind.COLUMN, f"{TABLE}.churn_score")


def keep(client: Client, moment: int, **column: Any) -> None:
    identity = client.get(f"/tables/name/{TABLE}")["id"]
    body = {
        "tableProfile": {"timestamp": moment, "rowCount": 100},
        "columnProfile": [{"name": "churn_score", "timestamp": moment, **column}],
    }
    client.put(f"/tables/{identity}/tableProfile", body)


def test_profiles_are_read_as_they_were_kept(company: Client) -> None:
    bins = ["0.0 to 10.0", "10.0 to 20.0", "20.0 and up"]
    histogram = {"boundaries": bins, "frequencies": [1, 2, 3]}
    keep(company, 10, valuesCount=100, nullProportion=0.03, distinctProportion=0.9, mean=5.0)
    keep(company, 20, mean="2026-01-01", stddev=1.5, histogram=histogram)
    found = read_profiles(company, [SCORE], 15)[SCORE]
    assert not isinstance(found, Gap)
    now, then = found
    assert (then.values, then.null_share, then.distinct_share, then.mean) == (100, 0.03, 0.9, 5.0)
    assert (now.mean, now.deviation) == (None, 1.5)
    assert now.histogram == Histogram((0, 10, 20, 30), (1, 2, 3))


@pytest.mark.parametrize(
    "histogram",
    [
        {},
        {"boundaries": ["low", "high"], "frequencies": [1, 2]},
        {"boundaries": ["0.0 to 1.0"], "frequencies": [1, 2]},
        {"boundaries": ["1.0 to 0.0"], "frequencies": [1]},
        {"boundaries": ["0.0 to 1.0"], "frequencies": [0]},
        {"boundaries": ["0.0 to 1.0"], "frequencies": ["many"]},
    ],
)
def test_a_histogram_that_is_not_understood_is_none(
    company: Client, histogram: dict[str, Any]
) -> None:
    keep(company, 10, histogram=histogram)
    found = read_profiles(company, [SCORE], 15)[SCORE]
    assert not isinstance(found, Gap)
    assert found[0].histogram is None
    assert found[0].is_partly_unread == bool(histogram)


def test_what_was_measured_again_at_one_moment_is_made_over(company: Client) -> None:
    keep(company, 10, mean=1.0)
    keep(company, 10, mean=2.0)
    found = read_profiles(company, [SCORE], 15)[SCORE]
    assert not isinstance(found, Gap)
    assert [profile.mean for profile in found] == [2.0]


def test_profiles_that_do_not_come_are_a_gap(company: Client) -> None:
    gone = Reference(Kind.COLUMN, "nowhere.at.all.people.age")
    found = read_profiles(company, [gone], 15)[gone]
    assert isinstance(found, Gap)
    assert "its profiles were not read" in found.reason


def test_a_profile_that_is_no_profile_is_a_gap(company: Client) -> None:
    keep(company, 10, histogram="none")
    assert isinstance(read_profiles(company, [SCORE], 15)[SCORE], Gap)


def test_the_catalog_refuses_what_the_server_refuses(company: Client) -> None:
    identity = company.get(f"/tables/name/{TABLE}")["id"]
    bodies: list[Any] = [{}, {"tableProfile": {}}]
    bodies.append({"tableProfile": {"timestamp": 1}, "columnProfile": [{}]})
    for body in bodies:
        with pytest.raises(RequestFailed, match="must not be null"):
            company.put(f"/tables/{identity}/tableProfile", body)
    with pytest.raises(RequestFailed, match="startTs must not be null"):
        company.get(f"/tables/{TABLE}/tableProfile")
    listed = company.get(f"/tables/{TABLE}/tableProfile", {"startTs": 0, "endTs": 9})
    assert listed == {"data": [], "paging": {"before": "MA==", "after": "OQ==", "total": 0}}
