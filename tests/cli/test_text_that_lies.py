"""No text of a catalog moves a cursor, reorders a line or ends it, in no output of no verb."""

import json
import unicodedata
from pathlib import Path

import pytest

from lineage.cli import main
from lineage.files.snapshot_file import write_snapshot
from lineage.views.exports.export import FORMATS
from tests.views.exports.catalogs import full_snapshot

LIE = "\x1b[31m\u202e\x9b2J\u200b\x7f\u2028\U000e0041"
"""An escape, an override of direction, a C1 control, nothing to be seen, a line's end, a tag."""

HARMFUL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
FORMS = {
    ("upstream", "churn", "--columns"): "text table json csv",
    ("downstream", "email"): "text table json csv",
    ("paths", "email", "churn", "--columns"): "text table json csv",
    ("audit", "churn"): "text table json csv",
    ("audit", "churn", "--summary"): "text table json csv",
    ("audit", "churn", "--proof"): "text json",
    ("coverage",): "text table json csv",
    ("stale",): "text table json csv",
    ("evidence",): "text table json csv",
    ("select", "+churn"): "text table json csv",
    ("plan",): "text table json csv markdown",
    ("check", "pii"): "text table json csv markdown sarif junit github",
    ("impact", "drop", "email"): "text table json csv markdown sarif",
}
COMMANDS = [
    *((*words, "-f", form) for words, forms in FORMS.items() for form in forms.split()),
    *(("export", name) for name, form in FORMATS.items() if form.is_text and form.suffix),
]


@pytest.fixture(scope="module")
def lying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a snapshot in which nearly every text lies: names, functions, SQL, people, gaps."""
    path = tmp_path_factory.mktemp("lying") / "snapshot.json"
    write_snapshot(full_snapshot(), path)
    text = path.read_text(encoding="utf-8")
    lie = json.dumps(LIE)[1:-1]
    for mark in ("mark", "MARKTYPE", "Mark.Tag", "airflow."):
        text = text.replace(mark, f"{mark}{lie}")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_nothing_harmful_is_printed(
    words: tuple[str, ...], lying: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*words, "-c", str(lying)])
    printed = capsys.readouterr()
    assert printed.out
    for text in printed:
        lines = text.replace("\r\n", "\n")  # as RFC 4180 ends the rows of a CSV file
        harmful = {one for one in lines if unicodedata.category(one) in HARMFUL} - {"\n", "\t"}
        assert {f"{ord(one):04x}" for one in harmful} == set()


@pytest.mark.parametrize(
    "words", [words for words in COMMANDS if words[-1] == "json"], ids=" ".join
)
def test_whoever_reads_json_gets_the_text_back(
    words: tuple[str, ...], lying: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*words, "-c", str(lying)])
    found = str(json.loads(capsys.readouterr().out))
    assert repr(LIE)[1:-1] in found or "mark" not in found
