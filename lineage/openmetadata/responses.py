"""What came back: pages, answers, errors, and what a token says of itself."""

import base64
import binascii
import json
from contextlib import suppress
from typing import Any

import httpx
from pydantic_core import from_json

from lineage.errors import BrokenAnswer, NotOpenMetadata

__all__ = ["read_expiry", "read_message", "read_page", "read_success"]


def read_page(url: str, page: object) -> tuple[list[dict[str, Any]], str | None, int | None]:
    """Take a page apart: its items, where the next one begins, and how many there are in all.

    Raises
    ------
    NotOpenMetadata
        It is no page.
    """
    items = page.get("data") if isinstance(page, dict) else None
    paging = (page.get("paging") or {}) if isinstance(page, dict) else {}
    if not isinstance(items, list) or not isinstance(paging, dict):
        raise NotOpenMetadata(url, "the answer is no page of a list")
    after, total = paging.get("after"), paging.get("total")
    return items, str(after) if after else None, total if isinstance(total, int) else None


def read_success(url: str, response: httpx.Response) -> Any:
    """Take the JSON of an answer, None where it is empty.

    Raises
    ------
    BrokenAnswer
        It is no JSON.
    """
    if not response.content.strip():
        return None
    with suppress(ValueError):
        return from_json(response.content)
    try:  # what is odd, half a surrogate pair for instance, spoils one entity and not its page
        return response.json()
    except (ValueError, RecursionError):
        kind = response.headers.get("content-type", "no content type")
        hint = "is this OpenMetadata, or a login page before it?"
        raise BrokenAnswer(url, f"the answer is not JSON ({kind}); {hint}") from None


def read_message(response: httpx.Response) -> tuple[str, bool]:
    """Find what an error says, and whether it says it in OpenMetadata's own form."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict) and body.get("message"):
        return " ".join(str(body["message"]).split()), "code" in body
    return response.reason_phrase or "no reason given", False


def read_expiry(token: str) -> float | None:
    """Read when a JSON Web Token expires, in seconds since 1970, without trusting it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None
