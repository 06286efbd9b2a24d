import re

import pytest

import lineage
from lineage.cli import VERBS, main

CALLS = [[], *([verb] for verb in VERBS)]
PYTHON = re.compile(r"list\[|<\w+|\bstr\b|\bNone\b|\bPath\b|\bbool\b")


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*words])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("words", CALLS, ids=lambda words: " ".join(words) or "lineage")
def test_help_is_asked_for_by_one_letter_too_and_has_no_type_of_python_in_it(
    capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    printed = help_of(capsys, *words, "-h")
    assert printed == help_of(capsys, *words, "--help")
    assert PYTHON.findall(printed) == []


@pytest.mark.parametrize("words", CALLS, ids=lambda words: " ".join(words) or "lineage")
@pytest.mark.parametrize("width", [64, 110])
def test_help_is_as_wide_as_the_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    width: int,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = help_of(capsys, *words, "--help").splitlines()
    assert max(map(len, lines)) <= width
    assert not any(line.endswith("...") for line in lines if not line.startswith("Usage"))


def test_the_version_is_that_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    assert help_of(capsys, "--version") == f"lineage {lineage.__version__}\n"
