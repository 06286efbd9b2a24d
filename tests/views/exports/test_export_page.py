"""The page about exports against the formats themselves."""

import re
from pathlib import Path

import pytest

from lineage.views.exports.export import FORMATS
from lineage.views.exports.format import Fact

PAGE = (Path(__file__).parents[3] / "docs" / "export.md").read_text(encoding="utf-8")


def table_of_facts() -> str:
    head = ["fact", *(f"`{name}`" for name in FORMATS)]
    lines = [head, ["---"] * len(head)]
    for fact in Fact:
        marks = ("x" if fact in item.keeps else "" for item in FORMATS.values())
        lines.append([str(fact), *marks])
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def test_the_page_has_what_each_format_keeps() -> None:
    assert table_of_facts().replace(" ", "") in PAGE.replace(" ", "")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_on_the_page(name: str) -> None:
    assert re.search(rf"^\| [^|]*`{name}`[^|]* \|", PAGE, re.MULTILINE)
