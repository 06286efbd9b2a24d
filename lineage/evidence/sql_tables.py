"""Tables: what each holds at a place in a text, from before it and from the statements so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from lineage.evidence.sql_flow import NOTHING, Flow, Flows, pick
from lineage.evidence.sql_result import Influences, NotRead, TableColumn, TableName
from lineage.evidence.sql_scope import Relation

__all__ = ["Contents", "Position", "Tables", "is_same"]

Position = str | int
"""A column of a table: its name, or its position where it has none or none is known."""


@dataclass(slots=True, eq=False)
class Contents:
    """What a text fills one table with.

    Attributes
    ----------
    name : TableName
    number : int
        Sets the alternatives of its rows apart from those of other tables.
    names : tuple of Position or None
        Its columns in order, by position where one has no name; None where they are not known.
    is_held : bool
        Whether it may hold rows from before the text.
    is_lasting : bool
        Whether others find it after the text, so that its own columns count as read from.
    filled : dict
        The alternatives of each column that the text fills.
    rows : Influences
        What decides which rows it has.
    tables : frozenset of TableName
        What is read from to fill it.
    keys : frozenset of str
        The columns that are known to be its keys.
    view : callable or None
        Reads its query, where it is a view: what that yields changes with later statements.
    fills : int
        How often rows were added.
    is_ordered : bool
        Whether the order of its columns is known.
    """

    name: TableName
    number: int
    names: tuple[Position, ...] | None
    is_held: bool
    is_lasting: bool
    filled: dict[Position, list[Flow]] = field(default_factory=dict)
    rows: Influences = frozenset()
    tables: frozenset[TableName] = frozenset()
    keys: frozenset[str] = frozenset()
    view: Callable[[], Relation] | None = None
    fills: int = 0
    is_ordered: bool = True

    @property
    def is_itself(self) -> bool:
        """Whether its columns are something to read from, besides what they are made of."""
        return self.is_held or self.is_lasting

    def positions(self, width: int) -> tuple[Position, ...]:
        """Return the first columns, by name where the names are known."""
        if not self.is_ordered:
            message = f"the order of the columns of {self.name[-1]} is not known"
            raise NotRead(message)
        if self.names is None or width > len(self.names):
            return tuple(range(width))
        return self.names[:width]

    def add_rows(self, columns: Mapping[Position, Flows], relation: Relation) -> None:
        """Add rows that a relation yields, with what they hold in some columns."""
        self.fills += 1
        for position, flows in columns.items():
            self.filled.setdefault(position, []).extend(pick(flows, self.number, self.fills))
        self.depend_on(relation)

    def change(self, column: Position, flows: Flows) -> None:
        """Add what a column may hold instead."""
        self.filled.setdefault(column, []).extend(flows)

    def depend_on(self, relation: Relation) -> None:
        """Add what decides the rows, and what is read for it."""
        self.rows |= relation.rows
        self.tables |= relation.tables

    def rename_column(self, name: str, new: str) -> None:
        """Give a column another name."""
        if self.names is not None:
            self.names = tuple(new if one == name else one for one in self.names)
        self.filled = {new if at == name else at: flows for at, flows in self.filled.items()}

    def empty(self) -> None:
        """Take all rows away."""
        self.is_held = False
        self.filled.clear()
        self.rows, self.tables = frozenset(), frozenset()


class Tables:
    """The tables of one text, under the names it gives them.

    Parameters
    ----------
    columns_of : callable
        Gives the columns of a table as it was before the text; empty where they are not known.
    passing : frozenset of TableName
        Tables that are gone after the text, or are the one that is asked for.
    """

    def __init__(
        self,
        columns_of: Callable[[TableName], tuple[str, ...]],
        passing: frozenset[TableName] = frozenset(),
    ) -> None:
        self._columns_of = columns_of
        self._passing = passing
        self._before: dict[TableName, Relation] = {}
        self._numbers = count(1)
        self.contents: dict[TableName, Contents] = {}

    def number(self) -> int:
        """Return a number that nothing else in the text has."""
        return next(self._numbers)

    def read(self, name: TableName) -> Relation:
        """Return what a table holds at this place in the text."""
        contents = self.find(name)
        return self.before(name) if contents is None else self._current(contents)

    def find(self, name: TableName) -> Contents | None:
        """Find what the text fills a table with, refused where it may be one of two."""
        if name in self.contents:
            return self.contents[name]
        if any(is_same(name, other) for other in self.contents):
            message = f"it is not known whether {'.'.join(name)} is a table that it fills"
            raise NotRead(message)
        return None

    def before(self, name: TableName) -> Relation:
        """Return a table as it was before the text."""
        if name not in self._before:
            self._before[name] = self._as_it_was(name)
        return self._before[name]

    def _as_it_was(self, name: TableName) -> Relation:
        known = self._columns_of(name)
        columns = dict.fromkeys(column.casefold() for column in known)
        if len(columns) < len(set(known)):
            message = f"two columns of {name[-1]} differ in case alone"
            raise NotRead(message)
        if not columns and name[-1] == "dual":  # one row, in the dialects that want a FROM
            return Relation()

        def column(called: str) -> Flows:
            return (Flow.of(TableColumn(name, called)),)

        return Relation(
            columns=tuple((one, column(one)) for one in columns),
            tables=frozenset((name,)),
            rest=None if columns else column,
        )

    def new(self, name: TableName) -> Contents:
        """Make a table that the text creates."""
        self.drop(name)
        is_lasting = name not in self._passing
        contents = Contents(name, self.number(), None, is_held=False, is_lasting=is_lasting)
        self.contents[name] = contents
        return contents

    def filling(self, name: TableName) -> Contents:
        """Return what a table is filled with, to add to it; it may be one from before the text."""
        contents = self.find(name)
        if contents is None:
            before = self.before(name)
            contents = self.new(name)
            contents.is_held = True
            if before.rest is None:
                contents.names = tuple(str(column) for column, _ in before.columns)
        return contents

    def _current(self, contents: Contents) -> Relation:
        """Put what a table holds by itself beside what it was filled with."""
        if contents.view is not None:
            found = contents.view()
            columns = ((name, pick(flows, contents.number, 1)) for name, flows in found.columns)
            return self._beside_itself(contents, found._replace(columns=tuple(columns)))
        is_by_position = any(isinstance(position, int) for position in contents.filled)
        if contents.names is None and is_by_position:
            message = f"it fills {contents.name[-1]} by position, whose columns are not known"
            raise NotRead(message)
        filled = Relation(
            columns=tuple(
                (name if isinstance(name, str) else None, tuple(contents.filled.get(name, ())))
                for name in (contents.filled if contents.names is None else contents.names)
            ),
            rows=contents.rows,
            tables=contents.tables,
            is_ordered=contents.is_ordered,
        )
        return self._beside_itself(contents, filled)

    def _beside_itself(self, contents: Contents, filled: Relation) -> Relation:
        """Let each column of a table that is itself something to read from be that, too."""

        def itself(name: str | None) -> Flows:
            if name is None or not contents.is_itself:
                return ()
            return pick((Flow.of(TableColumn(contents.name, name)),), contents.number, 0)

        columns = ((name, (*itself(name), *flows)) for name, flows in filled.columns)
        is_complete = not contents.is_itself or contents.names is not None or contents.view
        return filled._replace(
            columns=tuple((name, flows or (NOTHING,)) for name, flows in columns),
            tables=filled.tables | ({contents.name} if contents.is_itself else set()),
            rest=None if is_complete else itself,
        )

    def rename(self, name: TableName, new: TableName) -> None:
        """Give a table another name; what it held before the text is not followed there."""
        contents = self.find(name)
        is_lost = contents is None or contents.is_held
        self.contents.pop(name, None)
        renamed = self.new(new)
        if contents is None or is_lost:
            renamed.view = _lost(new)
        else:
            self.contents[new] = replace(contents, name=new, is_lasting=renamed.is_lasting)

    def drop(self, name: TableName) -> None:
        """Forget a table."""
        if self.find(name) is not None:
            del self.contents[name]


def _lost(name: TableName) -> Callable[[], Relation]:
    """Return what refuses to be read."""

    def read() -> Relation:
        message = f"{'.'.join(name)} held rows under another name"
        raise NotRead(message)

    return read


def is_same(one: TableName, other: TableName) -> bool:
    """Whether two names may be of one table, as far as both go."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return all(part == same or not part or not same for part, same in pairs)
