"""What of SQL is understood: clauses by their parts, expressions by their kinds, functions by name.

Anything else in a text makes it unread. A clause that a dialect invents, or that the parser
learns, is so never passed over as if it decided nothing.
"""

import re

from sqlglot import exp

from lineage.evidence.sql_result import NotRead

__all__ = [
    "CHANGING",
    "CLAUSE_WORDS",
    "CONDITIONS",
    "HARMLESS",
    "HARMLESS_COMMANDS",
    "HARMLESS_CONSTRAINTS",
    "HARMLESS_KINDS",
    "HARMLESS_PROPERTIES",
    "LEAVES",
    "MULTIPLYING",
    "MULTIPLYING_NAMES",
    "OF_SOME_ROWS",
    "PLAIN",
    "READING_ELSEWHERE",
    "TABLE_FUNCTIONS",
    "TABLE_FUNCTION_NAMES",
    "refused",
    "require",
]

OF_SOME_ROWS = ("partition", "only", "version", "when", "sample")
"""What a table can have beside its name where rows are taken away: others are left in it."""


def _parts(text: str) -> frozenset[str]:
    return frozenset(text.split())


_QUERY_PARTS = "with_ order limit offset locks settings format options"

_CLAUSES = {
    exp.Select: _parts(
        "kind expressions hint distinct from_ operation_modifiers laterals joins connect "
        "prewhere where group having qualify windows distribute sort cluster sample " + _QUERY_PARTS
    ),
    exp.Union: _parts("this expression distinct by_name " + _QUERY_PARTS),
    exp.Except: _parts("this expression distinct by_name " + _QUERY_PARTS),
    exp.Intersect: _parts("this expression distinct by_name " + _QUERY_PARTS),
    exp.Subquery: _parts("this alias pivots joins sample " + _QUERY_PARTS),
    exp.With: _parts("expressions recursive"),
    exp.CTE: _parts("this alias scalar materialized"),
    exp.From: _parts("this"),
    exp.Table: _parts(
        "this alias db catalog joins pivots hints version when ordinality only partition sample "
        "indexed"
    ),
    exp.TableAlias: _parts("this columns"),
    exp.TableFromRows: _parts("this alias sample"),
    exp.Lateral: _parts("this view outer alias cross_apply ordinality"),
    exp.Unnest: _parts("expressions alias offset explode_array"),
    exp.Values: _parts("expressions alias"),
    exp.Join: _parts(
        "this on side kind using method global_ hint match_condition directed expressions"
    ),
    exp.Pivot: _parts(
        "alias expressions fields unpivot columns include_nulls identify_pivot_strings "
        "prefixed_pivot_columns pivot_column_naming value_columns_first"
    ),
    exp.Group: _parts("expressions grouping_sets cube rollup totals all"),
    exp.Order: _parts("this expressions siblings"),
    exp.Ordered: _parts("this desc nulls_first"),
    exp.Distinct: _parts("expressions on"),
    exp.Limit: _parts("this expression expressions limit_options offset"),
    exp.Fetch: _parts("direction count limit_options"),
    exp.Offset: _parts("expression"),
    exp.Connect: _parts("start connect nocycle"),
    exp.Star: _parts("except_ replace rename"),
    exp.Column: _parts("this table db catalog join_mark"),
    exp.Window: _parts("this partition_by order spec alias over first"),
    exp.WindowSpec: _parts("kind start start_side end end_side exclude"),
    exp.Insert: _parts(
        "hint with_ this expression conflict returning overwrite alternative ignore by_name "
        "partition settings source default where"
    ),
    exp.OnConflict: _parts(
        "duplicate expressions action conflict_keys index_predicate constraint where"
    ),
    exp.Update: _parts("with_ this expressions from_ where returning order limit options hint"),
    exp.Delete: _parts("with_ this using where returning order limit tables hint"),
    exp.Merge: _parts("this using on using_cond whens with_ returning"),
    exp.When: _parts("matched source condition then"),
    exp.Create: _parts(
        "with_ this kind expression exists properties replace unique indexes clone "
        "no_schema_binding concurrently clustered"
    ),
    exp.Clone: _parts("this shallow copy"),
    exp.Into: _parts("this temporary unlogged"),
    exp.Cache: _parts("this lazy options expression"),
    exp.ColumnDef: _parts("this kind constraints exists position"),
    exp.Alter: _parts("this kind actions exists only options"),
    exp.TruncateTable: _parts("expressions exists only identity option"),
}
"""The parts of each clause that are followed, as sqlglot calls them."""

CLAUSE_WORDS = _parts(
    "at by conflict duplicate exclude if ignore lambda matched max min name nulls overwrite "
    "passing path prior rename safe source system_time target ties totals within zone"
)
"""Words of clauses that are followed, for which the parser keeps no word."""

LEAVES: tuple[type[exp.Expr], ...] = (
    exp.BitString,
    exp.Boolean,
    exp.ByteString,
    exp.CharacterSet,
    exp.DataType,
    exp.Heredoc,
    exp.HexString,
    exp.Identifier,
    exp.IntervalSpan,
    exp.JSONPath,
    exp.JSONPathPart,
    exp.National,
    exp.Null,
    exp.ObjectIdentifier,
    exp.PseudoType,
    exp.RawString,
    exp.UnicodeString,
)
"""Expressions that no column can be part of."""

PLAIN: tuple[type[exp.Expr], ...] = (
    exp.All,
    exp.Any,
    exp.AtTimeZone,
    exp.Between,
    exp.Binary,
    exp.Bracket,
    exp.Distinct,
    exp.FormatJson,
    exp.FromTimeZone,
    exp.Func,
    exp.IgnoreNulls,
    exp.In,
    exp.Interval,
    exp.IntervalOp,
    exp.Introducer,
    exp.JSON,
    exp.JSONExtractQuote,
    exp.JSONKeyValue,
    exp.JSONValue,
    exp.Lambda,
    exp.Limit,
    exp.OnCondition,
    exp.Ordered,
    exp.OverflowTruncateBehavior,
    exp.Prior,
    exp.RespectNulls,
    exp.ScopeResolution,
    exp.TranslateCharacters,
    exp.Tuple,
    exp.Unary,
    exp.Variadic,
    exp.Where,
)
"""Expressions that are made of the values of all their parts."""

CONDITIONS: dict[type[exp.Expr], str] = {
    exp.Case: "this",
    exp.CountIf: "this",
    exp.Filter: "expression",
    exp.If: "this",
    exp.Nvl2: "this",
}
"""Expressions of which a part only chooses, and which part that is."""

MULTIPLYING: tuple[type[exp.Expr], ...] = (
    exp.Explode,
    exp.ExplodingGenerateSeries,
    exp.Inline,
    exp.Stack,
    exp.Unnest,
)
"""Functions that give a row several rows, or none, in a SELECT list."""

MULTIPLYING_NAMES = _parts(
    "explode explode_outer posexplode posexplode_outer inline inline_outer flatten unnest "
    "generate_series generate_subscripts json_array_elements json_array_elements_text json_each "
    "json_each_text json_object_keys json_populate_recordset json_to_recordset json_tuple "
    "jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys "
    "jsonb_path_query jsonb_populate_recordset jsonb_to_recordset regexp_matches "
    "regexp_split_to_table string_to_table ts_stat variant_explode variant_explode_outer"
)
"""The same by name, as far as the parser does not know them."""

TABLE_FUNCTIONS: tuple[type[exp.Expr], ...] = (
    *MULTIPLYING,
    exp.Flatten,
    exp.GenerateDateArray,
    exp.GenerateSeries,
    exp.GenerateTimestampArray,
    exp.Generator,
    exp.JSONTable,
    exp.OpenJSON,
    exp.SplitToTable,
    exp.StrtokSplitToTable,
    exp.XMLTable,
)
"""Functions in FROM whose rows are made of what they are given and of nothing else."""

TABLE_FUNCTION_NAMES = MULTIPLYING_NAMES | _parts(
    "json_populate_record json_to_record json_tree jsonb_populate_record jsonb_to_record "
    "jsonb_tree numbers numbers_mt range sequence string_split strtok_split_to_table"
)
"""The same by name."""

READING_ELSEWHERE = _parts(
    "cursor_to_xml database_to_xml dblink external_query getvariable joinget joingetornull lookup "
    "openquery openrowset query query_table query_to_xml schema_to_xml table_to_xml"
)
"""Functions that read tables which only a text names."""


HARMLESS: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Analyze,
        exp.Comment,
        exp.Commit,
        exp.Describe,
        exp.Grant,
        exp.Pragma,
        exp.Refresh,
        exp.Revoke,
        exp.Semicolon,
        exp.Show,
        exp.Summarize,
        exp.Transaction,
        exp.Uncache,
    }
)
"""Statements that leave what tables hold as it is."""

HARMLESS_COMMANDS = frozenset({"EXPLAIN", "OPTIMIZE", "PRINT", "VACUUM"})
"""The same by their first word, as far as the parser goes no further."""

CHANGING = re.compile(
    r"\b(alter|call|create|delete|drop|exec|execute|insert|into|merge|replace|truncate|update)\b",
    re.IGNORECASE,
)
"""Words in a command by which it may not be harmless: it ends where a semicolon says so."""

HARMLESS_KINDS = frozenset({"DATABASE", "INDEX", "SCHEMA", "SEQUENCE"})
"""What can be created or dropped without a change to what tables hold."""

HARMLESS_PROPERTIES: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.AutoRefreshProperty,
        exp.BackupProperty,
        exp.CharacterSetProperty,
        exp.ClusteredByProperty,
        exp.ClusterProperty,
        exp.CollateProperty,
        exp.CopyGrantsProperty,
        exp.DefinerProperty,
        exp.DistKeyProperty,
        exp.DistributedByProperty,
        exp.DistStyleProperty,
        exp.DuplicateKeyProperty,
        exp.EngineProperty,
        exp.ExternalProperty,
        exp.FileFormatProperty,
        exp.IcebergProperty,
        exp.LocationProperty,
        exp.MaterializedProperty,
        exp.OnCluster,
        exp.OnCommitProperty,
        exp.Order,
        exp.PartitionedByProperty,
        exp.PrimaryKey,
        exp.Property,
        exp.RowFormatDelimitedProperty,
        exp.RowFormatProperty,
        exp.RowFormatSerdeProperty,
        exp.SchemaCommentProperty,
        exp.SecureProperty,
        exp.SortKeyProperty,
        exp.SqlSecurityProperty,
        exp.StorageHandlerProperty,
        exp.TableSpaceProperty,
        exp.TemporaryProperty,
        exp.TransientProperty,
        exp.UnloggedProperty,
        exp.ViewAttributeProperty,
        exp.WithDataProperty,
        exp.WithSchemaBindingProperty,
    }
)
"""Properties of a table that say how it is kept, not what it holds."""

HARMLESS_CONSTRAINTS: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.AutoIncrementColumnConstraint,
        exp.CaseSpecificColumnConstraint,
        exp.CharacterSetColumnConstraint,
        exp.Check,
        exp.CheckColumnConstraint,
        exp.CollateColumnConstraint,
        exp.CommentColumnConstraint,
        exp.CompressColumnConstraint,
        exp.Constraint,
        exp.DefaultColumnConstraint,
        exp.EncodeColumnConstraint,
        exp.ForeignKey,
        exp.GeneratedAsIdentityColumnConstraint,
        exp.IndexColumnConstraint,
        exp.NotNullColumnConstraint,
        exp.OnUpdateColumnConstraint,
        exp.PrimaryKey,
        exp.PrimaryKeyColumnConstraint,
        exp.Reference,
        exp.UniqueColumnConstraint,
    }
)
"""Constraints that refuse rows or fill in what is no column's; a computed column is none."""


def require(node: exp.Expr) -> None:
    """Refuse a clause that has a part which is not followed."""
    followed = _CLAUSES.get(type(node))
    if followed is None:
        raise refused(node)
    for part, value in node.args.items():
        if value and part not in followed:
            message = f"{_words(part)} of {_words(type(node).__name__)} is not followed"
            raise NotRead(message)


def refused(node: exp.Expr) -> NotRead:
    """Return why a node is not read."""
    if isinstance(node, exp.Parameter | exp.Placeholder | exp.SessionParameter):
        return NotRead("it has a parameter, whose value is not known")
    if isinstance(node, exp.Command):
        return NotRead(f"{str(node.this).upper()} is not followed")
    return NotRead(f"{_words(type(node).__name__)} is not followed")


def _words(name: str) -> str:
    """Write the parser's name for something as SQL would."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name.strip("_")).upper()
