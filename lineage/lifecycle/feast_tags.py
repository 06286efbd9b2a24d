"""What Feast notes on an MLflow run: which features of which views the run was given."""

from collections.abc import Mapping
from typing import NamedTuple

from lineage.lifecycle.facts import DatasetName
from lineage.lifecycle.feast import feast_view

__all__ = ["Retrieved", "retrieved_features"]

_PROJECT, _REFS = "feast.project", "feast.feature_refs"
_SHORTENED = "..."


class Retrieved(NamedTuple):
    """A feature that a run was given, and the view that it is a column of."""

    view: DatasetName
    feature: str


def retrieved_features(tags: Mapping[str, str]) -> dict[str, tuple[Retrieved, ...]]:
    """Read the features that a run was given, by the names they have in its data frame.

    That is a feature's own name, or its view's before it. Of a list that Feast shortened, the
    last is left out, since half of its name may be missing.

    Examples
    --------
    >>> tags = {"feast.project": "shop", "feast.feature_refs": "people:age,visits:co..."}
    >>> found = retrieved_features(tags)
    >>> list(found), str(found["age"][0].view)
    (['age', 'people__age'], 'feast:shop/people')
    """
    refs = tags.get(_REFS, "").split(",")
    if refs[-1].endswith(_SHORTENED):
        refs.pop()
    found: dict[str, tuple[Retrieved, ...]] = {}
    for ref in refs:
        view, colon, feature = ref.partition(":")
        if colon:
            item = Retrieved(feast_view(tags.get(_PROJECT, ""), view), feature)
            for name in (feature, f"{view}__{feature}"):
                found[name] = (*found.get(name, ()), item)
    return found
