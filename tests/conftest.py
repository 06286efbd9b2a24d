import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from lineage.catalog.sample import load_sample
from lineage.catalog.wsgi import Catalog
from lineage.openmetadata.client import Client
from lineage.openmetadata.retry import Retry

# How long an example takes says something about the machine, not about the library.
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.register_profile("quick", deadline=None, max_examples=10)
settings.load_profile("quick")  # unless --hypothesis-profile names another

SHARED = Path(__file__).parents[1].parent / "shared" / "data"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """Give an empty catalog in a file of its own."""
    with Catalog(tmp_path / "catalog.db") as catalog:
        yield catalog


@pytest.fixture
def client(catalog: Catalog) -> Iterator[Client]:
    """Talk to the catalog without a socket."""
    with talking_to(catalog) as client:
        yield client


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load the sample company once; tests copy the file."""
    path = tmp_path_factory.mktemp("sample") / "company.db"
    with Catalog(path) as catalog, talking_to(catalog) as client:
        load_sample(client)
    return path


@pytest.fixture
def company_file(loaded: Path, tmp_path: Path) -> Path:
    """Give a catalog file with the sample company in it."""
    return Path(shutil.copy(loaded, tmp_path / "company.db"))


@pytest.fixture
def company(company_file: Path) -> Iterator[Client]:
    """Talk to a catalog with the sample company in it."""
    with Catalog(company_file) as catalog, talking_to(catalog) as client:
        yield client


@pytest.fixture
def real_data() -> Path:
    """Find the real data sets, which are no part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the real data sets are not beside this checkout")
    return SHARED


def talking_to(catalog: Catalog) -> Client:
    client = Client.in_process(catalog, catalog.token, name="catalog:test")
    client.retry = Retry(tries=2, sleep=lambda _seconds: None)
    return client
