"""Make a policy of what its file says."""

from collections.abc import Iterator
from datetime import date

from lineage.governance.policy.fields import Fields
from lineage.governance.policy.register_data import Declared, read_declared
from lineage.governance.policy.rules import (
    CoverageRule,
    FlowRule,
    Policy,
    Requirement,
    Rule,
    Waiver,
)
from lineage.masking.rules import RULES, MaskingRule
from lineage.masking.signatures import Signature
from lineage.model.edges import Strength
from lineage.model.register import Register
from lineage.model.settings_document import Document, Mistakes
from lineage.queries.selection.expressions import Named, Selection
from lineage.queries.selection.pattern import Pattern

__all__ = ["make_policy"]

_POLICY = ("name", "description", "register", "rules", "waivers", "masks")
_FLOW = ("from", "to", "allow", "masks", "influences_known")
_COVERAGE = ("of", "require")
_RULE = ("name", "description", *_FLOW, *_COVERAGE, "may_be_empty")
_WAIVER = ("rule", "from", "to", "owner", "reason", "expires")
_MASK = ("name", "functions", "reason", "inverses")
_ALLOWED = {item.label: item for item in (Strength.MASKED, Strength.INFLUENCE, Strength.TABLE)}

_NOTHING: Selection = Named(Pattern("nothing"))
"""Stands in for a selection with a mistake; the policy is refused before it is used."""


def make_policy(document: Document, *, register: Register | None = None) -> Policy:
    """Make a policy of what its file says.

    Parameters
    ----------
    document : Document
        From `lineage.files.document_file`.
    register : Register, optional
        What the policy's `register` says, read: attributes and proxies that rules may name.

    Returns
    -------
    Policy

    Raises
    ------
    MistakenFile
        There are mistakes in it: all of them, each with line, column and nearest word.

    Examples
    --------
    >>> rule = {"name": "no-pii", "from": "tag:PII.*", "to": "kind:mlmodel"}
    >>> make_policy(Document("p.json", {"rules": [rule]})).rules[0].name
    'no-pii'
    >>> make_policy(Document("p.json", {"ruels": [rule]}))
    Traceback (most recent call last):
    lineage.errors.MistakenFile: p.json, line 1, column 1: 'rules' is missing
    p.json, line 1, column 1: there is no key 'ruels' here; did you mean 'rules'?
    """
    mistakes = Mistakes(document)
    fields = Fields.of(mistakes, (), document.content, known=_POLICY)
    masks = tuple(_masks(fields))
    names = [rule.name for rule in (*RULES, *masks)]
    fields.text("register")  # whoever read the document has read that file too
    rules = tuple(_rules(fields, names, register))
    if not fields.table.get("rules", []):
        fields.wrong("rules", f"'rules' is {'empty' if fields.has('rules') else 'missing'}")
    waivers = tuple(_waivers(fields, [rule.name for rule in rules if rule.name]))
    name = fields.text("name") or document.name
    description = fields.text("description")
    mistakes.refuse()
    return Policy(
        name=name,
        description=" ".join(description.split()),
        file=document.name,
        is_packaged=document.is_packaged,
        rules=rules,
        waivers=waivers,
        masks=masks,
    )


def _rules(policy: Fields, masks: list[str], register: Register | None) -> Iterator[Rule]:
    seen: set[str] = set()
    for fields in policy.tables("rules", _RULE):
        if not any(map(fields.has, ("from", "to", "of", "require"))):
            fields.wrong("from", "a rule has either 'from' and 'to', or 'of' and 'require'")
            continue
        is_flow = fields.has("from") or not (fields.has("of") or fields.has("require"))
        rule = _flow(fields, masks, register) if is_flow else _coverage(fields)
        if rule.name in seen:
            fields.wrong("name", f"two rules are called {rule.name!r}")
        seen.add(rule.name)
        yield rule


def _flow(fields: Fields, masks: list[str], register: Register | None) -> FlowRule:
    _refuse_both(fields, _COVERAGE)
    allow = fields.words("allow", _ALLOWED)
    wanted = fields.words("masks", masks)
    if wanted and "masked" not in allow:
        fields.wrong("masks", "'masks' says which masks are allowed, but 'allow' has no 'masked'")
    line, column = fields.spot
    return FlowRule(
        name=fields.text("name", required=True),
        description=" ".join(fields.text("description").split()),
        source=_source(fields, register) or _NOTHING,
        target=fields.selection("to") or _NOTHING,
        allow=frozenset(_ALLOWED[word] for word in allow),
        masks=wanted if fields.has("masks") else None,
        influences_known=fields.flag("influences_known"),
        may_be_empty=fields.flag("may_be_empty"),
        line=line,
        column=column,
    )


def _source(fields: Fields, register: Register | None) -> Selection | Declared | None:
    """Read where the data is: a selection, or a table that names what a register declares."""
    if isinstance(fields.table.get("from"), dict):
        return read_declared(fields, register)
    return fields.selection("from")


def _coverage(fields: Fields) -> CoverageRule:
    _refuse_both(fields, _FLOW)
    line, column = fields.spot
    return CoverageRule(
        name=fields.text("name", required=True),
        description=" ".join(fields.text("description").split()),
        target=fields.selection("of") or _NOTHING,
        require=tuple(map(Requirement, fields.words("require", tuple(Requirement), required=True))),
        may_be_empty=fields.flag("may_be_empty"),
        line=line,
        column=column,
    )


def _refuse_both(fields: Fields, others: tuple[str, ...]) -> None:
    for key in others:
        if fields.has(key):
            form = "'of' and 'require'" if "require" in others else "'from' and 'to'"
            fields.wrong(key, f"{key!r} belongs to a rule with {form}, which this is not")


def _waivers(policy: Fields, rules: list[str]) -> Iterator[Waiver]:
    for fields in policy.tables("waivers", _WAIVER):
        named = fields.text("rule", required=True)
        if named:
            fields.word("rule", named, rules)
        line, column = fields.spot
        yield Waiver(
            rule=named,
            target=fields.selection("to") or _NOTHING,
            source=fields.selection("from") if fields.has("from") else None,
            owner=fields.text("owner", required=True),
            reason=fields.text("reason", required=True),
            expires=fields.day("expires") or date.min,
            line=line,
            column=column,
        )


def _masks(policy: Fields) -> Iterator[MaskingRule]:
    for fields in policy.tables("masks", _MASK):
        functions = fields.texts("functions", required=True)
        for function in functions:
            try:
                Signature.parse(function)
            except ValueError as error:
                fields.wrong("functions", str(error))
        yield MaskingRule(
            fields.text("name", required=True),
            frozenset(name.lower() for name in functions),
            " ".join(fields.text("reason", required=True).split()),
            inverses=frozenset(name.lower() for name in fields.texts("inverses")),
        )
