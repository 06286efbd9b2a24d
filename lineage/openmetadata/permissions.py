"""Permissions: who we are on the server, and what we may not do there."""

from collections.abc import Mapping

from lineage.errors import NotOpenMetadata, RequestFailed
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.endpoints import ENDPOINTS

__all__ = ["read_denied", "read_user"]

_DECISIVE = ("EditLineage", "EditAll", "All")
"""Operations that decide whether lineage may be edited; the first that is named does."""

_REFUSED = frozenset({"deny", "notAllow"})

_Accesses = Mapping[str, str]


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

    A kind of which the list says nothing is asked for by itself: what is not named is denied.
    What depends on the single entity is not known before, nor is anything of a server that
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
    listed = [item for item in (items if isinstance(items, list) else []) if isinstance(item, dict)]
    named = {str(item.get("resource")): _accesses(item) for item in listed}
    undecided = [kind for kind in ENDPOINTS if named.get(kind, {}).keys().isdisjoint(_DECISIVE)]
    named |= {kind: _read(client, kind) for kind in undecided}
    return frozenset(kind for kind in ENDPOINTS if _is_denied(named[kind]))


def _read(client: Client, kind: str) -> _Accesses:
    """Ask for one kind; nothing is permitted where that is not answered."""
    try:
        answer = client.get(f"/permissions/{escape(kind)}")
    except RequestFailed:
        return {}
    return _accesses(answer) if isinstance(answer, dict) else {}


def _accesses(item: Mapping[str, object]) -> _Accesses:
    permissions = item.get("permissions")
    return {
        str(one.get("operation")): str(one.get("access"))
        for one in (permissions if isinstance(permissions, list) else [])
        if isinstance(one, dict)
    }


def _is_denied(accesses: _Accesses) -> bool:
    """Whether editing lineage is refused outright, or not named at all."""
    decisive = (accesses[operation] for operation in _DECISIVE if operation in accesses)
    return next(decisive, "deny") in _REFUSED
