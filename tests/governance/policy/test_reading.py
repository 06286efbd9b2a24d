from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import BrokenFile, MistakenFile
from lineage.files.document_file import READY_POLICIES, read_document, read_ready_policy
from lineage.governance.policy.reading import make_policy
from lineage.governance.policy.rules import CoverageRule, FlowRule, Requirement
from lineage.masking.rules import RULES
from lineage.model.edges import Strength
from lineage.model.settings_document import Document
from lineage.queries.selection.parse import parse_selection

TOML = """\
name = "Ours"
description = \"\"\"
Two
lines.\"\"\"

[[masks]]
name = "vault"
functions = ["Tok", "tok2"]
inverses = ["untok"]
reason = "only the vault knows"

[[rules]]
name = "no-pii"
from = "tag:PII.*"
to = "kind:mlmodel"
allow = ["masked"]
masks = ["vault", "digest"]

[[rules]]
name = "owned"
of = "kind:table"
require = "owner"
may_be_empty = true

[[waivers]]
rule = "no-pii"
from = "a.x"
to = "m"
owner = "ann"
reason = "agreed"
expires = 2027-01-31
"""
YAML = """\
name: Ours
description: |
  Two
  lines.
masks:
  - {name: vault, functions: [Tok, tok2], inverses: [untok], reason: only the vault knows}
rules:
  - name: no-pii
    from: tag:PII.*
    to: kind:mlmodel
    allow: [masked]
    masks: [vault, digest]
  - {name: owned, of: "kind:table", require: [owner], may_be_empty: true}
waivers:
  - {rule: no-pii, from: a.x, to: m, owner: ann, reason: agreed, expires: 2027-01-31}
"""
JSON = """\
{
  "name": "Ours", "description": "Two lines.",
  "masks": [{"name": "vault", "functions": ["Tok", "tok2"], "inverses": ["untok"],
             "reason": "only the vault knows"}],
  "rules": [
    {"name": "no-pii", "from": "tag:PII.*", "to": "kind:mlmodel", "allow": ["masked"],
     "masks": ["vault", "digest"]},
    {"name": "owned", "of": "kind:table", "require": ["owner"], "may_be_empty": true}
  ],
  "waivers": [{"rule": "no-pii", "from": "a.x", "to": "m", "owner": "ann", "reason": "agreed",
               "expires": "2027-01-31"}]
}
"""


def refusal(content: Any) -> tuple[str, ...]:
    with pytest.raises(MistakenFile) as refused:
        make_policy(Document("p", content))
    return tuple(mistake.reason for mistake in refused.value.mistakes)


def refused_file(path: Path, text: str) -> BrokenFile:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenFile) as refused:
        make_policy(read_document(path))
    return refused.value


@pytest.mark.parametrize(("name", "text"), [("p.toml", TOML), ("p.yaml", YAML), ("p.json", JSON)])
def test_a_policy_is_the_same_in_every_form(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    policy = make_policy(read_document(path))
    flow, owned = policy.rules
    assert flow == FlowRule(
        name="no-pii",
        source=parse_selection("tag:PII.*"),
        target=parse_selection("kind:mlmodel"),
        allow=frozenset({Strength.MASKED}),
        masks=("vault", "digest"),
    )
    assert owned == CoverageRule(
        name="owned",
        target=parse_selection("kind:table"),
        require=(Requirement.OWNER,),
        may_be_empty=True,
    )
    (waiver,) = policy.waivers
    assert (waiver.owner, waiver.reason, waiver.expires) == ("ann", "agreed", date(2027, 1, 31))
    (mask,) = policy.masks
    assert mask.functions == {"tok", "tok2"}
    assert mask.inverses == {"untok"}
    assert (policy.name, policy.description, policy.file) == ("Ours", "Two lines.", str(path))


def test_every_mistake_is_reported_with_its_line_and_column(tmp_path: Path) -> None:
    text = TOML.replace('to = "kind', 'too = "kind').replace('["masked"]', '["mask"]')
    text = text.replace('from = "a.x"', '  from = "tg:x"').replace('rule = "no-pii"', 'rule = "x"')
    refused = refused_file(tmp_path / "p.toml", text)
    assert isinstance(refused, MistakenFile)
    assert refused.mistakes == (
        (12, 1, "'to' is missing"),
        (15, 1, "there is no key 'too' here; did you mean 'to'?"),
        (16, 10, "'mask' is none of masked, influence, table; did you mean 'masked'?"),
        (17, 1, "'masks' says which masks are allowed, but 'allow' has no 'masked'"),
        (26, 1, "'x' is none of no-pii, owned"),
        (27, 3, "'from' is 'tg:x', position 1: 'tg' is no key; did you mean tag?"),
    )
    assert str(refused).splitlines() == [
        f"{tmp_path / 'p.toml'}, line {line}, column {column}: {reason}"
        for line, column, reason in refused.mistakes
    ]


@pytest.mark.parametrize(("name", "text"), [("p.yaml", YAML), ("p.json", JSON)])
def test_places_are_reported_in_the_other_forms_too(tmp_path: Path, name: str, text: str) -> None:
    refused = refused_file(tmp_path / name, text.replace("kind:table", "knd:table"))
    assert isinstance(refused, MistakenFile)
    (mistake,) = refused.mistakes
    line = next(n for n, line in enumerate(text.splitlines(), 1) if "kind:table" in line)
    column = text.splitlines()[line - 1].index("of") + (1 if name == "p.yaml" else 0)
    assert mistake[:2] == (line, column)
    assert mistake.reason.startswith("'of' is 'knd:table', position 1")


RULE = {"name": "r", "from": "a", "to": "b"}
WAIVER = {"rule": "r", "to": "b", "owner": "o", "reason": "x", "expires": "2027-01-01"}


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ([], "a policy should be a table"),
        ({}, "'rules' is missing"),
        ({"rules": []}, "'rules' is empty"),
        ({"rules": {}}, "'rules' should be a list of tables"),
        ({"rules": ["r"]}, "rules.0 should be a table"),
        ({"rules": [RULE, RULE]}, "two rules are called 'r'"),
        ({"rules": [RULE | {"name": " "}]}, "'name' is empty"),
        ({"rules": [RULE | {"name": 3}]}, "'name' should be a text"),
        ({"rules": [RULE | {"allow": ["value"]}]}, "'value' is none of masked, influence, table"),
        ({"rules": [RULE | {"allow": 1}]}, "'allow' should be a list of texts"),
        ({"rules": [RULE | {"allow": [1]}]}, "'allow' should be a list of texts"),
        ({"rules": [RULE | {"may_be_empty": "no"}]}, "'may_be_empty' should be true or false"),
        ({"rules": [RULE | {"of": "a"}]}, "'of' belongs to a rule with 'of' and 'require'"),
        ({"rules": [{"name": "r", "of": "a", "require": []}]}, "'require' is empty"),
        ({"rules": [{"name": "r", "of": "a"}]}, "'require' is missing"),
        (
            {"rules": [{"name": "r", "of": "a", "require": ["owners"]}]},
            "certification; did you mean 'owner'?",
        ),
        ({"rules": [{"name": "r"}]}, "a rule has either 'from' and 'to', or 'of' and 'require'"),
        ({"rules": [RULE], "waivers": [WAIVER | {"owner": ""}]}, "'owner' is empty"),
        (
            {"rules": [RULE], "waivers": [WAIVER | {"expires": "soon"}]},
            "'expires' should be a day like 2027-01-31",
        ),
        (
            {"rules": [RULE], "waivers": [{k: v for k, v in WAIVER.items() if k != "expires"}]},
            "'expires' is missing",
        ),
        (
            {"rules": [RULE], "masks": [{"name": "m", "functions": [], "reason": "x"}]},
            "'functions' is empty",
        ),
        (
            {"rules": [RULE], "masks": [{"name": "m", "functions": ["f(key)"], "reason": "x"}]},
            "'f(key)' hides nothing; call what it hides 'value', as in 'f(value, key)'",
        ),
    ],
)
def test_a_mistake_is_said_in_words(content: object, mistake: str) -> None:
    assert any(mistake in found for found in refusal(content)), refusal(content)


def test_a_mask_that_is_none_is_refused_with_the_nearest() -> None:
    rule = RULE | {"allow": ["masked"], "masks": ["digst"]}
    (mistake,) = refusal({"rules": [rule]})
    assert mistake.endswith("did you mean 'digest'?")
    assert all(rule.name in mistake for rule in RULES)


@pytest.mark.parametrize("name", READY_POLICIES)
def test_the_ready_policies_can_be_read(name: str) -> None:
    policy = make_policy(read_ready_policy(name))
    assert policy.rules
    assert policy.description
    assert all(rule.description for rule in policy.rules)
