"""Standing: who we are on the server, and what we may not do there."""

from lineage.errors import NotOpenMetadata, RequestFailed
from lineage.openmetadata.client import Client

__all__ = ["read_denied", "read_user"]

_WRITING = "EditLineage"
_ALL = "All"
_REFUSED = frozenset({"deny", "notAllow"})


def read_user(client: Client) -> str:
    """Ask whose token it is: the name that the server puts under what we write.

    Raises
    ------
    ServerError
        It could not be read.
    """
    path = "/users/loggedInUser"
    answer = client.get(path)
    name = answer.get("name") if isinstance(answer, dict) else None
    if not name:
        raise NotOpenMetadata(client.url(path), "the answer names no user")
    return str(name)


def read_denied(client: Client) -> frozenset[str]:
    """Ask of which kinds of entities we may edit no lineage.

    What depends on the single entity is not told here, nor is anything by a server that
    does not answer the question.

    Returns
    -------
    frozenset of str

    Raises
    ------
    ServerError
        The server could not be asked.
    """
    try:
        answer = client.get("/permissions")
    except RequestFailed as error:
        if error.status in {404, 405}:
            return frozenset()
        raise
    items = answer.get("data") if isinstance(answer, dict) else answer
    return frozenset(
        str(item.get("resource"))
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict) and _is_denied(item.get("permissions"))
    )


def _is_denied(permissions: object) -> bool:
    """Whether editing lineage is refused outright; a word on everything counts for it too."""
    told = {
        item.get("operation"): item.get("access")
        for item in (permissions if isinstance(permissions, list) else [])
        if isinstance(item, dict)
    }
    return told.get(_WRITING, told.get(_ALL)) in _REFUSED
