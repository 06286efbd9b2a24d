"""What a mapping's function does to the value: hide it by a rule, let it through, bring it back.

What hides is recognised in spellings that mean the same in every dialect; what lets through or
brings back in any that may mean it. What is not certain is not hidden.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from lineage.errors import MalformedName
from lineage.fqn import last, split
from lineage.masking.expressions import (
    Call,
    Expression,
    Token,
    as_called,
    is_literal,
    is_type,
    names_in,
    only_call,
    read_expression,
    without_clauses,
)
from lineage.masking.rules import CONDUCTING, RULES, STATED, ConductingRule, MaskingRule
from lineage.masking.signatures import Arguments, Signature
from lineage.model.edges import ColumnEdge, Strength

__all__ = ["find_conducting", "find_rule", "mapping_rule", "mapping_strength", "undone_rules"]

_CONDUCTING = {name: rule for rule in CONDUCTING for name in rule.functions}
_TYPED = ("convert", "try_convert")  # they take a type as an argument


def mapping_rule(
    column_edge: ColumnEdge, *, rules: tuple[MaskingRule, ...] = RULES
) -> MaskingRule | None:
    """Find the rule by which a mapping hides the value; None where it gets through.

    What the evidence states of masking counts, but for a function that is known not to mask.

    Examples
    --------
    >>> def mapping(function):
    ...     return ColumnEdge(upstream=("t.x",), downstream="u.x", function=function, masking=True)
    >>> mapping_rule(mapping("md5(x)")).name, mapping_rule(mapping("clean_up(x)")).name
    ('digest', 'stated')
    >>> mapping_rule(mapping("lower(x)")) is None
    True
    """
    if column_edge.masking is False:
        return None
    function = column_edge.function
    rule = find_rule(function, columns=column_edge.upstream, rules=rules)
    is_stated = column_edge.masking and STATED in rules
    return STATED if rule is None and is_stated and not find_conducting(function) else rule


def mapping_strength(
    column_edge: ColumnEdge, *, rules: tuple[MaskingRule, ...] = RULES
) -> Strength:
    """Say how much a mapping proves by itself, whatever is done further downstream.

    Examples
    --------
    >>> mapping_strength(ColumnEdge(upstream=("t.x",), downstream="u.x", function="md5(x)"))
    <Strength.MASKED: 3>
    """
    if column_edge.influence is not None:
        return Strength.INFLUENCE
    return Strength.VALUE if mapping_rule(column_edge, rules=rules) is None else Strength.MASKED


def undone_rules(function: str, *, rules: tuple[MaskingRule, ...] = RULES) -> Iterator[MaskingRule]:
    """Name the rules whose inverse a function may be, in any spelling.

    Examples
    --------
    >>> [rule.name for rule in undone_rules("upper(SAFE.`Decrypt` /* it */ (x, k))")]
    ['encryption', 'stated']
    """
    text = _folded(function)
    is_escaped = 'u&"' in text  # a name in which letters are written as numbers
    for rule in rules:
        inverses = (_folded(name.rpartition(".")[2]) for name in rule.inverses)
        if any(is_escaped or inverse in text for inverse in inverses):
            yield rule


def _folded(text: str) -> str:
    return text.casefold().replace("_", "")


def find_rule(
    function: str | None,
    *,
    columns: Iterable[str] = (),
    rules: tuple[MaskingRule, ...] = RULES,
) -> MaskingRule | None:
    """Find the rule by which a function hides the value.

    A call hides those of its arguments that its signature hides, a bare name what it is given.
    What is hidden stays hidden in calls that cannot bring it back, if nothing raw is beside it.

    Parameters
    ----------
    function : str or None
        As recorded: a bare name or an expression.
    columns : iterable of str
        Fully qualified names of the columns that are asked about. Where they are not known, no
        column may be a key: it may be one of them.
    rules : tuple of MaskingRule
        The rules that hold.

    Returns
    -------
    MaskingRule or None
        None where the value gets through, or where that is not certain.

    Examples
    --------
    >>> find_rule("SHA2(lower(email), 256)").name, find_rule("upper(md5(email))").name
    ('digest', 'digest')
    >>> find_rule("lower(email)"), find_rule("md5(a) || b"), find_rule("clean_up(email)")
    (None, None, None)
    >>> find_rule("count(distinct email)").name, find_rule("count(age > 17)")
    ('count', None)
    >>> find_rule("aes_encrypt(ssn, k)", columns=["people.ssn"]).name
    'encryption'
    >>> find_rule("aes_encrypt(name, ssn)", columns=["people.ssn"]) is None
    True
    """
    reading = _read(function, rules) if function else None
    if reading is None or _may_be_keys(columns, reading):
        return None
    return reading.rule


class _Reading(NamedTuple):
    """What an expression hides: by which rule, and which names are in it and in its keys."""

    rule: MaskingRule
    hidden: frozenset[str]
    keys: frozenset[str]


@lru_cache(maxsize=1_000)  # a catalog has the same few functions on many of its mappings
def _read(function: str, rules: tuple[MaskingRule, ...]) -> _Reading | None:
    """Read a text; None where it does not hide all that is in it."""
    expression = read_expression(function)
    hiding = None if expression is None else _hiding_calls(as_called(expression), rules)
    found = [rule for rule, arguments in hiding or () if arguments.depends]
    if hiding is None or not found:
        return None
    # Of several rules the one counts that an inverse may undo: that brings some of it back.
    rule = next((rule for rule in found if rule.inverses), found[0])
    hidden = (item for _, arguments in hiding for item in arguments.hidden)
    keys = (item for _, arguments in hiding for item in arguments.others)
    return _Reading(rule, frozenset(names_in(hidden)), frozenset(names_in(keys)))


def _may_be_keys(columns: Iterable[str], reading: _Reading) -> bool:
    """Whether one of the columns may be where a function does not hide it."""
    if not reading.keys:
        return False
    asked = list(columns)
    are_found = reading.hidden.issuperset(last(column).casefold() for column in asked)
    return not (asked and are_found) or any(_parts(column) & reading.keys for column in asked)


def _parts(column: str) -> set[str]:
    """Name a column and what it is in: who has all of a structure has its fields."""
    try:
        return {part.casefold() for part in split(column)}
    except MalformedName:
        return {column.casefold()}


_Hiding = tuple[MaskingRule, Arguments]


def _hiding_calls(expression: Expression, rules: tuple[MaskingRule, ...]) -> list[_Hiding] | None:
    """List the calls that hide, from the outside inwards; None where anything is beside them.

    Calls that cannot bring anything back are taken apart with a list of what is still to be read:
    expressions are nested deeper than Python may call.
    """
    found, waiting = [], [expression]
    while waiting:
        item = waiting.pop()
        call = only_call(item)
        if call is None:
            if not is_literal(item):
                return None
            continue
        hiding = _hiding(call, rules)
        if hiding is not None:
            found.append(hiding)
        elif call.name in _CONDUCTING or (not call.name and len(call.arguments) == 1):
            waiting.extend(reversed(_passed(call)))
        else:
            return None
    return found


def _hiding(call: Call, rules: tuple[MaskingRule, ...]) -> _Hiding | None:
    """Find the rule by which a call hides, with its arguments as the signature divides them."""
    for rule, signature in _signatures(rules).get(call.name, ()):
        arguments = signature.read(call.arguments)
        if arguments is not None:
            return rule, arguments
    return None


@lru_cache(maxsize=64)
def _signatures(
    rules: tuple[MaskingRule, ...],
) -> dict[str, list[tuple[MaskingRule, Signature]]]:
    """Sort the signatures of all rules by the names of their functions."""
    found: dict[str, list[tuple[MaskingRule, Signature]]] = {}
    for rule in rules:
        for signature in map(Signature.parse, sorted(rule.functions)):
            found.setdefault(signature.name, []).append((rule, signature))
    return found


def _passed(call: Call) -> list[Expression]:
    """List what a call passes on: its arguments, but for the type that CONVERT takes."""
    bare = map(without_clauses, call.arguments)
    return [item for item in bare if not (call.name in _TYPED and is_type(item))]


def find_conducting(function: str | None) -> ConductingRule | None:
    """Find the rule by which a function is known not to hide what it is given.

    Returns
    -------
    ConductingRule or None
        None where it hides, or where that is not known.

    Examples
    --------
    >>> find_conducting("lower(trim(email))").name, find_conducting("COUNT_IF(age > 17)").name
    ('trimming and padding', 'count of a condition')
    >>> find_conducting("lower(clean_up(email))"), find_conducting("lower(md5(email))")
    (None, None)
    """
    expression = read_expression(function) if function else None
    waiting: list[tuple[Expression, ConductingRule | None]] = []
    if expression is not None:
        waiting.append((as_called(expression), None))
    while waiting:
        item, around = waiting.pop()
        call = only_call(item)
        if call is None:
            if around is not None and names_in([_own_tokens(item)]):
                return around
        elif _hiding(call, RULES) is None:
            rule = _conducting(call.name)
            if rule is not None or not call.name:
                waiting.extend((argument, rule or around) for argument in _passed(call))
    return None


def _conducting(name: str) -> ConductingRule | None:
    """Find what a function does by its name, or by the last part of one with dots."""
    return _CONDUCTING.get(name) or _CONDUCTING.get(name.rpartition(".")[2])


def _own_tokens(expression: Expression) -> Expression:
    """Leave out the calls in an expression: what they do is not known."""
    return [item for item in expression if isinstance(item, Token)]
