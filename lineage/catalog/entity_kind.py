"""What differs between one kind of entity and another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lineage.catalog.nested_fields import Parts
from lineage.catalog.schemas import (
    ANYTHING,
    NAME,
    OBJECT,
    REFERENCE,
    TAG_LABEL,
    TEXT,
    Many,
    Record,
    Shape,
    Text,
)

__all__ = ["OWNERS_TOO", "STATUS", "EntityKind", "Link", "under"]

STATUS = {"entityStatus": "Unprocessed"}
"""What most kinds are in before anybody has looked at them."""

OWNERS_TOO = frozenset({"owners", "domains"})
"""What some kinds take from what they are in; the others take domains alone."""


@dataclass(frozen=True, slots=True)
class Link:
    """A field that names other entities.

    Attributes
    ----------
    kinds : tuple of str
        What it may name.
    by_name : bool
        A create request gives fully qualified names; otherwise entity references.
    mappable : bool
        Column mappings of lineage may name what it names: the charts of a dashboard.
    """

    field: str
    kinds: tuple[str, ...]
    many: bool = True
    by_name: bool = True
    mappable: bool = False


_OWNERS = Link("owners", ("user", "team"), by_name=False)
_PLACES = (Link("domains", ("domain",)), Link("dataProducts", ("dataProduct",)))

_COMMON_FIELDS: Mapping[str, Shape] = {
    "extension": OBJECT,
    "lifeCycle": OBJECT,
    "sourceHash": Text(32, 1),
    "sourceUrl": TEXT,
}

_ASKED = frozenset(
    {
        *("tags", "owners", "domains", "dataProducts", "followers", "extension"),
        *("certification", "lifeCycle", "sourceHash", "usageSummary", "votes"),
    }
)
"""What every kind shows only when a request asks for it by `fields`."""

_ALWAYS = frozenset(
    {
        *("id", "name", "fullyQualifiedName", "displayName", "description", "version"),
        *("updatedAt", "updatedBy", "deleted", "href"),
        *("changeDescription", "incrementalChangeDescription"),
    }
)

_SERVERS_OWN = frozenset(
    {
        *("id", "fullyQualifiedName", "version", "updatedAt", "updatedBy"),
        *("changeDescription", "incrementalChangeDescription"),
        *("href", "followers", "votes", "provider"),
    }
)

_SET_ELSEWHERE = (
    *("certification", "followers", "votes", "usageSummary"),
    *("entityStatus", "processedLineage"),
)
"""Fields of an entity that its create request does not have."""


@dataclass(frozen=True, kw_only=True)
class EntityKind:
    """Everything that differs between one kind of entity and another.

    Attributes
    ----------
    name : str
        OpenMetadata's entity type.
    collection : str
        The path it is served under.
    parent : Link or None
        The field that names what the entity belongs to and is named after.
    nested : Link or None
        A field that may name an entity in between: a container in a container.
    infix : str
        A part between the parent's name and the entity's own.
    inherits : tuple of str
        Fields that are taken from the parent when the entity is written.
    inherited : frozenset of str
        Fields that are shown as those of what the entity is in, where it has none itself.
    fields : mapping of str to Shape
        What else a create request may hold.
    asked : frozenset of str
        Fields shown only when asked for, besides those that every kind hides.
    emptied : frozenset of str
        Of those, the ones shown empty instead: the schema requires them.
    unlisted : frozenset of str
        Fields that lists leave out even when asked.
    asked_of_lists : frozenset of str
        Fields that lists show only when asked for, and single entities always.
    major : frozenset of str
        Fields whose change makes a major version.
    defaults : mapping of str to object
        Values of fields that a create request leaves out.
    labelled : bool
        Whether it can be tagged, owned and so on.
    movable : bool
        Whether a patch may rename it, or put it under another.
    placed : bool
        Whether it can be put in domains and data products, where it is labelled.
    restorable : bool
        Whether it can be soft-deleted; otherwise it is always deleted for good.
    votable : bool
        Whether it shows the votes for it where there are none yet.
    """

    name: str
    collection: str
    parent: Link | None = None
    nested: Link | None = None
    infix: str = ""
    inherits: tuple[str, ...] = ()
    inherited: frozenset[str] = frozenset({"domains"})
    fields: Mapping[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()
    parts: tuple[Parts, ...] = ()
    asked: frozenset[str] = frozenset()
    emptied: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    asked_of_lists: frozenset[str] = frozenset()
    major: frozenset[str] = frozenset()
    defaults: Mapping[str, object] = field(default_factory=dict)
    labelled: bool = True
    movable: bool = False
    placed: bool = True
    restorable: bool = True
    votable: bool = True

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Fields that are shown only when a request asks for them."""
        places = frozenset() if self.placed else {place.field for place in _PLACES}
        return self.asked | _ASKED - places

    @cached_property
    def every_link(self) -> tuple[Link, ...]:
        """The fields that name other entities, apart from those above it."""
        nested = (self.nested,) if self.nested else ()
        owners = (_OWNERS,) if self.labelled else ()
        places = _PLACES if self.labelled and self.placed else ()
        return (*nested, *self.links, *owners, *places)

    @cached_property
    def above(self) -> tuple[str, ...]:
        """The fields that name what the entity belongs to, the nearest first."""
        own = (self.parent.field,) if self.parent else ()
        return (*own, *self.inherits)

    @cached_property
    def fixed(self) -> frozenset[str]:
        """The fields that a patch cannot change; the server ignores what it says of them."""
        kept = frozenset() if self.movable else frozenset({"name", *self.above})
        return kept | _SERVERS_OWN

    @cached_property
    def create(self) -> Record:
        """What a create request looks like."""
        fields = dict(self._plain)
        for link in self.every_link:
            one = TEXT if link.by_name else REFERENCE
            fields[link.field] = Many(one) if link.many else one
        required = self.required | {"name"}
        if self.parent:
            fields[self.parent.field] = Text(3072, 1)
            required |= {self.parent.field}
        return Record(fields, required)

    @cached_property
    def entity(self) -> Record:
        """What an entity looks like, when a JSON Patch has been applied to it."""
        fields: dict[str, Shape] = dict.fromkeys((*_ALWAYS, *_SET_ELSEWHERE), ANYTHING)
        fields |= dict.fromkeys((*self.above, *(("children",) if self.nested else ())), ANYTHING)
        fields |= self._plain
        for link in self.every_link:
            fields[link.field] = Many(REFERENCE) if link.many else REFERENCE
        return Record(fields, self.required | {"name"})

    @cached_property
    def properties(self) -> frozenset[str]:
        """Every field of the entity: what `fields` may ask for."""
        return frozenset(self.entity.fields) | self.hidden

    @cached_property
    def _plain(self) -> dict[str, Shape]:
        common = {"tags": Many(TAG_LABEL), **_COMMON_FIELDS} if self.labelled else {}
        return {"name": NAME, "displayName": TEXT, "description": TEXT, **common, **self.fields}


def under(field: str, kind: str | None = None) -> Link:
    """Make the field that names what an entity belongs to, of a kind that has the field's name.

    Parameters
    ----------
    kind : str, optional
        The kind, where it is called otherwise.
    """
    return Link(field, (kind or field,), many=False)
