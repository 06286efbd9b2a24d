"""`lineage downstream`: what comes from an entity, a column or a feature."""

from lineage.cli.options.arguments import NameArgument
from lineage.cli.options.catalog_option import EvidenceOption, Location, NoSqlOption
from lineage.cli.options.output import FormatOption, OutputFormat
from lineage.cli.options.trace_options import ColumnsOption, DepthOption, KindsOption, trace
from lineage.queries.traversal import downstream as walk

__all__ = ["downstream"]


def downstream(
    name: NameArgument,
    catalog: Location,
    depth: DepthOption = None,
    kind: KindsOption = None,
    columns: ColumnsOption = False,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
    form: FormatOption = OutputFormat.TEXT,
) -> None:
    """Trace what comes from an entity, a column or a feature.

    --format csv gives the edges under OpenMetadata's own export header.
    """
    trace(
        walk,
        name,
        catalog,
        depth=depth,
        kinds=kind,
        columns=columns,
        evidence=evidence,
        sql=not no_sql,
        form=form,
    )
