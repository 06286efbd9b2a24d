"""What a client knows of a server: its address, and the token for it."""

from urllib.parse import SplitResult, urlsplit

from lineage.errors import LineageError

__all__ = ["header_text", "server_address"]


def server_address(host: str) -> str:
    """Cut `/api` and what may follow from an address; refuse what is none.

    Raises
    ------
    LineageError
        It is no address of a server.

    Examples
    --------
    >>> server_address("https://metadata.example.com/api/v1/")
    'https://metadata.example.com'
    """
    parts = _parts(host)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"{host!r} is no server's address; write it as https://metadata.example.com"
        raise LineageError(message)
    path = parts.path.rstrip("/")
    for ending in ("/v1", "/api"):
        path = path.removesuffix(ending)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{path}"


def _parts(host: str) -> SplitResult | None:
    """Split an address; None where its brackets, its port or a label of its name is none."""
    try:
        parts = urlsplit(host)
        is_one = parts.port != 0 and bool((parts.hostname or "").encode("idna"))
    except ValueError:  # whoever asks says in one line that it is no address
        return None
    return parts if is_one else None


def header_text(token: str) -> str:
    """Give a token as a header may carry it.

    Raises
    ------
    LineageError
        It has characters no token has.
    """
    if not token.isascii() or not token.isprintable():
        message = "the token has characters no token has; copy it again"
        raise LineageError(message)
    return token
