"""Write what is done to columns as a person would: in the dialect's words, with bare names."""

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel

from lineage.evidence.sql_flow import Flow

__all__ = ["Words"]

_BARE = (exp.Func, exp.Literal, exp.Null, exp.Var)


class Words:
    """Writes flows of one text. Nothing may be read of the text afterwards.

    Every expression is written in its place in the tree, its columns replaced by the words for
    what they are made of: copies would take longer than everything else.
    """

    def __init__(self, dialect: str) -> None:
        self._generator = Dialect.get_or_raise(dialect).generator(
            comments=False, unsupported_level=ErrorLevel.IGNORE
        )
        self._written: dict[int, str] = {}
        self._bared: set[int] = set()

    def function(self, flow: Flow) -> str | None:
        """Return what is done to the columns of a flow; None where nothing is."""
        return None if flow.column is not None else self._text(flow)

    def _text(self, flow: Flow) -> str:
        if flow.column is not None:
            return ".".join(map(_quoted, flow.column.column.split(".")))
        if id(flow) not in self._written:
            self._written[id(flow)] = self._write(flow)
        return self._written[id(flow)]

    def _write(self, flow: Flow) -> str:
        expression = flow.expression
        if expression is None:
            return ""
        words = [self._part(column, part) for column, part in flow.parts]
        self._bare(expression)
        for (column, _), word in zip(flow.parts, words, strict=True):
            column.set("this", exp.Var(this=word))
        # A query is rewritten while it is generated, so what is kept must be a copy.
        is_query = any(True for _ in expression.find_all(exp.Query))
        return self._generator.generate(expression, copy=is_query)

    def _part(self, column: exp.Column, part: Flow) -> str:
        """Write what a column is made of, in parentheses where it could be torn apart."""
        text = self._text(part)
        is_bare = part.column is not None or isinstance(part.expression, _BARE)
        return text if is_bare or column.parent is None else f"({text})"

    def _bare(self, expression: exp.Expr) -> None:
        """Leave the last part of each name, and quotes only where they are needed."""
        if id(expression) in self._bared:
            return
        self._bared.add(id(expression))
        for node in list(expression.walk()):
            if isinstance(node, exp.Column | exp.Table):
                for key in ("table", "db", "catalog"):
                    if node.args.get(key):
                        node.set(key, None)
            elif isinstance(node, exp.Identifier):
                name = node.name.casefold()
                node.args.update(this=name, quoted=not name.isidentifier())


def _quoted(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'
