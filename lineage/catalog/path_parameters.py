"""What a path addresses: the kind, the entity or the two entities that its placeholders name."""

from lineage.catalog.context import Context
from lineage.catalog.entity_kind import EntityKind
from lineage.catalog.entity_kinds import BY_COLLECTION
from lineage.catalog.entity_store import Document
from lineage.catalog.listing import INCLUDES
from lineage.catalog.requests import Request

__all__ = ["ends", "included", "kind_of", "named", "root"]


def kind_of(request: Request) -> EntityKind:
    """Give the kind of the collection."""
    return BY_COLLECTION[request.names["collection"]]


def included(request: Request) -> bool | None:
    """Read `include`: whether the entity has to be soft-deleted; None: whichever it is.

    Raises
    ------
    RefusalError
        It is none of the words the server knows.
    """
    return INCLUDES[request.choice("include", "non-deleted", INCLUDES)]


def named(context: Context, request: Request, *, deleted: bool | None) -> Document:
    """Find the entity of the collection, by id or by fully qualified name.

    Raises
    ------
    RefusalError
        There is none.
    """
    kind = kind_of(request).name
    if "id" in request.names:
        return context.need(kind, request.names["id"].lower(), deleted=deleted)
    return context.need_named(kind, request.names["name"], deleted=deleted)


def root(context: Context, request: Request) -> Document:
    """Find the entity whose lineage is asked for; by name it may not be soft-deleted.

    Raises
    ------
    RefusalError
        There is none.
    """
    names = request.names
    if "id" in names:
        return context.need(names["kind"], names["id"].lower(), deleted=None)
    return context.need_named(names["kind"], names["name"])


def ends(
    context: Context, request: Request, *, deleted: bool | None = False
) -> tuple[Document, Document]:
    """Find the two entities of an edge.

    Parameters
    ----------
    deleted : bool or None
        Whether they have to be soft-deleted; None: whichever they are.

    Raises
    ------
    RefusalError
        One of them is missing.
    """
    upstream, downstream = (
        context.need(request.names[end], request.names[f"{end}_id"].lower(), deleted=deleted)
        if f"{end}_id" in request.names
        else context.need_named(request.names[end], request.names[f"{end}_name"], deleted=deleted)
        for end in ("from", "to")
    )
    return upstream, downstream
