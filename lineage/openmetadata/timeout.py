"""A time limit for a whole request, which httpx does not have: it limits each step alone."""

from collections.abc import Iterator
from contextlib import closing
from time import monotonic

import httpx

__all__ = ["receive"]


def receive(response: httpx.Response, deadline: float) -> httpx.Response:
    """Receive the body of an answer that has begun to come, and let go of the connection.

    Parameters
    ----------
    response : httpx.Response
        An answer whose body is still to come.
    deadline : float
        When it must have come, by the monotonic clock.

    Raises
    ------
    httpx.ReadTimeout
        It has not come whole by then, though something may have come all the time.
    httpx.HTTPError
        The body breaks in another way.
    """
    with closing(response):
        stream = response.stream
        if not isinstance(stream, httpx.SyncByteStream):
            message = "the body is not to be received in this thread"
            raise TypeError(message)
        response.stream = _Limited(stream, deadline)
        response.read()
    return response


class _Limited(httpx.SyncByteStream):
    """A body that comes in time, or breaks off.

    The time is looked at whenever bytes arrive, so it is kept to within the time limit of
    one step.
    """

    def __init__(self, stream: httpx.SyncByteStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            if monotonic() > self._deadline:
                message = "the answer took longer than a whole request may"
                raise httpx.ReadTimeout(message)
            yield piece

    def close(self) -> None:
        self._stream.close()
