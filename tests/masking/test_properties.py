import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lineage.masking.find_rule import find_conducting, find_rule
from lineage.masking.rules import RULES
from tests.masking.expressions import expressions

CASES = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))
GOLDEN = [case["function"] for case in CASES if case["rule"] and "columns" not in case]
TAME = expressions(odd=False)
ASKED = ["people.secret"]

SHOWING = (
    *("clean_up({})", "decrypt({})", "try_aes_decrypt({}, 'k')", "udf.lower({})", '"lower"({})'),
    *("{} || secret", "secret || {}", "concat({}, secret)", "concat(secret, {})", "({}, secret)"),
    *("coalesce({}, secret)", "case when secret = 'a' then {} end", "{} = secret", "{}, secret"),
    *("{} over (partition by secret)", "max({}) filter (where secret = 'a')", "lpad({}, secret)"),
    *("string_agg({}, ',' order by secret)", "(select {})", "not {}", "{} secret", "{}.a", "[{}]"),
)
INVISIBLE = (
    " ",
    "\n",
    "\t",
    "/* it */",
    "/**/",
    "-- it\n",
    "--it\n",
    "# it\n",
    "// it\n",
    "/*/**/*/",
)


@given(st.sampled_from(GOLDEN) | TAME, st.sampled_from(SHOWING))
def test_what_is_unknown_raw_or_brings_back_around_it_makes_everything_show(
    text: str, around: str
) -> None:
    assert find_rule(around.format(text), columns=ASKED) is None


@given(st.sampled_from(GOLDEN) | TAME, st.data())
def test_no_space_or_comment_makes_something_hide(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    after = text[:place] + data.draw(st.sampled_from(INVISIBLE)) + text[place:]
    if find_rule(after, columns=ASKED) is not None:
        assert find_rule(text, columns=ASKED) is not None


@given(expressions())
def test_large_and_small_letters_are_alike(text: str) -> None:
    assert find_rule(text.upper(), columns=ASKED) == find_rule(text, columns=ASKED)
    assert find_conducting(text.upper()) == find_conducting(text)


@given(expressions(), st.sets(st.sampled_from(RULES)))
def test_fewer_rules_hide_no_more(text: str, kept: set[object]) -> None:
    some = tuple(rule for rule in RULES if rule in kept)
    if find_rule(text, columns=ASKED, rules=some) is not None:
        assert find_rule(text, columns=ASKED) is not None


@given(expressions())
def test_less_known_of_the_columns_hides_no_more(text: str) -> None:
    if find_rule(text) is not None:
        assert find_rule(text, columns=ASKED) is not None
        assert find_rule(text, columns=["a.b", "people.other"]) is not None


@given(expressions())
def test_what_hides_is_not_known_to_conduct(text: str) -> None:
    assert find_rule(text, columns=ASKED) is None or find_conducting(text) is None


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    assert find_rule(text) is None or text.strip().isascii()
    find_conducting(text)
