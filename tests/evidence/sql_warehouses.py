"""Random warehouses: source tables with rows, and a text that fills the table `d` from them."""

from dataclasses import dataclass, field
from random import Random

from tests.evidence.sql_queries import NAMES, Column, Kind, QueryWriter, Scope, Table

__all__ = ["Row", "Warehouse", "make_warehouse"]

Row = list[object]


@dataclass
class Warehouse:
    """Source tables with their rows, and the statements that fill `d`.

    Where `d` is a source itself, it held rows before.
    """

    dialect: str
    sources: dict[str, Table] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The statements as one text."""
        return ";\n".join(self.statements)


def make_warehouse(seed: int, dialect: str = "duckdb") -> Warehouse:
    """Make a warehouse: the same one for the same seed."""
    random = Random(seed)  # noqa: S311  # so that it can be made again
    return _StatementWriter(random, dialect).write_warehouse()


class _StatementWriter:
    """Writes the statements of a warehouse, each over the tables that those before it left."""

    def __init__(self, random: Random, dialect: str) -> None:
        self.random = random
        self.queries = QueryWriter(random, dialect)
        self.warehouse = Warehouse(dialect)

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def write(self, statement: str) -> None:
        self.warehouse.statements.append(statement)

    def write_warehouse(self) -> Warehouse:
        for number in range(self.random.randint(2, 3)):
            self._add_source(f"s{number}")
        for _ in range(self.random.choice((0, 1, 1, 2))):
            self._add_step()
        target = self._fill_target()
        for _ in range(self.random.choice((0, 0, 1, 2, 3))):
            change = self.random.choice((self._insert, self._update, self._delete, self._merge))
            change(target)
        return self.warehouse

    # Tables

    def _add_source(self, name: str) -> Table:
        kinds = [Kind.INT, Kind.TEXT, self.random.choice((Kind.INT, Kind.TEXT))]
        if self.queries.is_duckdb:
            kinds += self.random.sample((Kind.LIST, Kind.STRUCT), self.random.randint(0, 2))
        names = self.random.sample(NAMES, len(kinds))
        columns = [Column(one, kind) for one, kind in zip(names, kinds, strict=True)]
        table = Table(name, (Column("k", Kind.INT), *columns), has_key=True)
        keys = range(self.random.randint(3, 5))
        self.warehouse.sources[name] = table
        self.warehouse.rows[name] = [
            [key, *(self._value(column.kind) for column in columns)] for key in keys
        ]
        self.queries.tables.append(table)
        return table

    def _value(self, kind: Kind) -> object:
        if self.maybe(0.1):
            return None
        if kind is Kind.INT:
            return self.random.randint(0, 4)
        if kind is Kind.TEXT:
            return self.random.choice("pqrs")
        if kind is Kind.LIST:
            return [self.random.randint(0, 4) for _ in range(self.random.randint(0, 3))]
        return {"x": self.random.randint(0, 4), "y": self.random.choice("pqrs")}

    def _add_step(self) -> None:
        """Leave one more table to read from: a table or a view, for the text or for good."""
        name, columns = self.queries.fresh("t"), self.queries.some_columns()
        kind = self.random.choice(("table", "temp table", "view", "temp view"))
        self.write(f"create {kind} {name} as {self._in_brackets(self.queries.query(columns))}")
        self.queries.tables.append(Table(name, columns))
        if "view" not in kind and self.maybe(0.3):
            self.write(f"insert into {name} {self.queries.query(columns, 1)}")
        if "view" not in kind and self.maybe(0.2):
            self.write(f"update {name} set {self._assignments(Table(name, columns), name)}")

    def _in_brackets(self, query: str) -> str:
        return f"({query})" if self.queries.is_duckdb and self.maybe(0.2) else query

    def _fill_target(self) -> Table:
        """Make the target: by a query, empty with a key, or as it was before the text."""
        form = self.random.random()
        if form < 0.6:
            columns = self.queries.some_columns()
            query = self._in_brackets(self.queries.query(columns))
            name = "d_new" if self.maybe(0.1) else "d"
            self.write(f"create {self._replacing()}table {name} as {query}")
            if name != "d":
                self.write(f"alter table {name} rename to d")
            return Table("d", columns)
        if form < 0.8:
            target = self._add_source("d")
            self.queries.tables.pop()  # it is changed, and looked at by name
            self._upsert(target)
            return target
        columns = (Column("k", Kind.INT), *self.queries.some_columns())
        types = ", ".join(f"{one.name} {self._type(one.kind)}" for one in columns[1:])
        self.write(f"create table d (k int primary key, {types})")
        target = Table("d", columns, has_key=True)
        for _ in range(self.random.randint(1, 2)):
            self._upsert(target)
        return target

    def _replacing(self) -> str:
        return "or replace " if self.queries.is_duckdb and self.maybe(0.2) else ""

    def _type(self, kind: Kind) -> str:
        return str(kind) if self.queries.is_duckdb else kind.name.replace("INT", "int")

    # Changes

    def _insert(self, target: Table) -> None:
        if self.maybe(0.1):
            self.write("delete from d")
        if target.has_key:
            self._upsert(target)
            return
        columns = list(target.columns)
        if self.maybe(0.4):
            self.random.shuffle(columns)
            names = ", ".join(one.name for one in columns)
            self.write(f"insert into d ({names}) {self.queries.query(columns, 1)}")
        elif self.queries.is_duckdb and self.maybe(0.4):
            self.random.shuffle(columns)
            self.write(f"insert into d by name {self.queries.query(columns, 1)}")
        else:
            self.write(f"insert into d {self.queries.query(columns, 1)}")

    def _upsert(self, target: Table) -> None:
        """Add rows of one source, which has a key, and meet those of the same key."""
        source, scope = self._some_source("m")
        values = ", ".join(
            self.queries.expression(scope, one.kind, 1) for one in target.columns[1:]
        )
        names = ", ".join(one.name for one in target.columns)
        where = self.queries.condition(scope, 1) if self.maybe(0.4) else "true"
        query = f"({names}) select m.k, {values} from {source} where {where}"
        changed = self._assignments(target, "excluded", "d")
        excluded = Scope()
        excluded.add("excluded", target.columns)
        excluded.add("d", target.columns)
        condition = self.queries.condition(Scope(visible=excluded.visible), 0)
        update = f"on conflict (k) do update set {changed}"
        forms = (
            f"insert into d {query} {update}",
            f"insert into d {query} {update} where {condition}",
            f"insert into d {query} on conflict (k) do nothing",
            f"insert into d {query} on conflict do nothing",
            f"insert or replace into d {query}",
            f"insert or ignore into d {query}",
        )
        has_key = "d" not in self.warehouse.sources
        self.write(self.random.choice(forms) if has_key else f"insert into d {query}")

    def _some_source(self, alias: str) -> tuple[str, Scope]:
        """Choose a source table, whose keys are never shared."""
        tables = [table for name, table in self.warehouse.sources.items() if name != "d"]
        table, scope = self.random.choice(tables), Scope()
        scope.add(alias, table.columns, has_key=True)
        return f"{table.name} {alias}", Scope(visible=scope.visible, keys=scope.keys)

    def _assignments(self, target: Table, *aliases: str) -> str:
        """Write what some columns of a table are set to, over the columns of one or two of it."""
        scope = Scope()
        for alias in aliases:
            scope.add(alias, target.columns)
        seen = Scope(visible=scope.visible)
        columns = [one for one in target.columns if one.name != "k"]
        chosen = self.random.sample(columns, self.random.randint(1, len(columns)))
        return ", ".join(
            f"{one.name} = {self.queries.expression(seen, one.kind, 1)}" for one in chosen
        )

    def _update(self, target: Table) -> None:
        itself = Scope()
        itself.add("d", target.columns)
        seen = Scope(visible=itself.visible)
        number = self._number_of(target)
        if self.maybe(0.5) or number is None:
            where = f" where {self.queries.condition(seen, 1)}" if self.maybe(0.7) else ""
            self.write(f"update d set {self._assignments(target, 'd')}{where}")
            return
        source, scope = self._some_source("m")
        scope.visible += itself.visible
        columns = [one for one in target.columns if one.name not in ("k", number)]
        column = self.random.choice(columns or target.columns)
        value = self.queries.expression(scope, column.kind, 1)
        more = f" and {self.queries.condition(scope, 1)}" if self.maybe(0.4) else ""
        self.write(
            f"update d set {column.name} = {value} from {source} where m.k = d.{number}{more}"
        )

    def _delete(self, target: Table) -> None:
        itself = Scope()
        itself.add("d", target.columns)
        if self.queries.is_duckdb and self.maybe(0.4):
            source, scope = self._some_source("m")
            scope.visible += itself.visible
            self.write(f"delete from d using {source} where {self.queries.condition(scope, 1)}")
        else:
            self.write(
                f"delete from d where {self.queries.condition(Scope(visible=itself.visible), 1)}"
            )

    def _merge(self, target: Table) -> None:
        """Merge one source, of whose rows each row of the target can meet but one."""
        number = self._number_of(target)
        if not self.queries.is_duckdb or number is None:
            self._insert(target)
            return
        source, scope = self._some_source("m")
        both = Scope(visible=[*scope.visible, *self._itself(target).visible])
        values = ", ".join(
            "m.k" if one.name == number else self.queries.expression(scope, one.kind, 1)
            for one in target.columns
        )
        names = ", ".join(one.name for one in target.columns)
        columns = [one for one in target.columns if one.name not in ("k", number)]
        column = self.random.choice(columns or target.columns)
        more = f" and {self.queries.condition(both, 0)}" if self.maybe(0.5) else ""
        value = self.queries.expression(both, column.kind, 1)
        branches = [
            self.random.choice((f"update set {column.name} = {value}", "delete")),
            f"when not matched then insert ({names}) values ({values})",
            "when not matched by source then delete",
        ]
        branches[0] = f"when matched{more} then {branches[0]}"
        chosen = self.random.sample(branches, self.random.randint(1, 3))
        self.write(f"merge into d using {source} on m.k = d.{number} {' '.join(chosen)}")

    def _itself(self, target: Table) -> Scope:
        scope = Scope()
        scope.add("d", target.columns)
        return scope

    def _number_of(self, target: Table) -> str | None:
        numbers = [one.name for one in target.columns if one.kind is Kind.INT]
        return self.random.choice(numbers) if numbers else None
