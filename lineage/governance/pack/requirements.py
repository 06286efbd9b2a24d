"""Which facts of a pack serve which article, and what no lineage can say about it.

A lineage tool supplies evidence, never compliance. What an article asks is put here in a few
words of our own, so that a reader finds the place; its text is what counts.
"""

from dataclasses import dataclass
from enum import StrEnum

from lineage.governance.pack.statements import Fact, Topic

__all__ = ["LIMITS", "REQUIREMENTS", "Requirement", "Status", "status_of"]


class Status(StrEnum):
    """How far a pack serves a requirement."""

    SHOWN = "shown"
    IN_PART = "shown in part"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One article or control.

    Attributes
    ----------
    instrument, article : str
        Where it stands.
    asks : str
        What is to be shown.
    topics : tuple of Topic
        The facts that serve it.
    not_knowable : str
        What it asks besides, which no lineage can say.
    """

    instrument: str
    article: str
    asks: str
    topics: tuple[Topic, ...]
    not_knowable: str


def status_of(requirement: Requirement, facts: dict[Topic, Fact]) -> Status:
    """Find out how far facts serve a requirement: not at all where there is nothing to show.

    Examples
    --------
    >>> facts = {Topic.RECORD: Fact(Topic.RECORD, "a frozen snapshot")}
    >>> print(status_of(Requirement("", "", "", (Topic.RECORD, Topic.TRUST), ""), facts))
    shown in part
    """
    found = [facts[topic] for topic in requirement.topics if topic in facts]
    if all(fact.is_empty for fact in found):
        return Status.NOT_SHOWN
    is_complete = len(found) == len(requirement.topics) and not any(fact.lacks for fact in found)
    return Status.SHOWN if is_complete else Status.IN_PART


_AI_ACT, _GDPR = "EU AI Act", "GDPR"
_NIST, _ISO = "NIST AI RMF 1.0", "ISO/IEC 42001"
_SR, _BCBS = "SR 26-2 / OCC 2026-13", "BCBS 239"

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        _AI_ACT,
        "Art. 10(2)(b)",
        "where the data comes from",
        (Topic.ORIGIN, Topic.SYSTEMS, Topic.OWNERS),
        "the purpose for which personal data was first collected",
    ),
    Requirement(
        _AI_ACT,
        "Art. 10(2)(c)",
        "how the data was prepared: cleaning, enriching, aggregating",
        (Topic.PREPARATION,),
        "labelling, and work done outside of the jobs the catalog knows",
    ),
    Requirement(
        _AI_ACT,
        "Art. 10(2)(f)-(h)",
        "possible biases, and gaps in the data",
        (Topic.VERDICT, Topic.COMPLETENESS),
        "whether the data is biased: that takes measurements on the data itself",
    ),
    Requirement(
        _AI_ACT,
        "Art. 11, Annex IV(2)(d)",
        "data sheets: provenance, scope, how the data was obtained and selected",
        (Topic.INPUTS, Topic.ORIGIN, Topic.PREPARATION, Topic.RECORD),
        "intended purpose, design choices, how the labels were made",
    ),
    Requirement(
        _AI_ACT,
        "Art. 12, 19",
        "records over the lifetime of the system",
        (Topic.HISTORY, Topic.RECORD),
        "logs of what the model was asked and what it answered",
    ),
    Requirement(
        _AI_ACT,
        "Art. 13, 26(4)",
        "what the input data must be",
        (Topic.INPUTS, Topic.OWNERS),
        "whether the deployer's data is representative of its use",
    ),
    Requirement(
        _GDPR,
        "Art. 5(1)(b)-(c), 5(2)",
        "only the personal data that is needed, and proof of that",
        (Topic.VERDICT, Topic.MINIMISATION),
        "whether a column is necessary, and for which purpose",
    ),
    Requirement(
        _GDPR,
        "Art. 9, 22(4)",
        "whether special categories are used",
        (Topic.VERDICT, Topic.COMPLETENESS),
        "the legal basis; data that nobody has tagged",
    ),
    Requirement(
        _GDPR,
        "Art. 13-15",
        "where a person's data came from, and the logic it feeds",
        (Topic.ORIGIN, Topic.INPUTS),
        "what the model does with an input",
    ),
    Requirement(
        _GDPR,
        "Art. 30, 35(7)",
        "a description of the processing: systems, data, controls",
        (Topic.SYSTEMS, Topic.PREPARATION, Topic.VERDICT),
        "retention, recipients outside of the catalog, the balance of risks",
    ),
    Requirement(
        _NIST,
        "GOVERN 1.6, 6.1; MAP 4.1",
        "an inventory of the model, its data and third parties",
        (Topic.SYSTEMS, Topic.OWNERS, Topic.RECORD),
        "contracts and the practices of third parties",
    ),
    Requirement(
        _NIST,
        "MEASURE 2.8-2.11",
        "accountability, privacy and fairness, documented",
        (Topic.HISTORY, Topic.VERDICT, Topic.TRUST),
        "the measurements themselves",
    ),
    Requirement(
        _ISO,
        "A.4.3, A.7.5",
        "data resources and their provenance, by a process that records them",
        (Topic.ORIGIN, Topic.TRUST, Topic.RECORD),
        "that the process is followed everywhere",
    ),
    Requirement(
        _ISO,
        "A.7.2-A.7.4, A.7.6",
        "acquisition, quality and preparation of data",
        (Topic.PREPARATION, Topic.COMPLETENESS),
        "the quality of the values",
    ),
    Requirement(
        _SR,
        "documentation, validation",
        "the inputs of a model, traced, and changes since validation",
        (Topic.INPUTS, Topic.ORIGIN, Topic.HISTORY),
        "conceptual soundness, outcomes analysis",
    ),
    Requirement(
        _BCBS,
        "principles 2-6",
        "critical data traced from its source, with owners and controls",
        (Topic.ORIGIN, Topic.OWNERS, Topic.PREPARATION, Topic.COMPLETENESS),
        "reconciliation, and the accuracy of figures",
    ),
)
"""What the pack is mapped to, by instrument."""

LIMITS = (
    "Lineage says which data can arrive, not whether a trained model makes use of it.",
    "What nobody recorded in the catalog is not here: files, notebooks, manual extracts.",
    "Data counts as sensitive where it is tagged so; untagged data is not looked for.",
    "A path says nothing of how much of a value is left, nor of proxies nobody declared.",
    "A masked value may still distinguish persons: one person has one digest.",
    "Whether data is representative, accurate or lawful to use is not a question of lineage.",
    "The lineage is that of the moment it was read, not that of the moment of training.",
)
"""What no lineage can know, said in every pack."""
