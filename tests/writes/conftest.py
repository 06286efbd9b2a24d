from pathlib import Path

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.openmetadata.client import Client
from tests.writes.shop import NAME, make_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the shop once; tests copy the file."""
    path = tmp_path_factory.mktemp("shop") / "made.db"
    with Catalog(path) as catalog, Client.in_process(catalog, catalog.token, name=NAME) as client:
        catalog.user = "alice"
        make_shop(client)
    return path
