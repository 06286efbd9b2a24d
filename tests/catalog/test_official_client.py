"""OpenMetadata's own Python client against the embedded catalog, over HTTP.

The client wants another world of packages than this project, so a script of its calls runs in
an interpreter of its own.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog

PYTHON = os.environ.get("OPENMETADATA_CLIENT_PYTHON")
SCRIPT = Path(__file__).with_name("official_client.py")


@pytest.mark.skipif(
    PYTHON is None,
    reason="OPENMETADATA_CLIENT_PYTHON names no interpreter with openmetadata-ingestion",
)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("version", ["2.0.7", "1.13.0"])
def test_the_official_client_works_against_the_catalog(tmp_path: Path, version: str) -> None:
    with Catalog(tmp_path / "catalog.db", server_version=version) as catalog, start(catalog) as url:
        command = [str(PYTHON), str(SCRIPT), url, catalog.token]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["calls"] > 25
    assert told["failed"] == {}
