"""Replies: an answer as it goes over the wire, shortened where the client says how."""

import gzip
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from lineage.catalog.answers import Answer
from lineage.catalog.entity_store import as_json

__all__ = ["SHORT", "Reply", "reply_to"]

SHORT = 1024
"""Bytes up to which a body is not worth compressing."""


class Reply(NamedTuple):
    """A status line, headers and the bytes of a body."""

    status: str
    headers: list[tuple[str, str]]
    content: bytes


def reply_to(environ: Mapping[str, Any], answer: Answer) -> Reply:
    """Give the reply that carries an answer to the one who asked."""
    if _is_known(environ, answer):
        answer = Answer(status=304, headers=answer.headers)
    content = _content(answer)
    headers = list(answer.headers)
    if content:
        headers.append(
            ("Content-Type", "application/json" if answer.text is None else "text/plain")
        )
    if len(content) > SHORT:
        headers.append(("Vary", "Accept-Encoding"))
        if _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            headers.append(("Content-Encoding", "gzip"))
            # Fast rather than small, and the same bytes whenever it is done.
            content = gzip.compress(content, compresslevel=1, mtime=0)
    headers.append(("Content-Length", str(len(content))))
    return Reply(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers, content)


def _content(answer: Answer) -> bytes:
    if answer.text is not None:
        return answer.text.encode()
    return b"" if answer.body is None else as_json(answer.body).encode()


def _is_known(environ: Mapping[str, Any], answer: Answer) -> bool:
    """Return whether the client has the very thing: it names its ETag in `If-None-Match`."""
    tag = dict(answer.headers).get("ETag")
    if tag is None or answer.status != HTTPStatus.OK or environ["REQUEST_METHOD"] != "GET":
        return False
    named = environ.get("HTTP_IF_NONE_MATCH", "").split(",")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in named)


def _takes_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        coding, _, quality = one.replace(" ", "").partition(";")
        if coding == "gzip":
            return quality.rstrip("0") not in ("q=", "q=0.")
    return False
