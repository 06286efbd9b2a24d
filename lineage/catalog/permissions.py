"""Permissions: whoever has the token may do everything with every kind of entity."""

from lineage.catalog.answers import Answer, JsonObject, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.entity_kinds import KINDS
from lineage.catalog.requests import Request

__all__ = ["list_permissions", "show_permissions"]

_OPERATIONS = ("Create", "Delete", "ViewAll", "ViewBasic", "EditAll", "EditLineage")


def list_permissions(_context: Context, _request: Request) -> Answer:
    """Answer `GET /permissions`: what may be done with each kind."""
    return Answer(body={"data": [_permissions(kind) for kind in KINDS]})


def show_permissions(_context: Context, request: Request) -> Answer:
    """Answer `GET /permissions/{kind}`.

    Raises
    ------
    RefusalError
        There is no such kind.
    """
    kind = request.names["kind"]
    if kind not in KINDS:
        raise RefusalError(404, f"Resource type {kind} not found")
    return Answer(body=_permissions(kind))


def _permissions(kind: str) -> JsonObject:
    allowed = [{"operation": operation, "access": "allow"} for operation in _OPERATIONS]
    return {"resource": kind, "permissions": allowed}
