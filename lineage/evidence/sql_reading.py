"""Read SQL: which columns give each output its value, and which only influence it.

The text is parsed by sqlglot. Its statements are followed one after the other; what a query takes
from common table expressions, derived tables and unions is put in their place, until every output
is made of columns of tables alone. A column's place in an expression decides whether it gives its
value or chooses, partitions and orders; what joins, filters, groups and sorts decides the rows.

A text is read completely or not at all. What is understood is listed (`sql_grammar`); a text that
holds anything else is a `NotRead` with its reason, and nothing is guessed.
"""

from collections.abc import Callable, Iterator

from sqlglot.errors import SqlglotError

from lineage.evidence.sql_flow import Flow
from lineage.evidence.sql_result import NotRead, Output, SqlReading, TableColumn, TableName
from lineage.evidence.sql_statement import read_filling
from lineage.evidence.sql_tables import Contents, Position
from lineage.evidence.sql_text import parse_statements
from lineage.evidence.sql_words import Words

__all__ = ["NotRead", "Output", "SqlReading", "TableColumn", "TableName", "read_sql"]

_ALTERNATIVES = 32  # of one output

_ODD = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def read_sql(
    text: str,
    *,
    target: TableName | str,
    dialect: str = "",
    columns_of: Callable[[TableName], tuple[str, ...]] = lambda _: (),
) -> SqlReading:
    """Read how a text fills a table.

    Parameters
    ----------
    text : str
        One statement, or several that rest on one another; a bare query fills the target, too.
    target : TableName or str
        The target's name, or as much of it as is known: the last part, or several of them.
    dialect : str
        As sqlglot calls it; its generic one by default.
    columns_of : callable
        Gives the columns of a table by its name, empty where they are not known. It is asked once
        for a table.

    Returns
    -------
    SqlReading

    Raises
    ------
    NotRead
        Not all of the text is understood, with the reason.

    Examples
    --------
    >>> sql = "insert into u (id, mail) select id, md5(email) from t where age > 17"
    >>> reading = read_sql(sql, target="u")
    >>> [(output.name, output.values, output.function) for output in reading.outputs]
    [('id', (TableColumn(table=('t',), column='id'),), None),
     ('mail', (TableColumn(table=('t',), column='email'),), 'MD5(email)')]
    >>> reading.rows
    ((<Influence.FILTER: 'filter'>, TableColumn(table=('t',), column='age')),)
    >>> reading.tables
    frozenset({('t',)})
    """
    name = (target,) if isinstance(target, str) else target
    try:
        statements, left_out = parse_statements(text, dialect)
        folded = tuple(part.casefold() for part in name)
        contents = read_filling(statements, folded, dialect, columns_of)
        if left_out is not None:
            message = f"the parser leaves out {left_out}"
            raise NotRead(message)
        return _reading(contents, Words(dialect))
    except RecursionError as error:
        message = "it is nested too deeply"
        raise NotRead(message) from error
    except SqlglotError as error:
        message = f"it could not be parsed: {str(error).splitlines()[0]}"
        raise NotRead(message) from None
    except _ODD as error:  # sqlglot makes odd trees of odd texts, and stumbles over them itself
        message = f"it could not be followed: {error!r}"
        raise NotRead(message) from error


def _reading(contents: Contents, words: Words) -> SqlReading:
    """Put what a table was filled with into words."""
    outputs = dict.fromkeys(_outputs(contents, words))
    if not outputs:
        message = "it fills no column"
        raise NotRead(message)
    return SqlReading(tuple(outputs), tuple(sorted(contents.rows)), contents.tables)


def _outputs(contents: Contents, words: Words) -> Iterator[Output]:
    for position, flows in contents.filled.items():
        alternatives = dict.fromkeys(_output(position, flow, words) for flow in flows)
        if len(alternatives) > _ALTERNATIVES:
            message = "its queries multiply beyond what is read"
            raise NotRead(message)
        yield from alternatives


def _output(position: Position, flow: Flow, words: Words) -> Output:
    return Output(
        position,
        tuple(sorted(flow.values)),
        words.function(flow),
        tuple(sorted(flow.influences)),
    )
