"""The kinds of entities that own, group and label others, one row each."""

from lineage.catalog.entity_kind import OWNERS_TOO, STATUS, EntityKind, Link, under
from lineage.catalog.schemas import BOOLEAN, OBJECT, TEXT, Choice, Many

__all__ = ["ORGANISATION", "VOCABULARIES"]

ORGANISATION = (
    EntityKind(
        name="user",
        collection="users",
        fields={"email": TEXT, "isBot": BOOLEAN, "isAdmin": BOOLEAN},
        required=frozenset({"email"}),
        labelled=False,
    ),
    EntityKind(
        name="team",
        collection="teams",
        fields={
            "email": TEXT,
            "teamType": Choice(
                frozenset({"Group", "Department", "Division", "BusinessUnit", "Organization"})
            ),
            "isJoinable": BOOLEAN,
        },
        defaults={"isJoinable": True},
        required=frozenset({"teamType"}),
        labelled=False,
    ),
    EntityKind(
        name="domain",
        collection="domains",
        nested=under("parent", "domain"),
        fields={
            "domainType": Choice(frozenset({"Source-aligned", "Consumer-aligned", "Aggregate"})),
        },
        defaults=STATUS,
        required=frozenset({"domainType", "description"}),
        movable=True,
        placed=False,
        restorable=False,
    ),
    EntityKind(
        name="dataProduct",
        collection="dataProducts",
        links=(Link("domains", ("domain",)),),
        defaults=STATUS,
        required=frozenset({"description"}),
        labelled=False,
    ),
)
"""Who owns entities, and what they are grouped in."""

_VOCABULARY_STATUS = {**STATUS, "mutuallyExclusive": False, "provider": "user"}
_PROVIDER = Choice(frozenset({"system", "user", "automation"}))

VOCABULARIES = (
    EntityKind(
        name="classification",
        collection="classifications",
        fields={"mutuallyExclusive": BOOLEAN, "provider": _PROVIDER},
        required=frozenset({"description"}),
        defaults=_VOCABULARY_STATUS,
        labelled=False,
        movable=True,
        votable=False,
    ),
    EntityKind(
        name="tag",
        collection="tags",
        parent=under("classification"),
        nested=under("parent", "tag"),
        fields={"mutuallyExclusive": BOOLEAN, "provider": _PROVIDER, "style": OBJECT},
        required=frozenset({"description"}),
        defaults=_VOCABULARY_STATUS,
        labelled=False,
        movable=True,
        votable=False,
    ),
    EntityKind(
        name="glossary",
        collection="glossaries",
        fields={"mutuallyExclusive": BOOLEAN, "provider": _PROVIDER},
        required=frozenset({"description"}),
        defaults=_VOCABULARY_STATUS,
        movable=True,
    ),
    EntityKind(
        name="glossaryTerm",
        collection="glossaryTerms",
        inherited=OWNERS_TOO,
        parent=under("glossary"),
        nested=under("parent", "glossaryTerm"),
        fields={
            "mutuallyExclusive": BOOLEAN,
            "provider": _PROVIDER,
            "style": OBJECT,
            "synonyms": Many(TEXT),
        },
        required=frozenset({"description"}),
        defaults={**_VOCABULARY_STATUS, "entityStatus": "Approved"},
        movable=True,
    ),
)
"""What entities are labelled with."""
