"""The history of a model: what each of its versions was, and what made it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from lineage.changes.model_diff import Bump, bump_of, next_version
from lineage.changes.model_facts import Fact, changed_facts
from lineage.model.answer import Answer, Record, counted
from lineage.model.entities import Entity, MlModel
from lineage.model.entity_history import as_of, as_text, find_version

__all__ = ["ModelHistory", "ModelVersion", "model_history"]


class ModelVersion(NamedTuple):
    """One version of a model.

    Attributes
    ----------
    model : MlModel
        What it was.
    facts : tuple of Fact
        What is other than in the version before; empty in the first.
    bump : Bump or None
        What kind of version that makes, by the server's rule; None in the first.
    follows_rule : bool
        Whether the number is the one that the rule gives.
    """

    model: MlModel
    facts: tuple[Fact, ...] = ()
    bump: Bump | None = None
    follows_rule: bool = True


class ModelHistory(Answer):
    """The versions of a model.

    Attributes
    ----------
    versions : tuple of ModelVersion
        Oldest first.
    """

    def __init__(self, versions: tuple[ModelVersion, ...]) -> None:
        self.versions = versions

    def between(self, old: str, new: str) -> tuple[Fact, ...]:
        """Compare two versions, fact by fact; sorted by what each fact is about.

        Raises
        ------
        LineageError
            The model never had one of them.
        """
        models = tuple(item.model for item in self.versions)
        return changed_facts(*(find_version(models, number) for number in (old, new)))

    def as_of(self, moment: int) -> MlModel | None:
        """Return what the model was at a moment; None where it has no version as old as that."""
        models = tuple(item.model for item in reversed(self.versions))
        found = as_of(models, moment)
        return found if isinstance(found, MlModel) else None

    def summary(self) -> str:
        """Count the versions, and those whose number the rule does not give."""
        odd = sum(not item.follows_rule for item in self.versions)
        note = f"; {odd:,} not numbered by the rule" if odd else ""
        return (
            f"{self.versions[-1].model.reference}: {counted(len(self.versions), 'version')}{note}"
        )

    def to_records(self) -> list[Record]:
        """Give one row for each version, oldest first."""
        return [_record(item) for item in self.versions]


def model_history(versions: tuple[Entity, ...]) -> ModelHistory:
    """Say what each version of a model was, what made it, and whether its number fits that.

    Parameters
    ----------
    versions : tuple of Entity
        As `read_versions` reads them, in any order.

    Examples
    --------
    >>> from lineage.model.reference import Reference
    >>> name = Reference("mlmodel", "m")
    >>> history = model_history(
    ...     (
    ...         MlModel(reference=name, version=1.1, algorithm="forest"),
    ...         MlModel(reference=name, version=0.1, algorithm="tree"),
    ...     )
    ... )
    >>> history
    <ModelHistory: mlmodel:m: 2 versions>
    >>> print(history.versions[1].bump, *history.versions[1].facts)
    major algorithm: tree → forest
    """
    models = sorted(
        (item for item in versions if isinstance(item, MlModel)),
        key=lambda item: item.version or 0.0,
    )
    return ModelHistory(tuple(_versions(models)))


def _versions(models: list[MlModel]) -> Iterator[ModelVersion]:
    yield from map(ModelVersion, models[:1])
    for old, new in pairwise(models):
        facts = changed_facts(old, new)
        bump = bump_of(facts)
        follows = new.version == next_version(old.version or 0.0, bump)
        yield ModelVersion(new, facts, bump, follows)


def _record(item: ModelVersion) -> Record:
    model = item.model
    sources = [
        f"{'?' if source.entity is None else source.entity.fqn}.{source.name}"
        for feature in model.features
        for source in feature.sources
    ]
    return {
        "version": model.version,
        "at": as_text(model.updated_at or 0),
        "by": model.updated_by,
        "bump": None if item.bump is None else str(item.bump),
        "follows_rule": item.follows_rule,
        "algorithm": model.algorithm,
        "server": model.server,
        "target": model.target,
        "features": [feature.name for feature in model.features],
        "sources": sorted(set(sources)),
        "changes": list(map(str, item.facts)),
    }
