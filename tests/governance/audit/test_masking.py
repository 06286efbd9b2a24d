from dataclasses import replace

from lineage.governance.audit.audit import Verdict, audit
from lineage.masking.rules import RULES, MaskingRule
from lineage.model.edges import Edge, Strength
from tests.builders import column, edge, feature, graph_of, model, table

RAW = table("raw", "email:PII.Sensitive")
SAFE = table("safe", "email")
OPEN = table("open", "email")


def test_rules_of_ones_own_hold_instead_of_those_of_the_library() -> None:
    ours = MaskingRule("house hash", frozenset({"udf.sha256"}), "reviewed and keyed")
    mappings = edge("raw>safe", "email>email:udf.sha256(email)")
    graph = graph_of(RAW, SAFE, mappings, model("m", f="safe.email"))
    assert audit(graph).models[0].verdict == Verdict.REACHES
    (finding,) = audit(graph, rules=(*RULES, ours)).models[0].findings
    assert (finding.verdict, finding.masked_by) == (Verdict.REACHES_MASKED, ("house hash",))


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
    vault = MaskingRule("vault", frozenset({"tok"}), "drawn", inverses=frozenset({"open_vault"}))
    token = edge("raw>safe", "email>email:tok(email)")

    def verdict(function: str) -> Verdict:
        back = edge("safe>open", f"email>email:{function}")
        graph = graph_of(RAW, SAFE, OPEN, token, back, model("m", f="open.email"))
        return audit(graph, rules=(*RULES, vault)).verdict(column("raw.email"), feature("m.f"))

    assert verdict("decrypt") == Verdict.REACHES_MASKED
    assert verdict("[dbo].[Open_Vault] /* it */ (email)") == Verdict.REACHES


def test_a_decryption_that_only_the_sql_of_an_edge_names_undoes_too() -> None:
    encrypted = edge("raw>safe", "email>email:aes_encrypt(email, 'k')")
    unread = edge("safe>open", "email>email", sql="select try_decrypt(email, 'k') from safe")
    assert decrypting(encrypted, unread) == Verdict.REACHES
    named = edge("safe>open", "email>email:lower(email)", sql="select lower(email) -- decrypt")
    assert decrypting(encrypted, named) == Verdict.REACHES_MASKED


def test_masking_that_is_only_stated_may_be_undone_by_a_decryption() -> None:
    plain = edge("raw>safe", "email>email:protect(email)")
    (mapping,) = plain.column_edges
    stated = replace(plain, column_edges=(replace(mapping, masking=True),))
    assert decrypting(stated, edge("safe>open", "email>email")) == Verdict.REACHES_MASKED
    assert decrypting(stated, edge("safe>open", "email>email:decrypt(email)")) == Verdict.REACHES


def test_what_is_encrypted_beside_a_digest_is_brought_back_too() -> None:
    both = edge("raw>safe", "email>email:concat(md5(email), aes_encrypt(email, 'k'))")
    assert decrypting(both, edge("safe>open", "email>email")) == Verdict.REACHES_MASKED
    assert decrypting(both, edge("safe>open", "email>email:decrypt(email)")) == Verdict.REACHES


def test_a_decryption_elsewhere_changes_nothing() -> None:
    encrypted = edge("raw>safe", "email>email:encrypt(email)")
    elsewhere = edge("raw>open", "email>email:decrypt(email)")
    masking = graph_of(RAW, SAFE, OPEN, encrypted, elsewhere).masking()
    assert not masking.undone
    assert masking(encrypted, encrypted.column_edges[0]) == Strength.MASKED


def test_a_decryption_behind_a_bare_edge_undoes_too() -> None:
    last = edge("open>m", "email>f:decrypt(email)")
    edges = (edge("raw>safe", "email>email:encrypt(email)"), edge("safe>open"), last)
    masking = graph_of(RAW, SAFE, OPEN, *edges, model("m", f="")).masking()
    assert masking.undone == {(edges[0], edges[0].column_edges[0])}


def test_several_decryptions_of_one_value_undo_what_lies_upstream_of_any() -> None:
    first, second = edge("raw>safe", "email>email:encrypt(email)"), edge("safe>open", "email>email")
    ends = [edge("open>m", f"email>f{number}:decrypt(email)") for number in range(3)]
    graph = graph_of(RAW, SAFE, OPEN, first, second, *ends, model("m", f0="", f1="", f2=""))
    assert graph.masking().undone == {(first, first.column_edges[0])}


def test_what_hides_is_found_out_once_for_a_graph_and_its_rules() -> None:
    graph = graph_of(RAW, SAFE, OPEN, edge("raw>safe", "email>email:encrypt(email)"))
    found = graph.masking()
    assert graph.masking() is found
    assert graph.masking(RULES[:1]) is not found
