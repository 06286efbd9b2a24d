"""The crawl log: what a server answered so far, so that a killed reading can go on.

Each answer is a packed line of its own, appended as it comes; one that turns out to be of no
use is crossed out by a line that names its request alone. The line that a kill cut in two is
passed over. Neither token nor headers are in it.
"""

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from lineage.atomic_files import write_whole
from lineage.errors import BrokenFile

__all__ = ["CrawlLog"]

_FORMAT = "lineage-crawl"
_VERSION = 1


class CrawlLog:
    """Answers by request, in a file.

    Parameters
    ----------
    path : path
        The file. What an earlier crawl left there is taken up if `resume` is set.
    server : str
        The server it belongs to; answers of another one are never taken up.
    started : str
        When the crawl began, ISO 8601.
    resume : bool
        Whether to take up what is there, or to begin anew.

    Attributes
    ----------
    started : str
        When the crawl began that this one goes on with.
    taken_up : int
        How many answers an earlier crawl left.

    Raises
    ------
    BrokenFile
        The file cannot be written, or belongs to another server.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, server: str, started: str, resume: bool
    ) -> None:
        self.path = Path(path)
        self.started = started
        self._lock = Lock()
        self._answers: dict[str, Any] = self._left(server) if resume else {}
        self.taken_up = len(self._answers)
        head = {"format": _FORMAT, "version": _VERSION, "server": server, "started": self.started}
        items = [head, *([key, answer] for key, answer in self._answers.items())]
        write_whole(self.path, b"".join(map(_packed, items)))

    def get(self, path: str, params: Mapping[str, object]) -> tuple[bool, Any]:
        """Return whether a request was answered, and how."""
        key = _key(path, params)
        with self._lock:
            return key in self._answers, self._answers.get(key)

    def put(self, path: str, params: Mapping[str, object], answer: object) -> None:
        """Keep an answer."""
        self._append([_key(path, params), answer])

    def drop(self, path: str, params: Mapping[str, object]) -> bool:
        """Cross out answers that could not be used, so that they are asked for again.

        Parameters
        ----------
        path : str
            What was asked for.
        params : mapping
            Its parameters; with fewer than were sent, all pages of a list are meant.

        Returns
        -------
        bool
            Whether an answer that an earlier crawl left was among them.
        """
        key = _key(path, params)
        with self._lock:
            crossed_out = _cross_out(self._answers, key)
        self._append([key])
        return crossed_out

    def remove(self) -> None:
        """Take the file away: the reading is done."""
        self.path.unlink(missing_ok=True)

    def _append(self, item: object) -> None:
        line = _packed(item)
        with self._lock, self.path.open("ab") as file:
            file.write(line)

    def _left(self, server: str) -> dict[str, Any]:
        """Read what an earlier crawl left and could use, as far as it is whole."""
        lines = self._lines()
        head = next(lines, None)
        if head is None:
            return {}
        if not isinstance(head, dict) or head.get("format") != _FORMAT:
            raise BrokenFile(str(self.path), "is no crawl log, so it is not taken up")
        if (head.get("version"), head.get("server")) != (_VERSION, server):
            raise BrokenFile(str(self.path), f"is the log of a crawl of {head.get('server')}")
        self.started = str(head["started"])
        answers: dict[str, Any] = {}
        for key, *answer in lines:
            if answer:
                answers[key] = answer[0]
            else:
                _cross_out(answers, key)
        return answers

    def _lines(self) -> Iterator[Any]:
        try:
            with gzip.open(self.path, "rt", encoding="utf-8") as file:
                for line in file:
                    yield json.loads(line)
        except FileNotFoundError:
            return
        except (EOFError, zlib.error, gzip.BadGzipFile, json.JSONDecodeError, UnicodeDecodeError):
            return  # the kill cut the last line: what stands before it is whole
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            raise BrokenFile(str(self.path), reason) from None


def _packed(item: object) -> bytes:
    return gzip.compress(json.dumps(item).encode() + b"\n", compresslevel=1, mtime=0)


def _cross_out(answers: dict[str, Any], key: str) -> bool:
    path, params = json.loads(key)
    asked = ((one, *json.loads(one)) for one in answers)
    meant = [
        one
        for one, place, sent in asked
        if place == path and all(param in sent for param in params)
    ]
    for one in meant:
        del answers[one]
    return bool(meant)


def _key(path: str, params: Mapping[str, object]) -> str:
    return json.dumps([path, sorted(params.items())])
