"""Seeds: what every OpenMetadata server has from the start."""

from collections.abc import Iterator, Mapping

from lineage.catalog import entity_api
from lineage.catalog.answers import JsonObject
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS

__all__ = ["BOT", "plant"]

BOT = "ingestion-bot"
"""The user that the catalog's token belongs to, unless another is named."""

_ADMIN = "admin"

# A classification, whether its tags exclude each other, and the tags.
_CLASSIFICATIONS: Mapping[str, tuple[bool, str]] = {
    "PII": (True, "None NonSensitive Sensitive"),
    "PersonalData": (False, "Personal SpecialCategory"),
    "Tier": (True, "Tier1 Tier2 Tier3 Tier4 Tier5"),
    "Certification": (True, "Bronze Silver Gold"),
}

_SYSTEM: JsonObject = {"provider": "system"}


def plant(context: Context) -> None:
    """Create what belongs into an empty catalog."""
    for kind, request in _requests():
        entity_api.create(context, KINDS[kind], request)


def _requests() -> Iterator[tuple[str, JsonObject]]:
    for name, facts in ((BOT, {"isBot": True}), (_ADMIN, {"isBot": False, "isAdmin": True})):
        yield "user", {"name": name, "email": f"{name}@open-metadata.org", **facts}
    for name, (exclusive, tags) in _CLASSIFICATIONS.items():
        described = {"name": name, "description": f"The {name} classification.", **_SYSTEM}
        yield "classification", {**described, "mutuallyExclusive": exclusive}
        for tag in tags.split():
            described = {"name": tag, "description": f"The {name}.{tag} tag.", **_SYSTEM}
            yield "tag", {**described, "classification": name}
