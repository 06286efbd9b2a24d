import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.openmetadata.client import Client


@pytest.mark.parametrize("version", ["1.13", "2.0"])
def test_a_catalog_is_served_until_it_is_stopped(company_file: Path, version: str) -> None:
    command = [sys.executable, "-m", "lineage", "serve", str(company_file), "--port", "0"]
    environment = {key: text for key, text in os.environ.items() if "OPENMETADATA" not in key}
    process = subprocess.Popen(
        [*command, "--server-version", version], stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stderr is not None
    told = "".join(process.stderr.readline() for _ in range(3))
    found = re.search(r"HOST=(\S+)\n.*TOKEN=(\S+)", told)
    assert found is not None, told
    with Client(found[1], found[2]) as client:
        assert client.version == (*map(int, version.split(".")), 0)
        assert client.get("/mlmodels", {"limit": 0})["paging"]["total"] == 6
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def test_a_token_from_the_environment_is_not_reported(company_file: Path) -> None:
    command = [sys.executable, "-m", "lineage", "serve", str(company_file), "--port", "0"]
    environment = {**os.environ, "OPENMETADATA_JWT_TOKEN": "known-to-me"}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    told = process.stderr.readline() + process.stderr.readline()
    address = told.rpartition("HOST=")[2].strip()
    with Client(address, "known-to-me") as client:
        assert client.get("/mlmodels", {"limit": 0})["paging"]["total"] == 6
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert "known-to-me" not in told + errors


def test_a_port_that_is_taken_is_one_clear_line(company_file: Path) -> None:
    command = [sys.executable, "-m", "lineage", "serve", str(company_file), "--port"]
    first = subprocess.Popen([*command, "0"], stderr=subprocess.PIPE, text=True)
    assert first.stderr is not None
    told = first.stderr.readline() + first.stderr.readline()
    port = told.strip().rpartition(":")[2]
    second = subprocess.run([*command, port], capture_output=True, text=True, check=False)
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=30)
    assert second.returncode == 2
    assert "choose another port" in second.stderr
    assert len(second.stderr.splitlines()) == 1
