"""The same snapshot gives the same bytes, whatever the hash seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.files.snapshot_file import write_snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read

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


ASK = """
import sys
from lineage.cli import main

for question in sys.argv[2:]:
    print(question)
    try:
        main([*question.split(), "-c", sys.argv[1]])
    except SystemExit as ended:
        assert ended.code in {0, 1}, question
"""


def answers(snapshot_file: Path, seed: int) -> list[bytes]:
    folder = snapshot_file.parent
    questions = [question.format(folder=folder) for question in QUESTIONS]
    command = [sys.executable, "-c", ASK, str(snapshot_file), *questions]
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    ended = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr
    written = sorted(path for path in folder.iterdir() if path != snapshot_file)
    return [*ended.stdout.splitlines(), *(path.read_bytes() for path in written)]


@pytest.mark.slow
def test_every_answer_is_the_same_under_three_hash_seeds(snapshot_file: Path) -> None:
    first = answers(snapshot_file, 0)
    assert len(first) > 10 * len(QUESTIONS)
    assert answers(snapshot_file, 1) == first
    assert answers(snapshot_file, 4242) == first
