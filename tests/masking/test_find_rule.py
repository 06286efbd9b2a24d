import json
import time
from pathlib import Path
from typing import NotRequired, TypedDict

import pytest

from lineage.masking.find_rule import (
    find_conducting,
    find_rule,
    mapping_rule,
    mapping_strength,
    undone_rules,
)
from lineage.masking.rules import CONDUCTING, RULES, STATED, MaskingRule
from lineage.masking.signatures import Signature
from lineage.model.edges import ColumnEdge, Influence, Strength


class Case(TypedDict):
    title: str
    function: str | None
    rule: str | None
    columns: NotRequired[list[str]]


CASES: list[Case] = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))
HIDING = [case["function"] for case in CASES if case["rule"] is not None]


def mapping(
    function: str | None, *, masking: bool | None = None, column: str = "people.email"
) -> ColumnEdge:
    return ColumnEdge(upstream=(column,), downstream="b.x", function=function, masking=masking)


def found(function: str | None, *, masking: bool | None = None) -> str | None:
    rule = mapping_rule(mapping(function, masking=masking))
    return None if rule is None else rule.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_masking_case(case: Case) -> None:
    rule = find_rule(case["function"], columns=case.get("columns", ()))
    assert (rule and rule.name) == case["rule"]


def test_each_case_has_a_title_of_its_own() -> None:
    assert len({case["title"] for case in CASES}) == len(CASES)


def test_each_signature_and_each_name_stands_once_and_each_entry_has_a_reason() -> None:
    hiding = [text for rule in RULES for text in rule.functions]
    conducting = [name for rule in CONDUCTING for name in rule.functions]
    assert len(hiding) == len(set(hiding))
    assert len(conducting) == len(set(conducting))
    assert all(rule.reason for rule in RULES)
    assert all(rule.reason for rule in CONDUCTING)
    assert all(text == text.lower() for text in (*hiding, *conducting))
    assert all(rule.caveat for rule in RULES)


def test_what_stands_in_both_tables_conducts_by_other_arguments_alone() -> None:
    conducting = {name for rule in CONDUCTING for name in rule.functions}
    hiding = {Signature.parse(text) for rule in RULES for text in rule.functions}
    both = [signature for signature in hiding if signature.name in conducting]
    assert all({"column", "character"} & set(signature.words) for signature in both)


@pytest.mark.parametrize("function", ["clean_up(email)", None, "md5(email) || 'x'"])
def test_masking_that_is_stated_counts_where_the_function_is_not_known(
    function: str | None,
) -> None:
    assert found(function, masking=True) == "stated"
    assert found(function) is None


def test_a_rule_is_named_before_what_is_stated_and_denied_masking_counts_more_than_a_rule() -> None:
    assert found("md5(email)", masking=True) == "digest"
    assert found("md5(email)", masking=False) is None


@pytest.mark.parametrize(
    "function",
    [
        "lower(email)",
        "LOWER",
        "pg_catalog.lower(email)",
        "concat(md5(first), email)",
        "concat(md5(first), lower(email))",
        "(upper((email)))",
        "cast(email as varchar)",
        "count_if(gender = 'f')",
        "count(case when gender = 'f' then 1 end)",
        "count(if(gender = 'f', 1, null))",
        "count(distinct left(zip, 2))",
        "sum(case when gender = 'f' then 1 else 0 end)",
        "mask(email, null, null, null, null)",
        "mask(email)",
        "substring(email, 1, clean_up(x))",
        "hash(email)",
        "max(salary)",
    ],
)
def test_a_function_that_is_known_to_conduct_counts_more_than_what_is_stated(
    function: str,
) -> None:
    assert find_conducting(function) is not None
    assert found(function, masking=True) is None


@pytest.mark.parametrize(
    "function",
    [
        *HIDING,
        None,
        "clean_up(email)",
        "lower(clean_up(email))",
        "concat('a', 'b')",
        "email || 'x'",
    ],
)
def test_what_hides_or_is_unknown_is_not_known_to_conduct(function: str | None) -> None:
    assert find_conducting(function) is None


def test_a_policy_that_counts_only_what_is_stated_asks_no_other_rule() -> None:
    assert mapping_rule(mapping("md5(email)", masking=True), rules=(STATED,)) == STATED
    assert mapping_rule(mapping("count(email)", masking=True), rules=(STATED,)) == STATED
    assert mapping_rule(mapping("lower(email)", masking=True), rules=(STATED,)) is None
    assert mapping_rule(mapping("clean_up(email)", masking=True), rules=RULES[:1]) is None


def test_an_influence_is_one_whatever_was_done_to_the_value() -> None:
    influence = ColumnEdge(
        upstream=("a.x",), downstream="b", function="md5(x)", influence=Influence.FILTER
    )
    assert mapping_strength(influence) == Strength.INFLUENCE
    assert mapping_strength(mapping("md5(x)")) == Strength.MASKED
    assert mapping_strength(mapping(None)) == Strength.VALUE


def test_the_columns_of_a_mapping_are_those_asked_about() -> None:
    encrypted = "aes_encrypt(email, ssn)"
    assert mapping_strength(mapping(encrypted, column="people.email")) == Strength.MASKED
    assert mapping_strength(mapping(encrypted, column="people.ssn")) == Strength.VALUE
    assert mapping_strength(mapping(encrypted, column="not..a name")) == Strength.VALUE


BRINGING_BACK = [
    "decrypt",
    "DECRYPT(x)",
    "dbo.decrypt(x)",
    "[dbo].[Decrypt](x)",
    '"decrypt"(x)',
    "`decrypt` (x)",
    "SAFE.decrypt(x)",
    "aead.decrypt_string(k, x, '')",
    "DETERMINISTIC_DECRYPT_BYTES(k, x, '')",
    "decrypt\n(x)",
    "decrypt -- it\n(x)",
    "decrypt # it\n(x)",
    "decrypt /* /* it */ all */ (x)",
    "trim(aes_decrypt(x, k))",
    "case when k is null then x else try_decrypt(x, k) end",
    "concat('it''s ', $$a$$, DecryptByKey(x))",
    "pgp_sym_decrypt_bytea(x, q'[k]')",
    "udf_decrypt_v2(x)",
    "de_crypt(x)",
    "decipher(x)",
    'U&"d\\0065crypt"(x)',
    "gs_decrypt_aes128(x, k)",
    "x:decrypt(k)",
    "decrypt(" * 10_000,
]


@pytest.mark.parametrize("function", BRINGING_BACK)
def test_what_brings_back_is_recognised_in_any_spelling(function: str) -> None:
    assert "encryption" in {rule.name for rule in undone_rules(function)}
    assert "digest" not in {rule.name for rule in undone_rules(function)}


@pytest.mark.parametrize("function", ["lower(x)", "crypt(x)", "encrypt(x)", "detokenize(x)", ""])
def test_what_brings_nothing_back_undoes_no_encryption(function: str) -> None:
    assert "encryption" not in {rule.name for rule in undone_rules(function)}


@pytest.mark.parametrize("function", ["vault.open(x)", "open(x)", '"OPEN_V2"(x)', "try_o_pen(x)"])
def test_an_inverse_of_a_house_is_recognised_by_what_its_name_contains(function: str) -> None:
    vault = MaskingRule("vault", frozenset({"seal"}), "kept", frozenset({"vault.open"}))
    assert list(undone_rules(function, rules=(vault,))) == [vault]


def test_what_is_stated_is_undone_by_any_function_that_brings_back() -> None:
    names = ("decrypt(x)", "vault_detokenize(x)", "reidentify(x)", "depseudonymise(x)", "unmask(x)")
    assert all(STATED in list(undone_rules(name)) for name in names)


def test_a_rule_of_a_house_hides_all_arguments_or_those_of_its_signature() -> None:
    sealed = MaskingRule("house", frozenset({"udf.seal", "keyed_seal(value, key)"}), "reviewed")
    rules = (*RULES, sealed)
    hiding = ("udf.seal", "udf.seal(a)", "udf.seal(a, k => 9)", "keyed_seal(a, 'k')")
    for function in hiding:
        assert find_rule(function, rules=rules) == sealed
    for function in ("seal(a)", "udf.seal", "keyed_seal('k', a)", "keyed_seal(a)"):
        assert find_rule(function, rules=RULES) is None
    assert find_rule("keyed_seal('k', a)", rules=rules) is None
    assert find_rule("mask(a)", rules=(*RULES, MaskingRule("m", frozenset({"mask"}), "ours")))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f(key)", "hides nothing"),
        ("f()", "hides nothing"),
        ("f(value", "neither a name nor a call"),
        ("", "neither a name nor a call"),
        ("f(g(value))", "neither a name nor a call"),
        ("1f", "neither a name nor a call"),
    ],
)
def test_a_signature_that_is_none_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Signature.parse(text)


HOSTILE = {
    "nested": "lower(" * 2_850 + "md5(a)" + ")" * 2_850,
    "nested parentheses": "(" * 9_900 + "a" + ")" * 9_900,
    "never closed": "lower(" * 3_300,
    "closed only": ")" * 19_000,
    "a long name": "a" * 19_990,
    "a name of dots": "a." * 9_990 + "a",
    "quotes": "'" * 19_990,
    "doubled quotes": "'" + "''" * 9_000,
    "backslashes": "'" + "\\" * 19_000,
    "double quotes": '"' * 19_990,
    "many arguments": "concat(" + "md5(a)," * 2_800 + "md5(a))",
    "commas": "count(" + "," * 19_000 + ")",
    "numbers": "1" * 19_990,
    "points": "." * 19_990,
    "nested digests": "md5(" * 3_900 + "a" + ")" * 3_900,
    "nested keys": "hmac_md5(" * 1_300 + "a" + ", 'k')" * 1_300,
    "nested encryption": "aes_encrypt(" * 1_100 + "a" + ", k)" * 1_100,
    "nested types": "convert(char, " * 1_200 + "a" + ")" * 1_200,
    "nested words": "lower(a " * 2_200 + "a" + ")" * 2_200,
    "distinct words": "concat(" + "distinct " * 2_200 + ")",
    "aliases": "concat(" + "a as " * 3_900 + "a)",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_read_in_time_that_grows_with_its_length(text: str) -> None:
    assert len(text) <= 20_000
    began = time.process_time()
    for asked in (text, text[: len(text) // 2]):
        find_rule(asked, columns=["t.a"])
        find_conducting(asked)
        list(undone_rules(asked))
    assert time.process_time() - began < 2


def test_what_is_nested_deeply_is_read_and_what_is_longer_than_anybody_reads_is_not() -> None:
    digest = find_rule("md5(a)")
    assert digest is not None
    assert find_rule(HOSTILE["nested"]) == digest
    assert find_rule("lower(" * 9_000 + "md5(a)" + ")" * 9_000) is None
