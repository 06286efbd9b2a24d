"""What MLflow's REST interface lists: models, versions, runs, logged models, files.

The number of requests grows with pages. Each model takes one or two more, for the files of the
version that is read: no list holds a signature.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from lineage.errors import RequestFailed
from lineage.lifecycle.web import Web

__all__ = ["MlflowApi", "Record", "inner", "pairs"]

Record = dict[str, Any]
"""JSON as MLflow writes it."""

_API = "/api/2.0/mlflow"
_MODELS = 1_000
_VERSIONS = 10_000
_EXPERIMENTS = 1_000
_AT_ONCE = 100


class MlflowApi:
    """The lists of one tracking server and its registry."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def models(self) -> Iterator[Record]:
        """List the registered models, with tags and aliases."""
        yield from self._web.pages(
            f"{_API}/registered-models/search", "registered_models", {"max_results": _MODELS}
        )

    def versions(self) -> Iterator[Record]:
        """List every version of every model; their aliases are at the models."""
        yield from self._web.pages(
            f"{_API}/model-versions/search", "model_versions", {"max_results": _VERSIONS}
        )

    def experiments(self) -> list[str]:
        """List the ids of experiments, of deleted ones too."""
        asked: dict[str, str | int] = {"max_results": _EXPERIMENTS, "view_type": "ALL"}
        found = self._web.pages(f"{_API}/experiments/search", "experiments", asked)
        return [item["experiment_id"] for item in found]

    def runs(self, ids: Iterable[str], experiments: list[str]) -> dict[str, Record]:
        """Read runs, a hundred at once, by their ids."""
        found: dict[str, Record] = {}
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), _AT_ONCE):
            listed = ", ".join(f"'{run}'" for run in wanted[start : start + _AT_ONCE])
            body = {
                "experiment_ids": experiments,
                "filter": f"attributes.run_id IN ({listed})",
                "run_view_type": "ALL",
                "max_results": _AT_ONCE,
            }
            answer = self._web.post(f"{_API}/runs/search", body)
            found |= {item["info"]["run_id"]: item for item in answer.get("runs") or ()}
        return found

    def logged_model(self, model_id: str) -> Record | None:
        """Read a logged model; None on servers that know none."""
        try:
            answer = self._web.get(f"{_API}/logged-models/{quote(model_id, safe='')}")
        except RequestFailed as error:
            if error.status == 404:
                return None
            raise
        return dict(answer.get("model") or {})

    def file(self, model: str, version: str, path: str) -> bytes | None:
        """Read a file of a version; None where it has none such."""
        asked = {"name": model, "version": version, "path": path}
        try:
            return self._web.content("/model-versions/get-artifact", asked)
        except RequestFailed as error:
            if error.status in {404, 500}:  # a missing file is an error of the server's own
                return None
            raise


def pairs(items: Iterable[Record] | None) -> dict[str, str]:
    """Read MLflow's lists of keys and values.

    Examples
    --------
    >>> pairs([{"key": "C", "value": "0.5"}])
    {'C': '0.5'}
    """
    return {item["key"]: str(item.get("value", "")) for item in items or ()}


def inner(text: str | None) -> Any:
    """Read JSON that is a text inside JSON; None where it is none.

    Examples
    --------
    >>> inner('{"uri": "churn.csv"}'), inner("churn.csv")
    ({'uri': 'churn.csv'}, None)
    """
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
