"""The same snapshot gives the same bytes, whatever the hash seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read
from lineage.sources.snapshot_file import write_snapshot

QUESTIONS = (
    "upstream churn --columns",
    "downstream public.customers --columns -f json",
    "paths customers.phone credit_risk --columns -f json",
    "audit -f json",
    "bias credit_risk --attribute ethnicity --register {folder}/register.toml -f json",
    "coverage -f csv",
    "plan -f json",
    "audit churn --pack {folder}",
    "draw churn -o {folder}/churn.svg",
)

REGISTER = """\
[attributes.ethnicity]
columns = ["*.ethnicity"]

[[proxies]]
name = "postcode"
attribute = "ethnicity"
columns = ["*.postcode", "*.phone"]
reason = "neighbourhoods differ"
reviewer = "fairness board"
"""


@pytest.fixture
def snapshot_file(company: Client, tmp_path: Path) -> Path:
    path = tmp_path / "snapshot.json"
    write_snapshot(read(company), path)
    (tmp_path / "register.toml").write_text(REGISTER)
    return path


def answers(snapshot_file: Path, seed: int) -> list[bytes]:
    folder = snapshot_file.parent
    code = "import sys; from lineage.cli import main; main(sys.argv[1:])"
    given = []
    for question in QUESTIONS:
        words = question.format(folder=folder).split()
        command = [sys.executable, "-c", code, *words, "-c", str(snapshot_file)]
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        ended = subprocess.run(command, capture_output=True, check=False, env=environment)
        assert ended.returncode in {0, 1}, ended.stderr
        given.append(ended.stdout)
    written = sorted(path for path in folder.iterdir() if path != snapshot_file)
    return [*given, *(path.read_bytes() for path in written)]


def test_every_answer_is_the_same_under_three_hash_seeds(snapshot_file: Path) -> None:
    first = answers(snapshot_file, 0)
    assert all(first)
    assert answers(snapshot_file, 1) == first
    assert answers(snapshot_file, 4242) == first
