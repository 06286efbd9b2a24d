from pathlib import Path

import pytest

from lineage.catalog.wsgi import Catalog
from lineage.cli import main
from lineage.files.snapshot_file import write_snapshot
from lineage.openmetadata.reader import read
from tests.cli.typing_at import Terminal
from tests.conftest import talking_to


@pytest.fixture(scope="session")
def company_snapshot(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read the sample company once, into a file that no test changes."""
    path = tmp_path_factory.mktemp("read") / "snapshot.json.gz"
    with Catalog(loaded) as catalog, talking_to(catalog) as client:
        write_snapshot(read(client), path)
    return path


@pytest.fixture
def at_company(capsys: pytest.CaptureFixture[str], company_snapshot: Path) -> Terminal:
    """Give a terminal at which commands are about the sample company."""
    return Terminal(main, capsys, company_snapshot)


@pytest.fixture(autouse=True)
def a_wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
