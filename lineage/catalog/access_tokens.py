"""Tokens: who may ask."""

import base64
import hmac
import json
from typing import Any

from lineage.catalog.answers import RefusalError

__all__ = ["check_token"]


def check_token(header: str, token: str, *, now: int) -> None:
    """Check an `Authorization` header.

    Parameters
    ----------
    token : str
        The one that is accepted.
    now : int
        Milliseconds since 1970-01-01 UTC.

    Raises
    ------
    RefusalError
        There is no token in the header, another one, or one that has expired.
    """
    scheme, _, given = header.partition(" ")
    given = given.strip()
    if scheme.lower() != "bearer" or not given:
        raise RefusalError(401, "Not Authorized! Token not present")
    expiry = _claims(given).get("exp")
    if isinstance(expiry, int | float) and expiry * 1000 <= now:
        raise RefusalError(401, "Expired token!")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise RefusalError(401, "Not Authorized! Invalid token.")


def _claims(token: str) -> dict[str, Any]:
    """Read what a JSON Web Token says of itself; nothing where it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}
