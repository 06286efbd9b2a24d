"""Masking: where in a graph values are provably hidden, and by which rule.

The reading is conservative: what is not provable conducts. `max(salary)` is somebody's salary,
`lower(email)` is the email, and nobody knows what `clean_up(email)` does. The rules themselves
are in `masking_rules`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lineage.governance.audit.masking_rules import CONDUCTING, RULES, STATED, MaskingRule
from lineage.graph.index.walk import Walk
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.edges import ColumnEdge, Edge, Strength
from lineage.model.reference import Reference

__all__ = ["Masking", "find_masking", "find_rule"]

_PASSING = frozenset(name for rule in CONDUCTING for name in rule.functions)
"""Functions that cannot bring back what an inner function has hidden; others might."""

_NAME = re.compile(r"\s*([A-Za-z_][\w.]*)\s*")
_CALL = re.compile(_NAME.pattern + r"\((.*)\)\s*", re.DOTALL)
_CALLED = re.compile(_NAME.pattern + r"\(")
_LITERAL = re.compile(r"\s*(?:'[^']*'|-?\d+(?:\.\d+)?|null|true|false)\s*", re.IGNORECASE)
_CAST_TYPE = re.compile(r"\s+as\s+[\w ()<>,]+$", re.IGNORECASE)
_UNREADABLE = re.compile(r"\\|--|/\*|#|\$\$|\[")
"""Escapes, comments and other quotes: what stands in a string is not told apart from the rest."""
_LONGEST = 4_000  # characters; longer ones are written by nobody who wants them read

_K = re.compile(r"\s*(?:k\s*(?:=>?|:=)\s*)?0*(?:[2-9]|[1-9]\d+)\s*", re.IGNORECASE)


_Mapping = tuple[Edge, ColumnEdge]


@dataclass(frozen=True, slots=True)
class Masking:
    """What hides values in one graph. Called with a mapping, it tells the mapping's strength.

    Attributes
    ----------
    rules : tuple of MaskingRule
        The rules that hold, in the order they are tried.
    undone : frozenset of (Edge, ColumnEdge)
        The mappings that hide a value which an inverse brings back further downstream.
    """

    rules: tuple[MaskingRule, ...] = RULES
    undone: frozenset[_Mapping] = frozenset()

    def rule(self, edge: Edge, column_edge: ColumnEdge | None) -> MaskingRule | None:
        """Find the rule by which a mapping hides the value; None where it gets through.

        Examples
        --------
        >>> edge = Edge(upstream=("table", "t"), downstream=("table", "u"))
        >>> hashed = ColumnEdge(upstream=("t.email",), downstream="u.id", function="md5(email)")
        >>> Masking().rule(edge, hashed).name
        'digest'
        """
        if column_edge is None or (self.undone and (edge, column_edge) in self.undone):
            return None
        return _mapping_rule(column_edge, self.rules)

    def __call__(self, edge: Edge, column_edge: ColumnEdge) -> Strength:
        """Tell how much a mapping proves."""
        if column_edge.influence is not None:
            return Strength.INFLUENCE
        return Strength.VALUE if self.rule(edge, column_edge) is None else Strength.MASKED


def find_masking(graph: LineageGraph, *, rules: tuple[MaskingRule, ...] = RULES) -> Masking:
    """Find out what hides values in a graph.

    A mapping that encrypts hides nothing where a mapping downstream of it decrypts: what comes
    out of that one is the value again.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    rules : tuple of MaskingRule
        The rules that hold; those of the library unless told otherwise.

    Returns
    -------
    Masking
        Found out once for a graph and some rules, and kept with the graph.

    Examples
    --------
    >>> find_masking(LineageGraph()) == Masking()
    True
    """
    return graph.keep(
        (find_masking, rules), lambda: Masking(rules, frozenset(_undone(graph, rules)))
    )


def _undone(graph: LineageGraph, rules: tuple[MaskingRule, ...]) -> Iterator[_Mapping]:
    """Go upstream from all that undoes a rule together, and give what the rule would hide."""
    for rule, undoing in _undoing(graph, rules).items():
        index = graph.part_index()
        walk = Walk(index, *(index.exit(item) for item in sorted(undoing)), direction="upstream")
        for hop in walk.hops():
            if hop.column_edge is not None and _mapping_rule(hop.column_edge, rules) == rule:
                yield hop.edge, hop.column_edge


def _undoing(
    graph: LineageGraph, rules: tuple[MaskingRule, ...]
) -> dict[MaskingRule, set[Reference]]:
    """Find what is given to an inverse of each rule, where anything is."""
    inverses = {name: rule for rule in rules for name in rule.inverses}
    found: dict[MaskingRule, set[Reference]] = {}
    for hop in graph.hops():
        if hop.function is not None:
            for name in inverses.keys() & set(_names(hop.function)):
                found.setdefault(inverses[name], set()).add(hop.upstream)
    return found


def find_rule(
    function: str | None, *, rules: tuple[MaskingRule, ...] = RULES
) -> MaskingRule | None:
    """Find the rule by which a mapping's function hides the value.

    A function name hides what it is given, and a call hides its arguments. What is hidden
    stays hidden in calls that cannot bring it back, if no raw argument stands beside it.

    Parameters
    ----------
    function : str or None
        As recorded: a bare name or an expression.
    rules : tuple of MaskingRule
        The rules that hold; those of the library unless told otherwise.

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
    >>> find_rule("generalise(age, k => 10)").name, find_rule("generalise(age)")
    ('generalisation', None)
    """
    if not function or len(function) > _LONGEST or _UNREADABLE.search(function):
        return None
    name = _NAME.fullmatch(function)
    if name:
        return _by_name(name[1], (), rules)
    return _in_expression(function, rules)


def _mapping_rule(column_edge: ColumnEdge, rules: tuple[MaskingRule, ...]) -> MaskingRule | None:
    """Find the rule by function; what the evidence states of masking comes first."""
    if column_edge.masking is False:
        return None
    rule = find_rule(column_edge.function, rules=rules)
    is_stated = column_edge.masking and STATED in rules
    return STATED if rule is None and is_stated else rule


def _by_name(
    name: str, arguments: Sequence[str], rules: tuple[MaskingRule, ...]
) -> MaskingRule | None:
    """Find the rule of a function; one that needs a k must state it after what it is given."""
    rule = next((rule for rule in rules if name.lower() in rule.functions), None)
    if rule is not None and rule.needs_k and not any(map(_K.fullmatch, arguments[1:])):
        return None
    return rule


def _in_expression(text: str, rules: tuple[MaskingRule, ...]) -> MaskingRule | None:
    """Find the rule that hides everything in an expression that is not a literal.

    Calls that conduct are taken apart from the outside inwards, with a list of what is still to
    be read: expressions can be nested deeper than Python may call.
    """
    waiting, found = [text], None
    while waiting:
        item = waiting.pop()
        call = _CALL.fullmatch(item)
        if call is None or not _balanced(call[2]):
            return None
        arguments = list(_arguments(call[2]))
        rule = _by_name(call[1], arguments, rules)
        if rule is None:
            bare = [_CAST_TYPE.sub("", argument) for argument in arguments]
            inner = [argument for argument in bare if not _LITERAL.fullmatch(argument)]
            if call[1].lower() not in _PASSING or not inner:
                return None
            waiting.extend(reversed(inner))
        found = found or rule
    return found


def _names(text: str) -> Iterator[str]:
    """Name every function an expression calls; a bare name is a call of it."""
    bare = _NAME.fullmatch(text)
    if bare:
        yield bare[1].lower()
    for call in _CALLED.finditer(_without_strings(text)):
        yield call[1].lower()


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
    return re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", lambda found: " " * len(found[0]), text)
