import json
import tomllib
from datetime import date
from pathlib import Path

import pytest

from lineage.errors import BrokenFile, MistakenFile, UnknownEntity
from lineage.files.document_file import parse_document
from lineage.files.register_file import make_register, read_register
from lineage.model.register import Association, Attribute, Proxy, Register

WHOLE = """\
# Agreed in March.
[attributes.gender]
tags = ["Fairness.Gender"]
columns = ["*.gender", "*.sex"]
testing = ["*.fairness_report"]

[attributes."ethnic origin"]
columns = [
    "*.ethnicity",
]

[[proxies]]
name = "postcode"
attribute = "ethnic origin"
columns = ["*.postcode"]
reason = '''
[[proxies]] of a sort: neighbourhoods differ'''
evidence = "study 7"
reviewer = "fairness board"
expires = 2026-06-30
association = { measure = "Cramér's V", value = 0.41, run = "mlflow run 8c1f" }
"""


def parse_register(text: str) -> Register:
    return make_register(parse_document(text, name="r.toml"))


def test_a_register_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "register.toml"
    path.write_text(WHOLE, encoding="utf-8")
    assert read_register(path) == Register(
        attributes=(
            Attribute(
                name="gender",
                tags=("Fairness.Gender",),
                columns=("*.gender", "*.sex"),
                testing=("*.fairness_report",),
            ),
            Attribute(name="ethnic origin", columns=("*.ethnicity",)),
        ),
        proxies=(
            Proxy(
                name="postcode",
                attribute="ethnic origin",
                columns=("*.postcode",),
                reason="[[proxies]] of a sort: neighbourhoods differ",
                evidence="study 7",
                reviewer="fairness board",
                expires=date(2026, 6, 30),
                association=Association(measure="Cramér's V", value=0.41, run="mlflow run 8c1f"),
            ),
        ),
    )


@pytest.mark.parametrize("form", ["register.yaml", "register.json"])
def test_a_register_says_the_same_in_every_form(form: str) -> None:
    text = json.dumps(tomllib.loads(WHOLE), default=str, indent=1)
    found = make_register(parse_document(text, name=form))
    assert found == parse_register(WHOLE)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "columns = [\n",
            "column = [\n",
            "line 8, column 1: there is no key 'column' here; did you mean 'columns'?",
        ),
        (
            "[attributes.gender]",
            "[attribute.gender]",
            "line 2, column 1: there is no key 'attribute' here; did you mean 'attributes'?",
        ),
        ('reviewer = "fairness board"\n', "", "line 12, column 1: 'reviewer' is missing"),
        ('"fairness board"', "7", "line 19, column 1: 'reviewer' should be a text"),
        (
            '"fairness board"',
            '""',
            "line 19, column 1: 'reviewer' should not be empty",
        ),
        ("2026-06-30", '"soon"', "line 20, column 1: 'expires' should be a day like 2027-01-31"),
        (
            "value = 0.41",
            "values = 0.41",
            "line 21, column 41: there is no key 'values' here; did you mean 'value'?",
        ),
        (
            'attribute = "ethnic origin"',
            'attribute = "ethnic"',
            "line 14, column 1: no such attribute as 'ethnic'; did you mean 'ethnic origin'?",
        ),
        (
            'columns = ["*.postcode"]\n',
            "",
            "line 12, column 1: 'postcode' names no tags and no columns that hold it",
        ),
        (
            'name = "postcode"',
            'name = "postcode',
            "line 13, column 17: is no TOML: Illegal character '\\n'",
        ),
        ("[attributes.gender]", "[attributes.gender", "line 2, column 19: is no TOML"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_what_may_be_meant(
    old: str, new: str, told: str
) -> None:
    assert old in WHOLE
    with pytest.raises(BrokenFile) as caught:
        parse_register(WHOLE.replace(old, new))
    assert told in str(caught.value)


def test_all_mistakes_are_reported_at_once() -> None:
    text = WHOLE.replace("reviewer", "reviewr").replace('["Fairness.Gender"]', "[1]")
    with pytest.raises(MistakenFile) as caught:
        parse_register(text)
    assert [mistake[:2] for mistake in caught.value.mistakes] == [(3, 9), (12, 1), (19, 1)]
    assert (caught.value.line, caught.value.column) == (3, 9)


def test_a_proxy_declared_twice_is_refused() -> None:
    twice = WHOLE + WHOLE[WHOLE.index("[[proxies]]\nname") :]
    with pytest.raises(BrokenFile, match=r"line 23, column 1: 'postcode' is declared twice"):
        parse_register(twice)


def test_an_empty_register_says_what_it_lacks() -> None:
    with pytest.raises(BrokenFile, match="line 1, column 1: 'attributes' is missing"):
        parse_register("")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_one_clear_error(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "register.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BrokenFile, match=r"register\.toml: (is no text in UTF-8|cannot be read)"):
        read_register(path)


def test_an_attribute_nobody_registered_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownEntity, match="did you mean gender"):
        parse_register(WHOLE).attribute("gendr")


def test_the_register_on_the_page_can_be_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bias.md").read_text(encoding="utf-8")
    register = parse_register(page.partition("```toml\n")[2].partition("```")[0])
    (proxy,) = register.proxies_of("gender")
    assert proxy.expires == date(2026, 6, 30)
    assert register.attribute("gender").testing == ("*.fairness_report",)
