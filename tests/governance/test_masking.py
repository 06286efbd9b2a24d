import pytest

from lineage.governance.masking import RULES, find_rule


@pytest.mark.parametrize(
    ("function", "rule"),
    [
        ("sha256", "digest"),
        ("SHA2(email, 256)", "digest"),
        ("sha256(lower(trim(email)))", "digest"),
        ("lower(sha256(email))", "digest"),
        ("cast(md5(email) as varchar)", "digest"),
        ("concat(md5(first), '-', md5(last))", "digest"),
        ("hmac_sha256(key, email)", "keyed hash"),
        ("AES_ENCRYPT(ssn, 'k')", "encryption"),
        ("mask(phone)", "redaction"),
        ("count(distinct customer_id)", "count"),
        ("count(*)", "count"),
    ],
)
def test_what_hides_the_value_names_its_rule(function: str, rule: str) -> None:
    found = find_rule(function)
    assert found is not None
    assert found.name == rule


@pytest.mark.parametrize(
    "function",
    [
        None,
        "",
        "lower(email)",
        "max(salary)",
        "substring(email, 1, 3)",
        "cast(email as varchar)",
        "concat(first, ' ', last)",
        "clean_up(email)",
        "my_sha256(email)",
        "udf.sha256(email)",
        "md5(first) || last",
        "md5(first) || md5(last)",
        "concat(md5(first), last)",
        "coalesce(md5(email), email)",
        "md5(email)) or (email",
        "case when md5(x) = 'a' then x end",
        "email -- md5(email)",
        "'md5(email)'",
        "f('a, md5(b)', email)",
        "now()",
        "clean_up(md5(email))",
        "decrypt(encrypt(email))",
        "aes_decrypt(aes_encrypt(email, 'k'), 'k')",
        "tokenize(review_text)",
    ],
)
def test_what_does_not_provably_hide_the_value_conducts(function: str | None) -> None:
    assert find_rule(function) is None


def test_each_function_belongs_to_one_rule_and_each_rule_has_a_reason() -> None:
    names = [name for rule in RULES for name in rule.functions]
    assert len(names) == len(set(names))
    assert all(rule.reason for rule in RULES)
    assert all(name == name.lower() for name in names)
