"""Changes of a model: the version they make, and how they are made on another state of it."""

from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from lineage.changes.model_facts import PLAIN_FIELDS, Fact
from lineage.model.entities import Feature, HyperParameter, MlModel

__all__ = ["Bump", "bump_of", "next_version", "rebase"]

MAJOR = frozenset({("algorithm",), ("server",), ("target",)})
"""What the server makes a major version for; anything else makes a minor one."""

_FEATURE = ("data_type", "description", "algorithm", "sources", "tags")

_Described = TypeVar("_Described", MlModel, Feature)


class Bump(StrEnum):
    """What kind of version a change makes on the server."""

    MAJOR = "major"
    MINOR = "minor"


def bump_of(facts: tuple[Fact, ...]) -> Bump:
    """Say what kind of version changes make, by the server's rule.

    Several at once make one version, and it is major where one of them makes it so. The
    public documentation leaves out that a new target makes a major version.

    Examples
    --------
    >>> bump_of((Fact(("target",), None, "left"), Fact(("description",), None, "Who leaves.")))
    <Bump.MAJOR: 'major'>
    """
    return Bump.MAJOR if any(fact.path in MAJOR for fact in facts) else Bump.MINOR


def next_version(version: float, bump: Bump) -> float:
    """Give the number of the version that a change makes.

    The number alone does not show the kind: the minor version after 0.9 is 1.0.

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
        name: _rebased(feature, then.get(name, feature), wanted.get(name, feature), _FEATURE)
        for name, feature in there.items()
        if name in wanted or name not in then
    }
    new = {name: feature for name, feature in wanted.items() if name not in then}
    return replace(
        _rebased(current, before, after, (*PLAIN_FIELDS, "dashboard", "tags")),
        features=tuple({**features, **new}.values()),
        hyper_parameters=_rebased_settings(current, before, after),
    )


def _rebased(
    current: _Described, before: _Described, after: _Described, names: tuple[str, ...]
) -> _Described:
    changed = {name: getattr(after, name) for name in names}
    return replace(
        current,
        **{name: value for name, value in changed.items() if value != getattr(before, name)},
    )


def _rebased_settings(
    current: MlModel, before: MlModel, after: MlModel
) -> tuple[HyperParameter, ...]:
    known = frozenset(before.hyper_parameters)
    changed = {item.name: item for item in after.hyper_parameters if item not in known}
    gone = {item.name for item in known} - {item.name for item in after.hyper_parameters}
    there = {item.name: item for item in current.hyper_parameters if item.name not in gone}
    return tuple({**there, **changed}.values())
