"""Random queries over some tables, in DuckDB's dialect or in SQLite's.

What a query yields depends on the data alone: wherever rows are limited, numbered or put in a list
by an order, the order is a total one, so that one run can be compared with another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import NamedTuple

__all__ = ["NAMES", "Column", "Kind", "QueryWriter", "Scope", "Table"]

NAMES = ("a", "b", "c", "e", "f", "g")
"""Columns are called alike everywhere, so that outputs shadow columns."""


class Kind(StrEnum):
    """The kinds of values, as DuckDB calls their types."""

    INT = "int"
    TEXT = "varchar"
    LIST = "int[]"
    STRUCT = "struct(x int, y varchar)"


class Column(NamedTuple):
    """A column of a table, or one that a query is to yield."""

    name: str
    kind: Kind


class Table(NamedTuple):
    """A table; where it has a key, no two rows share a value of its column `k`."""

    name: str
    columns: tuple[Column, ...]
    has_key: bool = False


class Visible(NamedTuple):
    """A column as an expression may name it."""

    sql: str
    kind: Kind


@dataclass
class Scope:
    """What can be named at a place, and which columns no two of its rows share."""

    outer: "Scope | None" = None
    visible: list[Visible] = field(default_factory=list)
    bare: dict[str, Kind | None] = field(default_factory=dict)
    keys: list[str] | None = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)

    def add(self, alias: str, columns: Sequence[Column], *, has_key: bool = False) -> None:
        """Let the columns of a source be named."""
        self.aliases.append(alias)
        for column in columns:
            self.visible.append(Visible(f"{alias}.{column.name}", column.kind))
            self.bare[column.name] = None if column.name in self.bare else column.kind
        if not has_key:
            self.keys = None
        elif self.keys is not None:
            self.keys.append(f"{alias}.k")

    def merge(self, other: "Scope", joined: Sequence[str] = ()) -> None:
        """Let the columns of what is joined be named, those it is joined by without a table."""
        self.aliases += other.aliases
        self.visible += other.visible
        for name, kind in other.bare.items():
            if name not in joined:
                self.bare[name] = None if name in self.bare else kind
        known = self.keys is not None and other.keys is not None
        self.keys = [*(self.keys or ()), *(other.keys or ())] if known else None

    @property
    def level(self) -> int:
        """How many queries are around this one."""
        return 0 if self.outer is None else self.outer.level + 1

    @property
    def total(self) -> str:
        """A list of columns by which no two rows that differ are equal."""
        names = [one.sql for one in self.visible] if self.keys is None else self.keys
        return ", ".join(dict.fromkeys(names)) or "1"


class QueryWriter:
    """Writes queries over the tables it is given.

    Parameters
    ----------
    random : Random
        Makes all choices.
    dialect : str
        `duckdb` or `sqlite`.
    """

    def __init__(self, random: Random, dialect: str) -> None:
        self.random = random
        self.is_duckdb = dialect == "duckdb"
        self.tables: list[Table] = []
        self._numbers = 0

    def maybe(self, chance: float) -> bool:
        """Say yes with a chance."""
        return self.random.random() < chance

    def fresh(self, stem: str) -> str:
        """Make a name that nothing has."""
        self._numbers += 1
        return f"{stem}{self._numbers}"

    def some_columns(self) -> tuple[Column, ...]:
        """Choose what a query is to yield."""
        names = self.random.sample(NAMES, self.random.randint(2, 3))
        return tuple(Column(name, self.some_kind()) for name in names)

    def some_kind(self) -> Kind:
        """Choose a kind; SQLite has but two."""
        if self.is_duckdb and self.maybe(0.15):
            return self.random.choice((Kind.LIST, Kind.STRUCT))
        return self.random.choice((Kind.INT, Kind.TEXT))

    # Queries

    def query(self, columns: Sequence[Column], depth: int = 2) -> str:
        """Write a query that yields columns of these names and kinds."""
        forms: list[Callable[[Sequence[Column], int], str]] = [self.select] * 5
        if depth > 0:
            forms += [self.set_operation, self.with_query, self.recursive, self.wrapped]
        return self.random.choice(forms)(columns, depth)

    def set_operation(self, columns: Sequence[Column], depth: int) -> str:
        """Write two queries, one of them put beside or against the other."""
        words = ["union", "union all", "except", "intersect"]
        if self.is_duckdb:
            words += ["except all", "intersect all", "union by name", "union all by name"]
        word, others = self.random.choice(words), list(columns)
        if "by name" in word:
            self.random.shuffle(others)
        left, right = (self.select(one, depth - 1, is_branch=True) for one in (columns, others))
        both = f"{left} {word} {right}"
        return f"{both}{self.cut_off(len(columns))}" if self.maybe(0.2) else both

    def with_query(self, columns: Sequence[Column], depth: int) -> str:
        """Write a query over others that are named before it."""
        before, named = list(self.tables), []
        for _ in range(self.random.randint(1, 2)):
            name, own = self.fresh("w"), self.some_columns()
            named.append(f"{name} as ({self.query(own, depth - 1)})")
            self.tables.append(Table(name, own))
        query = self.select(columns, depth - 1)
        self.tables = before
        return f"with {', '.join(named)} {query}"

    def recursive(self, columns: Sequence[Column], depth: int) -> str:
        """Write a query over one that goes on from what it has."""
        name, kind = self.fresh("r"), self.random.choice((Kind.INT, Kind.TEXT))
        own = (Column("n", Kind.INT), Column(self.random.choice(NAMES), kind))
        start, scope = self.from_(0)
        first = f"select 0, {self.expression(scope, kind, 1)} from {start}"
        itself = Scope()
        itself.add(name, own)
        joined = self.joined(itself, 0) if self.maybe(0.5) else ""
        again = f"select {name}.n + 1, {self.expression(itself, kind, 1)} from {name}{joined}"
        word = self.random.choice(("union", "union all"))
        more = f" and {self.condition(itself, 1)}" if self.maybe(0.4) else ""
        before, self.tables = self.tables, [*self.tables, Table(name, own)]
        query = self.select(columns, depth - 1)
        self.tables = before
        names = ", ".join(one.name for one in own)
        return (
            f"with recursive {name}({names}) as ({first} {word} {again} where {name}.n < 2{more}) "
            f"{query}"
        )

    def wrapped(self, columns: Sequence[Column], depth: int) -> str:
        """Write a query around one that yields the same: by stars, or in brackets."""
        inner, alias = self.query(columns, depth - 1), self.fresh("q")
        if not self.is_duckdb:
            return f"select {self.random.choice(('*', f'{alias}.*'))} from ({inner}) {alias}"
        if self.maybe(0.3):
            return f"({inner}){self.cut_off(len(columns))}"
        scope = Scope()
        scope.add(alias, columns)
        one = self.random.choice(columns)
        names = "|".join(f"^{column.name}$" for column in columns)
        extra = Column("z", Kind.INT)
        stars = (
            "*",
            f"{alias}.*",
            f"* replace ({self.expression(scope, one.kind, 1)} as {one.name})",
            f"columns('{names}')",
            "columns(*)",
        )
        if self.maybe(0.3):
            return f"select * exclude (z) from ({self.query([*columns, extra], 0)}) {alias}"
        return f"select {self.random.choice(stars)} from ({inner}) {alias}"

    def cut_off(self, width: int) -> str:
        """Write a total order over all outputs, and where it ends."""
        order = ", ".join(map(str, range(1, width + 1)))
        return f" order by {order} limit {self.random.randint(1, 4)}"

    # SELECT

    def select(self, columns: Sequence[Column], depth: int, *, is_branch: bool = False) -> str:
        """Write one SELECT; the branch of a set operation has no order of its own."""
        sources, scope = self.from_(max(depth, 0))
        where = f" where {self.condition(scope, 2)}" if self.maybe(0.45) else ""
        rest = f"from {sources}{where}"
        forms = [self._plain, self._plain, self._grouped, self._distinct]
        if not is_branch:
            forms.append(self._sorted)
        if self.is_duckdb:
            forms += [self._qualified] if is_branch else [self._distinct_on, self._qualified]
        return self.random.choice(forms)(columns, rest, scope)

    def _plain(self, columns: Sequence[Column], rest: str, scope: Scope) -> str:
        items, named = [], ""
        for column in columns:
            chance = self.random.random()
            if named and column.kind is Kind.INT and chance < 0.15 and self.is_duckdb:
                sql = f"{named} + 1"  # the output before it
            elif chance < 0.35 and column.kind in (Kind.INT, Kind.TEXT):
                sql = self.window(scope, column.kind)
            else:
                sql = self.expression(scope, column.kind, 2)
            items.append(f"{sql} as {column.name}")
            named = column.name if column.kind is Kind.INT else ""
        return f"select {', '.join(items)} {rest}"

    def _sorted(self, columns: Sequence[Column], rest: str, scope: Scope) -> str:
        first = self.order_item(columns, scope)
        order = ", ".join(str(number) for number in range(1, len(columns) + 1))
        end = f"order by {first}, {order} limit {self.random.randint(1, 4)}"
        return f"{self._plain(columns, rest, scope)} {end}"

    def order_item(self, columns: Sequence[Column], scope: Scope) -> str:
        """Write what rows are put in order by: an output's name, alone or not, or anything."""
        named = self.random.choice(columns)
        if self.maybe(0.3):
            return named.name
        if named.kind is Kind.INT and self.maybe(0.4):
            return f"{named.name} + 1"
        return self.anything(scope)

    def _grouped(self, columns: Sequence[Column], rest: str, scope: Scope) -> str:
        groups: list[str] = []
        names: list[str] = []
        items: list[str] = []
        for position, column in enumerate(columns, 1):
            if self.maybe(0.45):
                sql = self.expression(scope, column.kind, 1)
                form = self.random.random()
                groups.append(sql if form < 0.6 else str(position))
                if form > 0.85 and scope.bare.get(column.name, "") == "":
                    groups[-1] = column.name
                names.append(column.name)
            else:
                sql = self.aggregate(scope, column.kind)
            items.append(f"{sql} as {column.name}")
        query = f"select {', '.join(items)} {rest}"
        query += self._group_by(groups)
        if groups and self.maybe(0.3):
            having = f"{self.aggregate(scope, Kind.INT)} > {self.random.randint(0, 4)}"
            if self.maybe(0.3):
                having = f"{self.random.choice(columns).name} is not null"
            query += f" having {having}"
        return query

    def _group_by(self, groups: list[str]) -> str:
        """Write GROUP BY in one of its forms."""
        listed = ", ".join(groups)
        if not groups or not self.is_duckdb:
            return f" group by {listed}" if groups else ""
        if self.maybe(0.2):
            return " group by all"
        if self.maybe(0.15) and not any(one.isdigit() for one in groups):
            word = self.random.choice(("rollup", "cube", "grouping sets"))
            inner = f"({listed}), ()" if word == "grouping sets" else listed
            return f" group by {word} ({inner})"
        return f" group by {listed}"

    def _distinct(self, columns: Sequence[Column], rest: str, scope: Scope) -> str:
        items = (f"{self.expression(scope, one.kind, 1)} as {one.name}" for one in columns)
        return f"select distinct {', '.join(items)} {rest}"

    def _distinct_on(self, columns: Sequence[Column], rest: str, scope: Scope) -> str:
        items = ", ".join(f"{self.expression(scope, one.kind, 1)} as {one.name}" for one in columns)
        on = self.order_item(columns, scope)
        order = ", ".join(str(number) for number in range(1, len(columns) + 1))
        by = self.anything(scope)
        return f"select distinct on ({on}) {items} {rest} order by {on}, {by}, {order}"

    def _qualified(self, columns: Sequence[Column], rest: str, scope: Scope) -> str:
        items = ", ".join(f"{self.expression(scope, one.kind, 1)} as {one.name}" for one in columns)
        if self.maybe(0.3):
            name = self.fresh("w")
            window = self.over(scope)
            return f"select {items} {rest} window {name} as {window} qualify rank() over {name} < 3"
        condition = f"{self.window(scope, Kind.INT)} < 3"
        if self.maybe(0.3):
            condition += f" or {self.random.choice(columns).name} is null"
        return f"select {items} {rest} qualify {condition}"

    # FROM

    def from_(self, depth: int, outer: Scope | None = None) -> tuple[str, Scope]:
        """Write what a query reads from, and say what can be named there."""
        scope = Scope(outer=outer)
        sql = self.source(scope, depth)
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            sql += self.joined(scope, depth)
        if self.is_duckdb and outer is None and self.maybe(0.15):
            sql += self.lateral(scope)
        return sql, scope

    def source(self, scope: Scope, depth: int) -> str:
        """Write a table or a query in FROM."""
        alias = self.fresh("q")
        if depth > 0 and self.maybe(0.3):
            columns = self.some_columns()
            scope.add(alias, columns)
            return f"({self.query(columns, depth - 1)}) {alias}"
        if self.is_duckdb and self.maybe(0.1):
            return self.random.choice((self._values, self._pivoted, self._unpivoted))(scope, alias)
        table = self.random.choice(self.tables)
        if self.maybe(0.3) and table.name not in scope.aliases:
            scope.add(table.name, table.columns, has_key=table.has_key)
            return table.name
        scope.add(alias, table.columns, has_key=table.has_key)
        return f"{table.name} {alias}"

    def _values(self, scope: Scope, alias: str) -> str:
        scope.add(alias, (Column("v", Kind.INT), Column("w", Kind.TEXT)))
        return f"(values (1, 'p'), (2, 'q')) {alias}(v, w)"

    def _pivoted(self, scope: Scope, alias: str) -> str:
        """Write rows turned into columns."""
        columns = (Column("a", Kind.TEXT), Column("b", Kind.INT), Column("c", Kind.INT))
        query, picked = self.query(columns, 0), ('"1"', '"2"')
        scope.add(alias, (columns[0], *(Column(name, Kind.INT) for name in picked)))
        aggregate = self.random.choice(("max", "sum"))
        return f"(select * from ({query}) pivot ({aggregate}(c) for b in (1, 2))) {alias}"

    def _unpivoted(self, scope: Scope, alias: str) -> str:
        """Write columns turned into rows."""
        columns = (Column("a", Kind.TEXT), Column("b", Kind.INT), Column("c", Kind.INT))
        scope.add(alias, (columns[0], Column("n", Kind.TEXT), Column("v", Kind.INT)))
        return f"(select * from ({self.query(columns, 0)}) unpivot (v for n in (b, c))) {alias}"

    def joined(self, scope: Scope, depth: int) -> str:
        """Write what is joined to what is there."""
        other = Scope()
        source = self.source(other, depth)
        if other.aliases[0] in scope.aliases:
            return ""
        common = [name for name in other.bare if name in scope.bare]
        alike = [name for name in common if scope.bare[name] is other.bare[name] is not None]
        side = self.random.choice(("", "left ", "right ", "full "))
        if alike and self.maybe(0.3):
            name = self.random.choice(alike)
            scope.merge(other, joined=(name,))
            return f" {side}join {source} using ({name})"
        if common and alike == common and self.maybe(0.3):
            scope.merge(other, joined=common)
            return f" natural {side}join {source}"
        if self.maybe(0.15):
            scope.merge(other)
            return self.random.choice((f", {source}", f" cross join {source}"))
        return self._joined_on(source, scope, other, side)

    def _joined_on(self, source: str, scope: Scope, other: Scope, side: str) -> str:
        both = Scope(scope.outer, [*scope.visible, *other.visible])
        condition = self.condition(both, 1)
        if self.is_duckdb and self.maybe(0.15):
            return f" {self.random.choice(('semi', 'anti'))} join {source} on {condition}"
        keys = (scope.keys, other.keys)
        numbers = [one.sql for one in scope.visible if one.kind is Kind.INT]
        scope.merge(other)
        if self.is_duckdb and keys[1] and numbers and self.maybe(0.1):
            return f" asof join {source} on {self.random.choice(numbers)} >= {keys[1][0]}"
        return f" {side}join {source} on {condition}"

    def lateral(self, scope: Scope) -> str:
        """Write what looks at the sources before it."""
        alias = self.fresh("q")
        lists = [one.sql for one in scope.visible if one.kind is Kind.LIST]
        if lists and self.maybe(0.7):
            unnested = self.random.choice(lists)
            scope.add(alias, (Column("v", Kind.INT),))
            return f", unnest({unnested}) as {alias}(v)"
        columns = self.some_columns()
        sources, inside = self.from_(0, outer=scope)
        items = ", ".join(
            f"{self.expression(inside, one.kind, 1)} as {one.name}" for one in columns
        )
        word, where = self.random.choice(("lateral ", "")), self.condition(inside, 1)
        scope.add(alias, columns)
        return f", {word}(select {items} from {sources} where {where}) {alias}"

    # Expressions

    def column(self, scope: Scope, kind: Kind) -> str | None:
        """Name a column of a kind, here or in a query around."""
        if scope.outer is not None and self.maybe(0.3):
            found = [one.sql for one in scope.outer.visible if one.kind is kind]
            return self.random.choice(found) if found else None
        bare = [name for name, one in scope.bare.items() if one is kind]
        if bare and self.maybe(0.4):
            return self.random.choice(bare)
        found = [one.sql for one in scope.visible if one.kind is kind]
        return self.random.choice(found) if found else None

    def expression(self, scope: Scope, kind: Kind, depth: int) -> str:
        """Write an expression of a kind."""
        makers = {
            Kind.INT: self._int,
            Kind.TEXT: self._text,
            Kind.LIST: self._list,
            Kind.STRUCT: self._struct,
        }
        if depth <= 0 or self.maybe(0.4):
            found = self.column(scope, kind)
            if found is not None:
                return found
        return makers[kind](scope, depth - 1)

    def one_of(self, *makers: Callable[[], str]) -> str:
        """Write one of several forms; what is not chosen is not written."""
        return self.random.choice(makers)()

    def _either(self, scope: Scope, kind: Kind, depth: int) -> str:
        """Write what can be written of any kind."""

        def one() -> str:
            return self.expression(scope, kind, depth)

        def condition() -> str:
            return self.condition(scope, depth)

        forms: list[Callable[[], str]] = [
            lambda: f"case when {condition()} then {one()} else {one()} end",
            lambda: f"coalesce({one()}, {one()})",
        ]
        if kind in (Kind.INT, Kind.TEXT):
            forms += [
                lambda: f"nullif({one()}, {one()})",
                lambda: f"case {one()} when {one()} then {one()} end",
            ]
            if scope.level < 1:
                forms.append(lambda: self.scalar(scope, kind))
        return self.one_of(*forms)

    def scalar(self, scope: Scope, kind: Kind) -> str:
        """Write a query that yields one value."""
        sources, inside = self.from_(0, outer=scope)
        value = self.aggregate(inside, kind)
        return f"(select {value} from {sources} where {self.condition(inside, 1)})"

    def _int(self, scope: Scope, depth: int) -> str:
        if depth < 0:
            return str(self.random.randint(0, 4))

        def of(kind: Kind) -> str:
            return self.expression(scope, kind, depth)

        forms: list[Callable[[], str]] = [
            lambda: f"({of(Kind.INT)} + {of(Kind.INT)})",
            lambda: f"({of(Kind.INT)} * {of(Kind.INT)})",
            lambda: f"abs({of(Kind.INT)})",
            lambda: f"length({of(Kind.TEXT)})",
            lambda: f"cast({self.condition(scope, 0)} as int)",
            lambda: self._either(scope, Kind.INT, depth),
        ]
        if self.is_duckdb:
            forms += [
                lambda: f"greatest({of(Kind.INT)}, {of(Kind.INT)})",
                lambda: f"list_sum({of(Kind.LIST)})::int",
                lambda: f"len({of(Kind.LIST)})::int",
                lambda: f"({of(Kind.LIST)})[1]",
                lambda: f"({of(Kind.STRUCT)}).x",
            ]
        return self.one_of(*forms)

    def _text(self, scope: Scope, depth: int) -> str:
        if depth < 0:
            return f"'{self.random.choice('pqrs')}'"

        def of(kind: Kind) -> str:
            return self.expression(scope, kind, depth)

        text = "varchar" if self.is_duckdb else "text"
        forms: list[Callable[[], str]] = [
            lambda: f"({of(Kind.TEXT)} || {of(Kind.TEXT)})",
            lambda: f"upper({of(Kind.TEXT)})",
            lambda: f"substr({of(Kind.TEXT)}, 1, 1)",
            lambda: f"cast({of(Kind.INT)} as {text})",
            lambda: self._either(scope, Kind.TEXT, depth),
        ]
        if self.is_duckdb:
            forms += [lambda: f"({of(Kind.STRUCT)}).y", lambda: f"md5({of(Kind.TEXT)})"]
        return self.one_of(*forms)

    def _list(self, scope: Scope, depth: int) -> str:
        def number() -> str:
            return self.expression(scope, Kind.INT, depth)

        def many() -> str:
            return self.expression(scope, Kind.LIST, depth)

        if depth < 0:
            return f"[{number()}, {number()}]"
        return self.one_of(
            lambda: f"[{number()}, {number()}]",
            lambda: f"list_append({many()}, {number()})",
            lambda: f"list_transform({many()}, lambda v: v + {number()})",
            lambda: f"list_filter({many()}, lambda v: v > {number()})",
            lambda: f"[v + {number()} for v in {many()} if v < {number()}]",
            lambda: self._either(scope, Kind.LIST, depth),
        )

    def _struct(self, scope: Scope, depth: int) -> str:
        number = self.expression(scope, Kind.INT, depth)
        text = self.expression(scope, Kind.TEXT, depth)
        if depth >= 0 and self.maybe(0.3):
            return self._either(scope, Kind.STRUCT, depth)
        forms = (f"{{'x': {number}, 'y': {text}}}", f"struct_pack(x := {number}, y := {text})")
        return self.random.choice(forms)

    def aggregate(self, scope: Scope, kind: Kind) -> str:
        """Write an aggregate of a kind."""

        def of(kind: Kind) -> str:
            return self.expression(scope, kind, 1)

        def sorted_by(value: str, more: str = "") -> str:
            return f"{value}{more} order by {self.anything(scope)}, {value}"

        forms: dict[Kind, list[Callable[[], str]]] = {
            Kind.INT: [
                lambda: f"sum({of(Kind.INT)})",
                lambda: "count(*)",
                lambda: f"count({of(Kind.TEXT)})",
                lambda: f"count(distinct {of(Kind.INT)})",
                lambda: f"max({of(Kind.INT)})",
            ],
            Kind.TEXT: [lambda: f"min({of(Kind.TEXT)})", lambda: f"max({of(Kind.TEXT)})"],
            Kind.LIST: [lambda: f"list({sorted_by(of(Kind.INT))})"],
            Kind.STRUCT: [lambda: f"{{'x': max({of(Kind.INT)}), 'y': min({of(Kind.TEXT)})}}"],
        }
        if self.is_duckdb:
            forms[Kind.INT] += [
                lambda: f"count_if({self.condition(scope, 1)})",
                lambda: f"quantile_disc({of(Kind.INT)}, 0.5)",
            ]
            forms[Kind.TEXT] += [
                lambda: f"string_agg({sorted_by(of(Kind.TEXT), ', chr(44)')})",
                lambda: f"first({sorted_by(of(Kind.TEXT))})",
            ]
        chosen = self.one_of(*forms[kind])
        if kind in (Kind.INT, Kind.TEXT) and self.maybe(0.2):
            return f"{chosen} filter (where {self.condition(scope, 1)})"
        return chosen

    def anything(self, scope: Scope) -> str:
        """Write a number or a text."""
        return self.expression(scope, self.random.choice((Kind.INT, Kind.TEXT)), 1)

    def window(self, scope: Scope, kind: Kind) -> str:
        """Write a window function of a kind."""
        value, by = self.expression(scope, kind, 1), self.anything(scope)
        part = f"partition by {self.anything(scope)}" if self.maybe(0.6) else ""
        frame = "rows between 1 preceding and 1 following"
        forms = [
            f"lag({value}) over ({part} order by {by}, {value})",
            f"first_value({value}) over ({part} order by {by}, {value})",
            f"max({value}) over ({part} order by {by})",
            f"min({value}) over ({part} order by {by}, {scope.total} {frame})",
        ]
        if kind is Kind.INT:
            forms += [
                f"rank() over ({part} order by {by})",
                f"row_number() over ({part} order by {by}, {scope.total})",
                f"sum({value}) over ({part})",
                f"count(*) over ({part} order by {by})",
            ]
        return self.random.choice(forms)

    def over(self, scope: Scope) -> str:
        """Write a window."""
        return f"(partition by {self.anything(scope)} order by {self.anything(scope)})"

    # Conditions

    def condition(self, scope: Scope, depth: int) -> str:
        """Write what is true or not."""
        if depth > 1 and self.maybe(0.4):
            word = self.random.choice(("and", "or"))
            return f"({self.condition(scope, depth - 1)} {word} {self.condition(scope, depth - 1)})"
        kind = self.random.choice((Kind.INT, Kind.TEXT))

        def one() -> str:
            return self.expression(scope, kind, depth - 1)

        forms: list[Callable[[], str]] = [
            *[lambda: f"{one()} {self.random.choice(('=', '<', '>=', '<>'))} {one()}"] * 4,
            lambda: f"{one()} is not null",
            lambda: f"not ({one()} = {one()})",
            lambda: f"{one()} in ({one()}, {one()})",
        ]
        if depth > 0 and scope.level < 1:
            forms += [
                lambda: self._in_query(one(), kind, scope),
                lambda: self._exists(scope),
            ]
        return self.one_of(*forms)

    def _in_query(self, value: str, kind: Kind, scope: Scope) -> str:
        sources, inside = self.from_(0, outer=scope)
        found = self.expression(inside, kind, 1)
        words = ("in", "not in", "= any") if self.is_duckdb else ("in", "not in")
        return f"{value} {self.random.choice(words)} (select {found} from {sources})"

    def _exists(self, scope: Scope) -> str:
        sources, inside = self.from_(0, outer=scope)
        word = self.random.choice(("exists", "not exists"))
        return f"{word} (select 1 from {sources} where {self.condition(inside, 1)})"
