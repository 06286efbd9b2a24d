from pathlib import Path

import pytest

from tests.lifecycle.dbt_backend import build_project
from tests.lifecycle.recordings import RECORDED

collect_ignore = ["backends"]  # run by environments of other tools


@pytest.fixture(scope="session", params=["recorded", "real"])
def dbt_target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the project with dbt itself, on DuckDB; or give what it wrote before."""
    if request.param == "recorded":
        return RECORDED / "dbt"
    return build_project(tmp_path_factory.mktemp("dbt"))


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name no catalog in the environment."""
    monkeypatch.delenv("OPENMETADATA_HOST", raising=False)
    monkeypatch.delenv("OPENMETADATA_SERVER_URL", raising=False)
