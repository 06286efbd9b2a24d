"""Features: how the server names the sources of a model's features, and links to them."""

from collections.abc import Iterator

from lineage import fqn as names
from lineage.catalog.answers import JsonObject
from lineage.catalog.context import Context

__all__ = ["data_sources", "name_sources"]


def name_sources(context: Context, model: JsonObject) -> JsonObject:
    """Give a model whose feature sources have their fully qualified names.

    A source is named after the reference as the client sent it, which is not filled in: one
    without a name gives `null.age`.

    Raises
    ------
    RefusalError
        A source is in an entity that does not exist.
    """
    for kind, id_ in data_sources(model):
        context.need(kind, id_)
    features = [
        {**feature, "featureSources": [_named(source) for source in feature["featureSources"]]}
        if feature.get("featureSources")
        else feature
        for feature in model.get("mlFeatures", ())
    ]
    return {**model, "mlFeatures": features} if features else model


def data_sources(model: JsonObject) -> Iterator[tuple[str, str]]:
    """Give kind and id of every entity a feature source is in, each once."""
    references = (
        source["dataSource"]
        for feature in model.get("mlFeatures", ())
        for source in feature.get("featureSources", ())
        if "dataSource" in source
    )
    yield from dict.fromkeys((reference["type"], reference["id"]) for reference in references)


def _named(source: JsonObject) -> JsonObject:
    name = names.quote(source["name"])
    if "dataSource" in source:
        owner = source["dataSource"].get("fullyQualifiedName", "null")
        name = f"{owner}.{name}"
    return {"tags": [], **source, "fullyQualifiedName": name}
