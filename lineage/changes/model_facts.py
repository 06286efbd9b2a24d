"""Facts of a model: its metadata laid out so that two states can be compared fact by fact.

A fact is known by its parts, never by a text that joins them: a feature may be called like a
field of another one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lineage import fqn as names_of
from lineage.model.entities import FeatureSource, MlModel, Tag

__all__ = [
    "PLAIN_FIELDS",
    "Fact",
    "FactPath",
    "FactValue",
    "SourceFact",
    "changed_facts",
    "model_facts",
]

PLAIN_FIELDS = (
    "algorithm",
    "description",
    "display_name",
    "image_repository",
    "server",
    "source_url",
    "storage",
    "target",
)
"""Fields of a model that hold one text each."""

_PRESENT = "present"
"""The value of a fact that says only that a feature or a setting is there."""

_NOUNS = {"features": "feature", "hyper_parameters": "hyper-parameter"}

FactPath = tuple[str, ...]
"""For instance `("target",)` or `("features", "age", "description")`."""


@dataclass(frozen=True, slots=True, order=True)
class SourceFact:
    """A source of a feature; two are equal whatever their entity is called at the time.

    Attributes
    ----------
    key : str
        The server's id of the entity, which survives a rename; its kind and name where no
        server has given it one.
    name, data_type : str
    entity : str
        What the entity is called.
    """

    key: str
    name: str
    data_type: str
    entity: str = field(compare=False)

    def __str__(self) -> str:
        kind = f" ({self.data_type})" if self.data_type else ""
        return f"{self.entity}.{self.name}{kind}"


FactValue = str | tuple[str, ...] | tuple[SourceFact, ...]
"""A text, the names of tags, or sources."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a model that is to change.

    Attributes
    ----------
    path : tuple of str
        What the fact is about, part by part.
    before, after : str, tuple or None
        None where nothing is said.
    """

    path: FactPath
    before: FactValue | None
    after: FactValue | None

    @property
    def name(self) -> str:
        """What the fact is about, in words.

        Examples
        --------
        >>> Fact(("features", "age", "data_type"), None, "numerical").name
        'feature age, data type'
        """
        noun = _NOUNS.get(self.path[0])
        if noun is None:
            return self.path[0].replace("_", " ")
        named = f"{noun} {names_of.quote(self.path[1]) if self.path[1] else repr('')}"
        return ", ".join([named, *(word.replace("_", " ") for word in self.path[2:])])

    @property
    def texts(self) -> tuple[str, str]:
        """What is said before and after, in words; empty where nothing is."""
        return _text(self.before), _text(self.after)

    @property
    def is_presence(self) -> bool:
        """Whether it says only that a feature or a setting comes or goes."""
        return _PRESENT in (self.before, self.after) and len(self.path) == 2

    def __str__(self) -> str:
        before, after = self.texts
        if self.is_presence:
            return f"{self.name}: {'new' if after else 'removed'}"
        return f"{self.name}: {before or 'none'} → {after or 'none'}"


def model_facts(model: MlModel) -> dict[FactPath, FactValue]:
    """Lay a model's metadata out as facts; what is not said is left out.

    Examples
    --------
    >>> from lineage.model.entities import Feature
    >>> from lineage.model.reference import Reference
    >>> feature = Feature(name="age", fqn="m.age", data_type="numerical")
    >>> model = MlModel(reference=Reference("mlmodel", "m"), target="left", features=(feature,))
    >>> for path, value in model_facts(model).items():
    ...     print(path, value)
    ('target',) left
    ('features', 'age') present
    ('features', 'age', 'data_type') numerical
    """
    return {path: value for path, value in _facts(model) if value}


def changed_facts(before: MlModel, after: MlModel) -> tuple[Fact, ...]:
    """Compare two states of a model, fact by fact, sorted by path.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> model = Reference("mlmodel", "m")
    >>> changed_facts(MlModel(reference=model), MlModel(reference=model, target="left"))
    (Fact(path=('target',), before=None, after='left'),)
    """
    then, now = model_facts(before), model_facts(after)
    return tuple(
        Fact(path, then.get(path), now.get(path))
        for path in sorted(then.keys() | now.keys())
        if then.get(path) != now.get(path)
    )


def _facts(model: MlModel) -> Iterator[tuple[FactPath, FactValue]]:
    for name in PLAIN_FIELDS:
        yield (name,), getattr(model, name) or ""
    yield ("dashboard",), "" if model.dashboard is None else model.dashboard.fqn
    yield ("tags",), _tags(model.tags)
    for setting in model.hyper_parameters:
        path = ("hyper_parameters", setting.name)
        yield path, _PRESENT
        yield (*path, "value"), setting.value or ""
        yield (*path, "description"), setting.description or ""
    for feature in model.features:
        path = ("features", feature.name)
        yield path, _PRESENT
        yield (*path, "data_type"), feature.data_type or ""
        yield (*path, "description"), feature.description or ""
        yield (*path, "algorithm"), feature.algorithm or ""
        yield (*path, "sources"), tuple(sorted(map(_source, feature.sources)))
        yield (*path, "tags"), _tags(feature.tags)


def _tags(tags: tuple[Tag, ...]) -> tuple[str, ...]:
    return tuple(sorted(tag.fqn for tag in tags))


def _source(source: FeatureSource) -> SourceFact:
    entity = source.entity
    return SourceFact(
        key=source.entity_id or ("" if entity is None else str(entity)),
        name=source.name,
        data_type=source.data_type or "",
        entity="?" if entity is None else entity.fqn,
    )


def _text(value: FactValue | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return ", ".join(map(str, value))
