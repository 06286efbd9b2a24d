"""What a real server answered is what the catalog answers, but for what the documentation lists."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lineage.catalog.wsgi import Catalog
from tests.catalog.replay import Difference, Replay

ROOT = Path(__file__).parents[2]
RECORDED = [
    folder
    for above in ROOT.parents
    if (folder := above / "shared/data/openmetadata-server-1.12.6").is_dir()
]


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Difference]]:
    if not RECORDED:
        pytest.skip("the recorded exchanges with a server are not beside the repository")
    path = tmp_path_factory.mktemp("replay") / "catalog.db"
    with (
        Catalog(path, server_version="1.12.6", user="admin") as catalog,
        httpx.Client(
            transport=httpx.WSGITransport(app=catalog),
            base_url="http://localhost:8585",
            headers={"Authorization": f"Bearer {catalog.token}"},
        ) as client,
    ):
        return dict(Replay(catalog, client).run(RECORDED[0]))


def listed() -> Iterator[str]:
    """Read the places that the documentation lists, in the first column of its table."""
    text = (ROOT / "docs/catalog.md").read_text(encoding="utf-8")
    section = text.split("## Differences from a recorded server")[1].split("\n## ")[0]
    for row in re.findall(r"^\| (`.*?) \|", section, flags=re.MULTILINE):
        yield from re.findall(r"`(.+?)`", row)


def fits(place: str, pattern: str) -> bool:
    return re.search(rf"(?:^|[ ./]){re.escape(pattern)}$", place) is not None


def test_every_difference_is_listed(exchanges: dict[str, list[Difference]]) -> None:
    patterns = list(listed())
    differences = [one for found in exchanges.values() for one in found]
    unlisted = [
        one for one in differences if not any(fits(one.place, pattern) for pattern in patterns)
    ]
    equal = sum(not found for found in exchanges.values())
    print(f"{len(exchanges)} exchanges: {equal} equal, {len(exchanges) - equal} differ as listed")  # noqa: T201 - a figure to read
    assert unlisted == []


def test_every_listed_difference_is_met(exchanges: dict[str, list[Difference]]) -> None:
    places = {one.place for found in exchanges.values() for one in found}
    unmet = {pattern for pattern in listed() if not any(fits(place, pattern) for place in places)}
    assert unmet == set()


def test_the_documentation_counts_what_is_equal(exchanges: dict[str, list[Difference]]) -> None:
    equal = sum(not found for found in exchanges.values())
    text = (ROOT / "docs/catalog.md").read_text(encoding="utf-8")
    assert f"{equal} answers are the same" in text
    assert f"of {len(exchanges)} recorded exchanges" in text
