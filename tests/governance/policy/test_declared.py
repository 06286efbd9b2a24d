from datetime import date
from typing import Any

import pytest

from lineage.errors import MistakenFile
from lineage.governance.policy.check import check
from lineage.governance.policy.check_report import Check, Status
from lineage.governance.policy.reading import make_policy
from lineage.model.register import Attribute, Proxy, Register
from lineage.model.settings_document import Document
from tests.governance.policy.policies import flow_rule
from tests.notation import graph_from

AREA = Proxy(
    name="postcode", attribute="gender", reason="it tells", reviewer="ann", columns=("postcode",)
)
REGISTER = Register(
    attributes=(
        Attribute(name="gender", columns=("sex",)),
        Attribute(name="age", columns=("a.b",)),
    ),
    proxies=(AREA,),
)
GRAPH = ["a(sex postcode x)", "m(f=a.postcode; g=a.x)"]


def checked(graph: list[str], named: dict[str, str], **facts: Any) -> Check:
    rule = flow_rule(source=named, **facts)
    policy = make_policy(Document("p.toml", {"rules": [rule]}), register=REGISTER)
    return check(graph_from(graph), policy, today=date(2027, 1, 1))


def test_a_rule_can_name_a_protected_attribute() -> None:
    assert checked(GRAPH, {"attribute": "gender"}).status == Status.CLEAN
    answer = checked(["a(sex)", "m(f=a.sex)"], {"attribute": "gender"})
    assert [item.message for item in answer.violations] == ["a.sex reaches m"]


def test_a_rule_can_name_the_proxies_of_an_attribute() -> None:
    (violation,) = checked(GRAPH, {"proxies_of": "gender"}).violations
    told = "a.postcode (declared a proxy of gender: it tells) arrives by value at m"
    assert violation.message == told


def test_what_the_register_names_and_the_catalog_lacks_is_not_clean() -> None:
    answer = checked(GRAPH, {"attribute": "age"})
    assert answer.status == Status.UNKNOWN
    (doubt,) = answer.doubts
    assert "attribute-not-found" in doubt.reasons[0]
    assert checked(GRAPH, {"attribute": "age"}, may_be_empty=True).status == Status.CLEAN


@pytest.mark.parametrize(
    ("named", "register", "mistake"),
    [
        ({"attribute": "gendre"}, REGISTER, "no attribute 'gendre'; did you mean 'gender'?"),
        (
            {"attributes": "gender"},
            REGISTER,
            "there is no key 'attributes' here; did you mean 'attribute'?",
        ),
        ({"attribute": "gender", "proxies_of": "gender"}, REGISTER, "names one of 'attribute'"),
        ({"proxies_of": "age"}, REGISTER, "the register declares no proxy of 'age'"),
        ({"attribute": "gender"}, None, "'attribute' takes a register"),
    ],
)
def test_a_name_that_means_nothing_is_refused(
    named: dict[str, str], register: Register | None, mistake: str
) -> None:
    with pytest.raises(MistakenFile) as refused:
        make_policy(Document("p.toml", {"rules": [flow_rule(source=named)]}), register=register)
    assert any(mistake in found.reason for found in refused.value.mistakes)
