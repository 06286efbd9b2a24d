"""One entity by its id."""

from typing import Any

from lineage.errors import NotOpenMetadata
from lineage.openmetadata.client import Client, escape
from lineage.openmetadata.endpoints import ENDPOINTS

__all__ = ["read_one"]


def read_one(
    client: Client, kind: str, identity: str, *, fields: str | None = None
) -> dict[str, Any]:
    """Read one entity as the server spells it, a deleted one too.

    Parameters
    ----------
    client : Client
        The server.
    kind : str
        A kind the server keeps a list of.
    identity : str
        The server's id of the entity.
    fields : str, optional
        The fields to ask for; all that lists are asked for unless given.

    Raises
    ------
    NotOpenMetadata
        The answer is about something else.
    ServerError
        There is no such entity, or it could not be read.
    """
    endpoint = ENDPOINTS[kind]
    path = f"/{endpoint.collection}/{escape(identity)}"
    params = {"fields": fields or endpoint.fields, "include": "all"}
    answer = client.get(path, params)
    if not isinstance(answer, dict) or answer.get("id") != identity:
        client.doubt(path, params)
        raise NotOpenMetadata(client.url(path), "the answer is about another entity")
    return answer
