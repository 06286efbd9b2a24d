"""Every error raised on purpose.

::

    LineageError
    ├── MalformedName        a fully qualified name that cannot be split
    ├── UnknownEntity        a name nothing in the graph answers to
    ├── AmbiguousName        a short name several entities answer to
    ├── BadSelection         a selection that cannot be parsed
    ├── BrokenFile           a file that cannot be read or written
    │   └── MistakenFile         a file with mistakes in it, all of them named at once
    ├── PlanRefused          a plan that may not be applied here
    └── ServerError          the catalog's server, or the way to it
        ├── ServerUnreachable    no answer: refused, timed out, unknown host
        │   ├── AnswerTooSlow        an answer that did not come in time
        │   └── ServerGone           a server that answered before, and answers nothing now
        ├── NotOpenMetadata      an answer, but not OpenMetadata's (a login page, a proxy)
        │   └── BrokenAnswer         a success that is no JSON: cut on its way, or a page
        ├── AccessRefused        401 or 403: the token, or what it may do
        └── RequestFailed        any other answer that is not a success

Each message is one line that says what, where and what to do; each error carries its
subject as an attribute. Programmer errors raise built-ins. Findings about metadata are
values, not exceptions.
"""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import NamedTuple

__all__ = [
    "AccessRefused",
    "AmbiguousName",
    "AnswerTooSlow",
    "BadSelection",
    "BrokenAnswer",
    "BrokenFile",
    "LineageError",
    "MalformedName",
    "Mistake",
    "MistakenFile",
    "NotOpenMetadata",
    "PlanRefused",
    "RequestFailed",
    "ServerError",
    "ServerGone",
    "ServerUnreachable",
    "UnknownEntity",
    "did_you_mean",
]


class LineageError(Exception):
    """The root of all errors that `lineage` raises on purpose."""


class MalformedName(LineageError):
    """A fully qualified name that cannot be split into its parts.

    Attributes
    ----------
    fqn : str
        The name as it was given.
    """

    def __init__(self, fqn: str, reason: str) -> None:
        super().__init__(f"{fqn!r} is not a fully qualified name: {reason}")
        self.fqn = fqn


class UnknownEntity(LineageError):
    """A name that nothing in the graph, or wherever it was looked for, answers to.

    Attributes
    ----------
    name : str
        The name as it was given.
    nearest : tuple of str
        Names that do exist and look alike, best first.
    """

    def __init__(self, name: str, nearest: Sequence[str] = (), *, where: str = "here") -> None:
        super().__init__(f"nothing is called {name!r} {where}{did_you_mean(nearest)}")
        self.name = name
        self.nearest = tuple(nearest)


class AmbiguousName(LineageError):
    """A short name that several entities answer to.

    Attributes
    ----------
    name : str
        The name as it was given.
    candidates : tuple of str
        What it may mean, each in the form `kind:fqn` that is accepted in its place.
    """

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        super().__init__(f"{name!r} may mean any of {', '.join(candidates)}: name one of them")
        self.name = name
        self.candidates = tuple(candidates)


class BadSelection(LineageError):
    """A selection that cannot be parsed.

    Attributes
    ----------
    text : str
        The selection as it was given.
    position : int
        Where the trouble is, from 0.
    reason : str
        What it is.
    nearest : tuple of str
        Words that would do and look alike, best first.
    """

    def __init__(self, text: str, position: int, reason: str, nearest: Sequence[str] = ()) -> None:
        hint = did_you_mean(nearest)
        super().__init__(f"selection {text!r}, position {position + 1}: {reason}{hint}")
        self.text = text
        self.position = position
        self.reason = reason + hint
        self.nearest = tuple(nearest)


class BrokenFile(LineageError):
    """A file that cannot be read, or cannot be written.

    Attributes
    ----------
    path : str
        The file.
    line, column : int or None
        Where on it the trouble is, from 1, as far as that is known.
    """

    def __init__(
        self, path: str, reason: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(f"{_place(path, line, column)}: {reason}")
        self.path = path
        self.line = line
        self.column = column


class Mistake(NamedTuple):
    """One thing that is wrong in a file: where, from 1, and what."""

    line: int
    column: int
    reason: str


class MistakenFile(BrokenFile):
    """A file with mistakes in it, all of them named at once.

    Attributes
    ----------
    mistakes : tuple of Mistake
        All of them, in the order of the file.
    lines : tuple of str
        The lines of the message, one for each mistake.
    """

    def __init__(self, path: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        first = self.mistakes[0]
        super().__init__(path, first.reason, line=first.line, column=first.column)
        self.lines = tuple(
            f"{_place(path, line, column)}: {reason}" for line, column, reason in self.mistakes
        )
        self.args = ("\n".join(self.lines),)


class PlanRefused(LineageError):
    """A plan that may not be applied to this server."""


class ServerError(LineageError):
    """The catalog's server did not give what was asked for.

    Attributes
    ----------
    url : str
        The address asked, never with a token in it.
    """

    def __init__(self, url: str, message: str) -> None:
        super().__init__(f"{url}: {message}")
        self.url = url

    @property
    def is_final(self) -> bool:
        """Whether every other request would end so, too: the server or the token is gone."""
        return False


class ServerUnreachable(ServerError):
    """No answer came: the connection was refused, timed out, or the host is unknown."""


class AnswerTooSlow(ServerUnreachable):
    """An answer did not come in time, or not to its end."""


class ServerGone(ServerUnreachable):
    """The server answered before, and several requests in a row got no answer any more."""

    @property
    def is_final(self) -> bool:
        """Always."""
        return True


class NotOpenMetadata(ServerError):
    """An answer came, but not from OpenMetadata's API: a login page, a proxy, another service."""


class BrokenAnswer(NotOpenMetadata):
    """A success came whose content is no JSON: it was cut on its way, or is someone else's page."""


class AccessRefused(ServerError):
    """The server refused the token (401) or what it asks to do (403).

    Attributes
    ----------
    status : int
        401 or 403.
    """

    def __init__(self, url: str, status: int, message: str) -> None:
        super().__init__(url, message)
        self.status = status

    @property
    def is_final(self) -> bool:
        """Whether it is the token that was refused, and not only what it asks to do."""
        return self.status == HTTPStatus.UNAUTHORIZED


class RequestFailed(ServerError):
    """The server answered a request with an error.

    Attributes
    ----------
    status : int
        The HTTP status of the answer.
    retry_after : str or None
        The answer's `Retry-After` header.
    is_servers_own : bool
        Whether OpenMetadata itself says so, in its own form, and not a gateway before it.
    """

    def __init__(
        self,
        url: str,
        status: int,
        message: str,
        *,
        retry_after: str | None = None,
        is_servers_own: bool = False,
    ) -> None:
        super().__init__(url, f"{status}: {message}")
        self.status = status
        self.retry_after = retry_after
        self.is_servers_own = is_servers_own

    @property
    def is_not_found(self) -> bool:
        """Whether the server itself says that it has no such thing."""
        return self.status == 404 and self.is_servers_own


def did_you_mean(nearest: Sequence[str]) -> str:
    """End a message with what may be meant; with nothing where nothing is near.

    Examples
    --------
    >>> "nothing is called 'chrn'" + did_you_mean(["churn"])
    "nothing is called 'chrn'; did you mean churn?"
    """
    return f"; did you mean {', '.join(nearest)}?" if nearest else ""


def _place(path: str, line: int | None, column: int | None) -> str:
    on_line = "" if line is None else f", line {line}"
    return f"{path}{on_line}" if column is None else f"{path}{on_line}, column {column}"
