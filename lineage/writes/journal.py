"""The journal: what an apply is about to do and has done, kept as it goes.

One line a state change, appended and flushed to the disk before the next request is sent.
So a run that was killed at any moment can be gone on with, and one that came to its end can
be undone. The line that a kill cut in two is passed over. No token is in it.
"""

import json
import os
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Literal, Self

from lineage.errors import BrokenFile
from lineage.writes.journal_reader import FORMAT, VERSION, WRITING, History, read_journal
from lineage.writes.outcome import ModelOutcome, Outcome
from lineage.writes.plan import Plan
from lineage.writes.plan_file import plan_to_json

__all__ = ["Journal"]


class Journal:
    """A journal being written; see `Journal.start` and `Journal.resume`.

    Attributes
    ----------
    path : Path
        The file.
    history : History
        What earlier runs left.
    """

    def __init__(self, path: Path, file: BinaryIO, history: History) -> None:
        self.path, self.history = path, history
        self._file = file
        self._lock = Lock()

    @classmethod
    def start(cls, path: str | os.PathLike[str], plan: Plan) -> Self:
        """Begin a journal in a new file; none is written over.

        Raises
        ------
        BrokenFile
            The file cannot be written, or is there already.
        """
        head = _line({"format": FORMAT, "version": VERSION, "plan": plan_to_json(plan)})
        journal = cls(Path(path), _opened(path, "xb"), History(plan=plan, size=len(head)))
        journal._append(head)
        return journal

    @classmethod
    def resume(cls, path: str | os.PathLike[str]) -> Self:
        """Go on with a journal that an earlier run left.

        Raises
        ------
        BrokenFile
            The file is missing, no journal, broken, or cannot be written.
        """
        history = read_journal(path)
        file = _opened(path, "r+b")
        file.truncate(history.size)  # the line that the kill cut in two
        file.seek(history.size)
        return cls(Path(path), file, history)

    def begin(self, place: int, stored: dict[str, Any] | None) -> None:
        """Note what is about to be changed by a step on an edge.

        Raises
        ------
        BrokenFile
            It cannot be written down.
        """
        self._append(_line({"step": place, "state": WRITING, "stored": stored}))

    def begin_model(self, place: int, stored: dict[str, Any]) -> None:
        """Note what is about to be changed of a model.

        Raises
        ------
        BrokenFile
            It cannot be written down.
        """
        self._append(_line({"model": place, "state": WRITING, "stored": stored}))

    def end(self, place: int, outcome: Outcome) -> None:
        """Note what became of a step on an edge.

        Raises
        ------
        BrokenFile
            It cannot be written down.
        """
        told = {"detail": outcome.detail, "fingerprint": outcome.fingerprint}
        given = {key: value for key, value in told.items() if value}
        self._append(_line({"step": place, "state": str(outcome.result), **given}))

    def end_model(self, place: int, outcome: ModelOutcome) -> None:
        """Note what became of a change of a model.

        Raises
        ------
        BrokenFile
            It cannot be written down.
        """
        given = {"detail": outcome.detail} if outcome.detail else {}
        self._append(_line({"model": place, "state": str(outcome.result), **given}))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"

    def _append(self, line: bytes) -> None:
        try:
            with self._lock:
                self._file.write(line)
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as error:
            raise _not_written(self.path, error) from None


def _opened(path: str | os.PathLike[str], mode: Literal["xb", "r+b"]) -> BinaryIO:
    try:
        return Path(path).open(mode)
    except FileExistsError:
        reason = "is there already: go on with --resume, or name another journal"
        raise BrokenFile(str(path), reason) from None
    except OSError as error:
        raise _not_written(path, error) from None


def _not_written(path: str | os.PathLike[str], error: OSError) -> BrokenFile:
    return BrokenFile(str(path), f"cannot be written: {error.strerror or error}")


def _line(item: dict[str, Any]) -> bytes:
    return json.dumps(item).encode() + b"\n"
