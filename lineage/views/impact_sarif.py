"""The impact of changes as SARIF 2.1.0: what is hit, at the line of the change that does it."""

from lineage.model.proposed_change import Written
from lineage.queries.impact.hits import Hit, Impact
from lineage.queries.impact.verdicts import ImpactVerdict
from lineage.views.impact_text import IMPACT_MEANINGS
from lineage.views.sarif_log import (
    Json,
    file_uri,
    fingerprint,
    locate,
    message,
    plain,
    render_log,
    steps,
)

__all__ = ["render_impact_sarif"]

_LEVELS = {
    ImpactVerdict.BROKEN: "error",
    ImpactVerdict.CHANGED: "warning",
    ImpactVerdict.INFLUENCED: "warning",
    ImpactVerdict.POSSIBLE: "note",
    ImpactVerdict.UNKNOWN: "note",
}
"""What is safe is no result."""


def render_impact_sarif(answer: Impact) -> str:
    """Write what changes do as SARIF: a rule a verdict, a result for each thing that is not safe.

    Each is located where the change was written, with its path as a code flow. What was not
    understood of the changes, or not read of the catalog, is a notification of the run.

    Examples
    --------
    >>> import json
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.snapshot import Snapshot
    >>> from lineage.queries.impact.impact import impact
    >>> log = json.loads(render_impact_sarif(impact(build_graph(Snapshot()), [])))
    >>> [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]]
    ['broken', 'changed', 'influenced', 'possible', 'unknown']
    """
    files = [change.written for change in answer.changes if change.written.file]
    somewhere = files[0] if files else Written()
    results = [_result(answer, hit, somewhere) for hit in answer.of(*_LEVELS)]
    notes = [{"level": "warning", "message": message(str(gap))} for gap in answer.gaps]
    notes += [{"level": "note", "message": message(str(item))} for item in answer.renames]
    return render_log(list(map(_rule, _LEVELS)), results, notes)


def _rule(verdict: ImpactVerdict) -> Json:
    return {
        "id": str(verdict),
        "shortDescription": plain(IMPACT_MEANINGS[verdict]),
        "defaultConfiguration": {"level": _LEVELS[verdict]},
    }


def _result(answer: Impact, hit: Hit, somewhere: Written) -> Json:
    shown = hit.shown
    place = _place(somewhere if shown is None else shown.change.written)
    cause = "not known" if shown is None else str(shown.change)
    owners = ", ".join(owner.fqn for owner in answer.audience(hit.reference).owners)
    owned = f" (owned by {owners})" if owners else ""
    found: Json = {
        "ruleId": str(hit.verdict),
        "ruleIndex": list(_LEVELS).index(hit.verdict),
        "level": _LEVELS[hit.verdict],
        "message": message(f"{hit.reference} is {hit.verdict}: {cause}{owned}"),
        "locations": [locate(place, hit.reference)],
        "partialFingerprints": fingerprint(str(hit.reference), cause),
    }
    if shown is not None:
        flow = list(steps(place, shown.path.references))
        found["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    return found


def _place(written: Written) -> Json | None:
    if not written.file:
        return None
    region = {"startLine": written.line, "startColumn": written.column}
    return {"artifactLocation": {"uri": file_uri(written.file)}, "region": region}
