import json
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

import pytest

from lineage.governance.audit.audit import Verdict, audit
from lineage.governance.audit.masking import Masking, find_masking, find_rule
from lineage.governance.audit.masking_rules import CONDUCTING, RULES, MaskingRule
from lineage.model.edges import ColumnEdge, Edge, Strength
from tests.builders import column, edge, feature, graph_of, model, table


class Case(TypedDict):
    title: str
    function: str | None
    rule: str | None


CASES: list[Case] = json.loads((Path(__file__).parent / "masking_cases.json").read_text())

RAW = table("raw", "email:PII.Sensitive")
SAFE = table("safe", "email")
OPEN = table("open", "email")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_masking_case(case: Case) -> None:
    found = find_rule(case["function"])
    assert (found and found.name) == case["rule"]


def test_each_case_has_a_title_of_its_own() -> None:
    assert len({case["title"] for case in CASES}) == len(CASES)


def test_each_function_stands_in_one_place_and_each_rule_has_a_reason() -> None:
    names = [name for rule in RULES for name in (*rule.functions, *rule.inverses)]
    names += [name for conducting in CONDUCTING for name in conducting.functions]
    assert len(names) == len(set(names))
    assert all(rule.reason for rule in RULES)
    assert all(conducting.reason for conducting in CONDUCTING)
    assert all(name == name.lower() for name in names)


def test_an_expression_that_is_nested_deeply_or_is_endless_ends() -> None:
    assert find_rule("lower(" * 500 + "md5(a)" + ")" * 500) == RULES[0]
    assert find_rule("lower(" * 9_000 + "md5(a)" + ")" * 9_000) is None


def test_rules_of_ones_own_hold_instead_of_those_of_the_library() -> None:
    ours = MaskingRule("house hash", frozenset({"udf.sha256"}), "reviewed and keyed")
    mappings = edge("raw>safe", "email>email:udf.sha256(email)")
    graph = graph_of(RAW, SAFE, mappings, model("m", f="safe.email"))
    assert audit(graph).models[0].verdict == Verdict.REACHES
    (finding,) = audit(graph, rules=(*RULES, ours)).models[0].findings
    assert (finding.verdict, finding.masked_by) == (Verdict.REACHES_MASKED, ("house hash",))


@pytest.mark.parametrize(
    ("function", "masking", "rule"),
    [
        ("clean_up(email)", True, "stated"),
        (None, True, "stated"),
        ("md5(email)", True, "digest"),
        ("md5(email)", False, None),
    ],
)
def test_what_the_evidence_states_of_masking_counts(
    function: str | None, *, masking: bool, rule: str | None
) -> None:
    (mapping,) = edge("raw>safe", "email>email").column_edges
    stated = replace(mapping, function=function, masking=masking)
    found = Masking().rule(edge("raw>safe"), stated)
    assert (found and found.name) == rule


def decrypting(*edges: Edge) -> Verdict:
    graph = graph_of(RAW, SAFE, OPEN, *edges, model("m", f="open.email"))
    return audit(graph).verdict(column("raw.email"), feature("m.f"))


def test_what_is_encrypted_by_one_job_and_decrypted_by_another_is_not_masked() -> None:
    encrypted = edge("raw>safe", "email>email:aes_encrypt(email, k)")
    decrypted = edge("safe>open", "email>email:trim(aes_decrypt(email, k))")
    assert decrypting(encrypted, decrypted) == Verdict.REACHES
    assert decrypting(encrypted, edge("safe>open", "email>email")) == Verdict.REACHES_MASKED


def test_a_digest_is_not_undone_by_a_decryption() -> None:
    hashed = edge("raw>safe", "email>email:md5(email)")
    decrypted = edge("safe>open", "email>email:decrypt(email)")
    assert decrypting(hashed, decrypted) == Verdict.REACHES_MASKED


def test_a_token_is_undone_by_its_own_inverse_alone() -> None:
    token = edge("raw>safe", "email>email:pseudonymise(email)")
    assert decrypting(token, edge("safe>open", "email>email:decrypt")) == Verdict.REACHES_MASKED
    assert decrypting(token, edge("safe>open", "email>email:reidentify")) == Verdict.REACHES


def test_a_decryption_elsewhere_changes_nothing() -> None:
    encrypted = edge("raw>safe", "email>email:encrypt(email)")
    elsewhere = edge("raw>open", "email>email:decrypt(email)")
    masking = find_masking(graph_of(RAW, SAFE, OPEN, encrypted, elsewhere))
    assert not masking.undone
    assert masking(encrypted, encrypted.column_edges[0]) == Strength.MASKED


def test_a_decryption_behind_a_bare_edge_undoes_too() -> None:
    last = edge("open>m", "email>f:decrypt(email)")
    edges = (edge("raw>safe", "email>email:encrypt(email)"), edge("safe>open"), last)
    masking = find_masking(graph_of(RAW, SAFE, OPEN, *edges, model("m", f="")))
    assert masking.undone == {(edges[0], edges[0].column_edges[0])}


def test_an_influence_is_one_whatever_was_done_to_the_value() -> None:
    mapping = ColumnEdge(upstream=("a.x",), downstream="b", function="md5(x)", influence="filter")  # type: ignore[arg-type]  # a StrEnum's text
    assert Masking()(edge("a>b"), mapping) == Strength.INFLUENCE


def test_several_decryptions_of_one_value_undo_what_lies_upstream_of_any() -> None:
    first, second = edge("raw>safe", "email>email:encrypt(email)"), edge("safe>open", "email>email")
    ends = [edge("open>m", f"email>f{number}:decrypt(email)") for number in range(3)]
    graph = graph_of(RAW, SAFE, OPEN, first, second, *ends, model("m", f0="", f1="", f2=""))
    assert find_masking(graph).undone == {(first, first.column_edges[0])}


def test_what_hides_is_found_out_once_for_a_graph_and_its_rules() -> None:
    graph = graph_of(RAW, SAFE, OPEN, edge("raw>safe", "email>email:encrypt(email)"))
    found = find_masking(graph)
    assert find_masking(graph) is found
    assert find_masking(graph, rules=RULES[:1]) is not found
    decrypted = edge("safe>open", "email>email:decrypt(email)")
    graph.add_edge(column("safe.email"), column("open.email"), decrypted, decrypted.column_edges[0])
    assert find_masking(graph).undone
