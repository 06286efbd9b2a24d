"""Read a function's text into calls and their arguments, where every dialect reads it alike.

The dialect of a text is seldom known. What dialects read differently (escapes, comments, dollar
and triple quotes, literals that begin with a letter and hold an escape) may hide where a string
ends, and with it where a call ends. Such a text is not read at all.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "Call",
    "Expression",
    "Token",
    "as_called",
    "is_column",
    "is_literal",
    "is_type",
    "names_in",
    "only_call",
    "read_expression",
    "without_clauses",
]

_LONGEST = 20_000  # characters; longer ones are written by nobody who wants them read

_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
    # A backslash escapes in MySQL, BigQuery, Spark and Snowflake, and is itself elsewhere: the
    # string ends at the same quote only where no quote follows an odd number of them.
  | (?P<string>'(?:[^'\\]|''|\\\\|\\[^'\\])*+'
             | [bBeEnNrRxX]'(?:[^'\\]|'')*+')
    # In brackets: a name in SQL Server, a place in an array elsewhere.
  | (?P<quoted>"(?:[^"\\]|"")*+" | `(?:[^`\\]|``)*+` | \[(?:[\w\ .,:*+]|-(?!-))*+\])
    # A quote directly after a word may be a literal of a kind that is not known.
  | (?P<name>(?>[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?!['"]))
  | (?P<number>(?>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.]))
  | (?P<parenthesis>[(),])
    # `--`, `/*` and `//` begin comments in some dialects; `U&"..."` is a name with escapes.
  | (?P<operator>=>|:=|::|-(?!-)|/(?![/*])|\*(?!/)|&(?!['"])|[.+%<>=!~^|@?:])
    """,
    re.VERBOSE,
)

_TRIPLE = re.compile("'''|\"\"\"")
"""A long string in BigQuery, a string that begins or ends with a quote elsewhere."""

_VALUES = frozenset({"null", "true", "false"})
_TYPES = frozenset({"binary", "char", "nchar", "nvarchar", "varbinary", "varchar"})

_SHAPES = {"name": "n", "quoted": "q", "string": "s", "number": "0"}  # see _shape
_LITERAL = re.compile(r"s|[-+]?0")
_COLUMN = re.compile(r"(?:[nq]\.)*+[nq*]")
_CLAUSE = re.compile(r"n[nqc0]++")


class Token(NamedTuple):
    """A piece of the text.

    Attributes
    ----------
    kind : str
        `name`, `quoted`, `string`, `number` or `operator`.
    text : str
        As it is written.
    """

    kind: str
    text: str


@dataclass(slots=True, eq=False)
class Call:
    """A function's name and what is in the parentheses after it.

    Attributes
    ----------
    name : str
        In lower case, with the dots that are in it; empty for parentheses alone.
    arguments : list of Expression
        What is between the commas.
    """

    name: str
    arguments: list["Expression"] = field(default_factory=lambda: [[]])


Expression = list[Token | Call]
"""Tokens and calls in their order."""


def read_expression(text: str) -> Expression | None:
    r"""Read a text; None where dialects may read it differently, or it is no expression.

    Examples
    --------
    >>> (call,) = read_expression("sha2(lower(email), 256)")
    >>> call.name, len(call.arguments)
    ('sha2', 2)
    >>> read_expression(r"concat('\', email, '\')"), read_expression("md5(email")
    (None, None)
    """
    tokens = list(_tokens(text))
    if tokens and tokens[-1].kind == "unknown":
        return None
    outermost = Call("")
    opened = [outermost]
    for token in tokens:
        if token.kind != "parenthesis":
            opened[-1].arguments[-1].append(token)
        elif token.text == "(":
            opened.append(_open(opened[-1].arguments[-1]))
        elif token.text == ",":
            opened[-1].arguments.append([])
        elif len(opened) == 1:
            return None
        else:
            _close(opened.pop())
    return outermost.arguments[0] if len(opened) == len(outermost.arguments) == 1 else None


def _tokens(text: str) -> Iterator[Token]:
    """Split a text into tokens; the last one is unknown where it cannot be read to its end."""
    position = 0
    if len(text) > _LONGEST or _TRIPLE.search(text):
        yield Token("unknown", text)
        return
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            yield Token("unknown", text[position:])
            return
        if found.lastgroup != "space":
            yield Token(found.lastgroup, found[0])
        position = found.end()


def _open(before: Expression) -> Call:
    """Begin a call of the name before a parenthesis, or of none."""
    last = before[-1] if before else None
    call = Call("")
    if isinstance(last, Token) and last.kind == "name":
        call = Call(_lowered(last.text))
        before.pop()
    before.append(call)
    return call


def _lowered(name: str) -> str:
    """Write a name in lower case; one beyond ASCII might become another, and is kept."""
    return name.lower() if name.isascii() else name


def _close(call: Call) -> None:
    if call.arguments == [[]]:
        call.arguments.clear()


def only_call(expression: Expression) -> Call | None:
    """Give the call that an expression is, where it is nothing else.

    Examples
    --------
    >>> only_call(read_expression("MD5(a)")).name
    'md5'
    >>> only_call(read_expression("md5(a) || b")) is None
    True
    """
    only = expression[0] if len(expression) == 1 else None
    return only if isinstance(only, Call) else None


def as_called(expression: Expression) -> Expression:
    """Read a bare name as a call of it, with one argument.

    Examples
    --------
    >>> only_call(as_called(read_expression("MD5"))).name
    'md5'
    """
    only = expression[0] if len(expression) == 1 else None
    if isinstance(only, Token) and only.kind == "name":
        return [Call(_lowered(only.text), [[only]])]
    return expression


def without_clauses(argument: Expression) -> Expression:
    """Take from an argument the DISTINCT before it, and the type or alias after its AS.

    Examples
    --------
    >>> (call,) = read_expression("f(distinct a, md5(b) as varchar(32))")
    >>> [_shape(without_clauses(argument)) for argument in call.arguments]
    ['n', 'c']
    """
    words = [item.text.lower() if isinstance(item, Token) else "" for item in argument]
    start = 1 if len(argument) > 1 and words[0] in {"distinct", "all"} else 0
    end = max((place for place, word in enumerate(words) if word == "as"), default=0)
    return argument[start:end] if start < end and _is_clause(argument[end:]) else argument[start:]


def _is_clause(words: Expression) -> bool:
    """Whether there are words alone after AS, and lengths in parentheses."""
    calls: list[Expression] = [[item] for item in words if isinstance(item, Call)]
    return _CLAUSE.fullmatch(_shape(words)) is not None and not names_in(calls)


def is_type(expression: Expression) -> bool:
    """Whether an expression is a type of text or bytes, with its length or without.

    Examples
    --------
    >>> [is_type(read_expression(text)) for text in ("varchar(64)", "char", "email")]
    [True, True, False]
    """
    only = expression[0] if len(expression) == 1 else None
    if isinstance(only, Call):
        return only.name in _TYPES and all(map(is_literal, only.arguments))
    return only is not None and only.text.lower() in _TYPES


def is_literal(expression: Expression) -> bool:
    """Whether an expression is a string, a number, or a word such as NULL.

    Examples
    --------
    >>> [is_literal(read_expression(text)) for text in ("'a'", "-1.5", "null", "email")]
    [True, True, True, False]
    """
    if _shape(expression) == "n":
        return not names_in([expression])
    return _LITERAL.fullmatch(_shape(expression)) is not None


def is_column(expression: Expression) -> bool:
    """Whether an expression is a column by its name, or all columns of a table.

    Examples
    --------
    >>> [is_column(read_expression(text)) for text in ("p.email", '"E mail"', "*", "a = 1")]
    [True, True, True, False]
    """
    return _COLUMN.fullmatch(_shape(expression)) is not None


def _shape(expression: Expression) -> str:
    """Write an expression with one letter for each token and call."""
    return "".join(
        "c" if isinstance(item, Call) else _SHAPES.get(item.kind) or item.text[0]
        for item in expression
    )


def names_in(expressions: Iterable[Expression]) -> set[str]:
    r"""List the words that may be columns, at any depth, without regard to case.

    Examples
    --------
    >>> sorted(names_in([read_expression("concat(p.email, 'x', lower(\"City\"))")]))
    ['city', 'email', 'p']
    """
    found: set[str] = set()
    waiting = list(expressions)
    while waiting:
        for item in waiting.pop():
            if isinstance(item, Call):
                waiting.extend(item.arguments)
            elif item.kind == "quoted":
                name = _unquoted(item.text)
                found |= {name, *re.findall(r"\w+", name)}
            elif item.kind == "name":
                found.update(item.text.casefold().split("."))
    return found - _VALUES


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    return (inner if text[0] == "[" else inner.replace(text[0] * 2, text[0])).casefold()
