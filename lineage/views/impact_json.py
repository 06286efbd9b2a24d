"""The impact of changes as JSON: the verdicts, and all that is said of them together."""

from lineage.queries.impact.hits import Impact
from lineage.text_escapes import as_json

__all__ = ["render_impact_json"]


def render_impact_json(answer: Impact) -> str:
    """Write what changes do as JSON.

    Examples
    --------
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> from lineage.queries.impact.impact import impact
    >>> import json
    >>> json.loads(render_impact_json(impact(build_graph(Snapshot()), [])))["worst"]
    'safe'
    """
    said = {
        "summary": answer.summary(),
        "worst": str(answer.worst),
        "complete": answer.complete,
        "changes": [
            {"change": str(change), "written": str(change.written) or None}
            for change in answer.changes
        ],
        "renames": [
            {"gone": item.gone.subject.fqn, "new": item.new.subject.fqn} for item in answer.renames
        ],
        "totals": answer.totals._asdict(),
        "owners": list(map(str, answer.owners)),
        "dashboards": list(map(str, answer.dashboards)),
        "gaps": list(map(str, answer.gaps)),
        "records": answer.to_records(),
    }
    return as_json(said, indent=2)
