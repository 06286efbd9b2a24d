"""Answers: what a request comes to, and the refusals that end one early."""

from dataclasses import dataclass
from typing import Any

from lineage.errors import LineageError

__all__ = ["Answer", "JsonObject", "RefusalError", "not_found", "unforeseen"]

JsonObject = dict[str, Any]
"""A JSON object, as `json.loads` gives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A success: a status, a JSON body and some headers.

    Attributes
    ----------
    body : object
        What is written as JSON; None is an empty body.
    text : str or None
        What is written as plain text instead.
    """

    status: int = 200
    body: object = None
    text: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class RefusalError(LineageError):
    """A request that is refused; the transaction it opened is rolled back.

    It never leaves the application, which turns it into a status and a JSON body.

    Attributes
    ----------
    status : int
        The HTTP status.
    message : str
        What the client receives.
    error_type : str or None
        What the server calls an error that it did not foresee.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        error_type: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers
        self.error_type = error_type

    @property
    def answer(self) -> Answer:
        """The answer that the client gets."""
        body: JsonObject = {"code": self.status, "message": self.message}
        if self.error_type:
            body["errorType"] = self.error_type
        return Answer(status=self.status, body=body, headers=self.headers)


def unforeseen(reason: str) -> RefusalError:
    """Fail as the server does where it foresaw nothing: with a 500 and the exception's text."""
    message = f"An exception with message [{reason}] was thrown while processing request."
    return RefusalError(500, message, error_type="UNHANDLED_SERVER_EXCEPTION")


def not_found(kind: str, name: str) -> RefusalError:
    """Refuse for want of an entity, in the server's own words."""
    return RefusalError(404, f"{kind} instance for {name} not found")
