"""Masking: which functions provably hide the value they are given.

The table is conservative: what is not in it conducts. `max(salary)` is somebody's salary,
`lower(email)` is the email, and nobody knows what `clean_up(email)` does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lineage.model.edges import ColumnEdge, Edge, Strength

__all__ = ["RULES", "MaskingRule", "find_rule", "masking_strength"]


@dataclass(frozen=True, slots=True)
class MaskingRule:
    """Functions that hide the value, and why they do.

    Attributes
    ----------
    name : str
        What the rule is called in findings.
    functions : frozenset of str
        Names of functions, in lower case.
    reason : str
        Why the value cannot be read from the result.
    """

    name: str
    functions: frozenset[str]
    reason: str


RULES: tuple[MaskingRule, ...] = (
    MaskingRule(
        "digest",
        frozenset(
            {
                "md5",
                "sha",
                "sha1",
                "sha2",
                "sha224",
                "sha256",
                "sha384",
                "sha512",
                "sha2_hex",
                "sha3",
                "sha3_256",
                "sha3_512",
                "sha1_hex",
                "md5_hex",
                "blake2b",
                "blake2s",
                "blake3",
            }
        ),
        "a digest cannot be turned back into the value",
    ),
    MaskingRule(
        "keyed hash",
        frozenset({"hmac", "hmac_md5", "hmac_sha1", "hmac_sha256", "hmac_sha512"}),
        "without the key, the value cannot even be guessed and compared",
    ),
    MaskingRule(
        "encryption",
        frozenset({"encrypt", "aes_encrypt", "encrypt_aes", "pgp_sym_encrypt", "pgp_pub_encrypt"}),
        "without the key, the value cannot be read",
    ),
    MaskingRule(
        "redaction",
        frozenset({"redact", "mask", "mask_hash", "nullify"}),
        "the value is replaced by something that does not depend on it",
    ),
    MaskingRule(
        "count",
        frozenset({"count", "count_distinct", "count_if", "countif", "approx_count_distinct"}),
        "how many values there are tells none of them",
    ),
)
"""The rules that come with the library, in the order they are tried."""

_PASSING = frozenset(
    {
        *("lower", "upper", "trim", "ltrim", "rtrim", "lpad", "rpad"),
        *("left", "right", "substr", "substring", "concat", "concat_ws"),
        *("cast", "hex", "to_hex", "base64", "to_base64", "encode"),
        *("coalesce", "ifnull", "nvl"),
    }
)
"""Functions that cannot bring back what an inner function has hidden; others might."""

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*\((.*)\)\s*", re.DOTALL)
_NAME = re.compile(r"\s*([A-Za-z_]\w*)\s*")
_LITERAL = re.compile(r"\s*(?:'[^']*'|-?\d+(?:\.\d+)?|null|true|false)\s*", re.IGNORECASE)
_CAST_TYPE = re.compile(r"\s+as\s+[\w ()<>,]+$", re.IGNORECASE)


def find_rule(function: str | None) -> MaskingRule | None:
    """Find the rule by which a mapping's function hides the value.

    A function name hides what it is given, and a call hides its arguments. What is hidden
    stays hidden in calls that cannot bring it back, if no raw argument stands beside it.

    Parameters
    ----------
    function : str or None
        As recorded: a bare name or an expression.

    Returns
    -------
    MaskingRule or None
        None where the value gets through, or nobody can tell.

    Examples
    --------
    >>> find_rule("SHA2(lower(email), 256)").name, find_rule("upper(md5(email))").name
    ('digest', 'digest')
    >>> find_rule("lower(email)"), find_rule("md5(a) || b"), find_rule("clean_up(email)")
    (None, None, None)
    """
    if not function:
        return None
    name = _NAME.fullmatch(function)
    if name:
        return _by_name(name[1])
    return _in_expression(function)


def masking_strength(_edge: Edge, column_edge: ColumnEdge) -> Strength:
    """Tell how much a mapping proves, with the rules that come with the library.

    Examples
    --------
    >>> hashed = ColumnEdge(upstream=("t.email",), downstream="u.id", function="md5(email)")
    >>> masking_strength(Edge(upstream=("table", "t"), downstream=("table", "u")), hashed).label
    'masked'
    """
    return Strength.VALUE if find_rule(column_edge.function) is None else Strength.MASKED


def _by_name(name: str) -> MaskingRule | None:
    return next((rule for rule in RULES if name.lower() in rule.functions), None)


def _in_expression(text: str) -> MaskingRule | None:
    """Find the rule that hides everything in an expression that is not a literal."""
    call = _CALL.fullmatch(text)
    if call is None or not _balanced(call[2]):
        return None
    rule = _by_name(call[1])
    if rule is not None or call[1].lower() not in _PASSING:
        return rule
    arguments = [_CAST_TYPE.sub("", argument) for argument in _arguments(call[2])]
    rules = [_in_expression(item) for item in arguments if not _LITERAL.fullmatch(item)]
    return rules[0] if rules and all(rules) else None


def _balanced(text: str) -> bool:
    """Whether no parenthesis closes that was not opened, so that one call spans the text."""
    depth = 0
    for character in _without_strings(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _arguments(text: str) -> Iterator[str]:
    """Split at the commas that stand in no parentheses and in no string."""
    depth, start = 0, 0
    for position, character in enumerate(_without_strings(text)):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield text[start:position]
            start = position + 1
    yield text[start:]


def _without_strings(text: str) -> str:
    """Blank out quoted text, keeping every position."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", lambda found: " " * len(found[0]), text)
