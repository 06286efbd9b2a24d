"""Model metadata: what differs between a model as it is and as it should be.

A model is laid out as facts, each a path with a text, so that two states, or three, can be
compared fact by fact.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from lineage.model.entities import Feature, FeatureSource, HyperParameter, MlModel

__all__ = ["Bump", "Fact", "bump_of", "changed_facts", "model_facts", "next_version", "rebase"]

MAJOR = frozenset({"algorithm", "server", "target"})
"""What the server makes a major version for; anything else makes a minor one."""

_PLAIN = (
    "algorithm",
    "description",
    "display_name",
    "image_repository",
    "server",
    "source_url",
    "storage",
    "target",
)

_FEATURE = ("data_type", "description", "algorithm", "sources", "tags")

_Described = TypeVar("_Described", MlModel, Feature)


class Bump(StrEnum):
    """What kind of version a change makes on the server."""

    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a model that is to change; an empty text where there is none.

    Attributes
    ----------
    path : str
        For instance `algorithm`, `features.age.description` or `hyper_parameters.depth.value`.
    before, after : str
    """

    path: str
    before: str
    after: str


def model_facts(model: MlModel) -> dict[str, str]:
    """Lay a model's metadata out as facts; what is not said is left out.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> feature = Feature(name="age", fqn="m.age", data_type="numerical")
    >>> model = MlModel(reference=Reference("mlmodel", "m"), target="left", features=(feature,))
    >>> model_facts(model)
    {'target': 'left', 'features.age': 'present', 'features.age.data_type': 'numerical'}
    """
    return {path: text for path, text in _facts(model) if text}


def changed_facts(before: MlModel, after: MlModel) -> tuple[Fact, ...]:
    """Compare two states of a model, fact by fact, sorted by path.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> model = Reference("mlmodel", "m")
    >>> changed_facts(MlModel(reference=model), MlModel(reference=model, target="left"))
    (Fact(path='target', before='', after='left'),)
    """
    then, now = model_facts(before), model_facts(after)
    return tuple(
        Fact(path, then.get(path, ""), now.get(path, ""))
        for path in sorted(then.keys() | now.keys())
        if then.get(path) != now.get(path)
    )


def bump_of(facts: tuple[Fact, ...]) -> Bump:
    """Tell what kind of version changes make, by the server's rule.

    Several at once make one version, and it is major where one of them makes it so. The
    public documentation leaves out that a new target makes a major version.

    Examples
    --------
    >>> bump_of((Fact("target", "", "left"), Fact("description", "", "Who leaves.")))
    <Bump.MAJOR: 'major'>
    """
    return Bump.MAJOR if any(fact.path in MAJOR for fact in facts) else Bump.MINOR


def next_version(version: float, bump: Bump) -> float:
    """Give the number of the version that a change makes.

    The number alone does not tell the two kinds apart: the minor version after 0.9 is 1.0.

    Examples
    --------
    >>> next_version(0.2, Bump.MAJOR), next_version(0.9, Bump.MINOR)
    (1.2, 1.0)
    """
    return round(version + (1.0 if bump == Bump.MAJOR else 0.1), 1)


def rebase(current: MlModel, *, before: MlModel, after: MlModel) -> MlModel:
    """Make the change from one state to another on a third, and no other change.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> model = MlModel(reference=Reference("mlmodel", "m"))
    >>> described = replace(model, description="Who leaves.")
    >>> changed = rebase(described, before=model, after=replace(model, target="left"))
    >>> changed.description, changed.target
    ('Who leaves.', 'left')
    """
    then = {feature.name: feature for feature in before.features}
    wanted = {feature.name: feature for feature in after.features}
    there = {feature.name: feature for feature in current.features}
    features = {
        name: _carried(feature, then.get(name, feature), wanted.get(name, feature), _FEATURE)
        for name, feature in there.items()
        if name in wanted or name not in then
    }
    new = {name: feature for name, feature in wanted.items() if name not in then}
    return replace(
        _carried(current, before, after, (*_PLAIN, "dashboard", "tags")),
        features=tuple({**features, **new}.values()),
        hyper_parameters=_carried_settings(current, before, after),
    )


def _carried(
    current: _Described, before: _Described, after: _Described, names: tuple[str, ...]
) -> _Described:
    changed = {name: getattr(after, name) for name in names}
    return replace(
        current,
        **{name: value for name, value in changed.items() if value != getattr(before, name)},
    )


def _carried_settings(
    current: MlModel, before: MlModel, after: MlModel
) -> tuple[HyperParameter, ...]:
    known = frozenset(before.hyper_parameters)
    changed = {item.name: item for item in after.hyper_parameters if item not in known}
    gone = {item.name for item in known} - {item.name for item in after.hyper_parameters}
    there = {item.name: item for item in current.hyper_parameters if item.name not in gone}
    return tuple({**there, **changed}.values())


def _facts(model: MlModel) -> Iterator[tuple[str, str]]:
    for name in _PLAIN:
        yield name, getattr(model, name) or ""
    yield "dashboard", "" if model.dashboard is None else model.dashboard.fqn
    yield "tags", ", ".join(sorted(tag.fqn for tag in model.tags))
    for setting in model.hyper_parameters:
        yield f"hyper_parameters.{setting.name}.value", setting.value or ""
        yield f"hyper_parameters.{setting.name}.description", setting.description or ""
    for feature in model.features:
        yield from _feature_facts(feature)


def _feature_facts(feature: Feature) -> Iterator[tuple[str, str]]:
    path = f"features.{feature.name}"
    yield path, "present"
    yield f"{path}.data_type", feature.data_type or ""
    yield f"{path}.description", feature.description or ""
    yield f"{path}.algorithm", feature.algorithm or ""
    yield f"{path}.sources", ", ".join(sorted(map(_source_text, feature.sources)))
    yield f"{path}.tags", ", ".join(sorted(tag.fqn for tag in feature.tags))


def _source_text(source: FeatureSource) -> str:
    entity = "?" if source.entity is None else source.entity.fqn
    kind = f" ({source.data_type})" if source.data_type else ""
    return f"{entity}.{source.name}{kind}"
