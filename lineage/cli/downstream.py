"""`lineage downstream`: what comes from an entity, a column or a feature."""

from lineage.cli.location import EvidenceOption, Location
from lineage.cli.output import FormatOption, OutputFormat
from lineage.cli.tracing import ColumnsOption, DepthOption, KindsOption, NameArgument, trace
from lineage.queries.traversal import downstream as walk

__all__ = ["downstream"]


def downstream(
    name: NameArgument,
    catalog: Location,
    depth: DepthOption = None,
    kind: KindsOption = None,
    columns: ColumnsOption = False,
    evidence: EvidenceOption = None,
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
        form=form,
    )
