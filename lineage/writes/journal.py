"""The journal: what an apply is about to do and has done, kept as it goes.

One line a state change, appended and flushed to the disk before the next request is sent.
So a run that was killed at any moment can be gone on with, and one that came to its end can
be undone. The line that a kill cut off is passed over. No token is in it.

A journal is held by one run at a time, by a lock on its file that ends with the process.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Literal, Self

from lineage.errors import BrokenFile
from lineage.writes.file_lock import try_lock
from lineage.writes.journal_reader import FORMAT, VERSION, WRITING, History, parse_journal
from lineage.writes.outcome import Outcome
from lineage.writes.plan import Plan
from lineage.writes.plan_file import plan_to_json
from lineage.writes.step import Document

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

    def __init__(
        self, path: Path, file: BinaryIO, history: History, *, undoes: "Journal | None" = None
    ) -> None:
        self.path, self.history = path, history
        self._file, self._undoes = file, undoes
        self._lock = Lock()
        self._has_writes = bool(history.stored)

    @classmethod
    def start(
        cls, path: str | os.PathLike[str], plan: Plan, *, undoes: "Journal | None" = None
    ) -> Self:
        """Begin a journal in a new file; none is written over.

        Parameters
        ----------
        plan : Plan
        undoes : Journal, optional
            The journal of the run that the plan undoes; it is noted there before the first
            write.

        Raises
        ------
        BrokenFile
            The file cannot be written, or is there already.
        """
        head = _line({"format": FORMAT, "version": VERSION, "plan": plan_to_json(plan)})
        file = _opened(path, "xb")
        history = History(plan=plan, size=len(head))
        journal = cls(Path(path), file, history, undoes=undoes)
        journal._append(head)
        return journal

    @classmethod
    def resume(cls, path: str | os.PathLike[str]) -> Self:
        """Go on with a journal that an earlier run left.

        Raises
        ------
        BrokenFile
            The file is missing, no journal, broken, in use by another run, or cannot be written.
        """
        file = _opened(path, "r+b")
        try:
            history = parse_journal(file.read(), str(path))
            file.truncate(history.size)  # the line that a kill cut off
            file.seek(history.size)
        except OSError as error:
            file.close()
            raise _not_written(path, error) from None
        except BrokenFile:
            file.close()
            raise
        return cls(Path(path), file, history)

    def begin(self, place: int, stored: Document | None) -> None:
        """Note what the server holds, right before a step changes it.

        Raises
        ------
        BrokenFile
            It cannot be written down.
        """
        if self._undoes is not None and not self._has_writes:
            self._undoes._append(_line({"undone_by": str(self.path)}))  # noqa: SLF001  # one of us
        self._has_writes = True
        where = self.history.place_in_file(place)
        self._append(_line({**where, "state": WRITING, "stored": stored}))

    def end(self, place: int, outcome: Outcome) -> None:
        """Note what became of a step.

        Raises
        ------
        BrokenFile
            It cannot be written down.
        """
        given = {"detail": outcome.detail} if outcome.detail else {}
        where = self.history.place_in_file(place)
        self._append(_line({**where, "state": str(outcome.result), **given}))

    def close(self) -> None:
        """Close the file, and let go of it."""
        with suppress(OSError):  # every line was flushed already
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Journal({str(self.path)!r})"

    @property
    def has_writes(self) -> bool:
        """Whether a write of this run or an earlier one is in it, to go on with or to undo."""
        return self._has_writes

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
        return _locked(Path(path).open(mode), str(path))
    except FileExistsError:
        reason = "is there already: go on with --resume, or name another journal"
        raise BrokenFile(str(path), reason) from None
    except FileNotFoundError as error:
        verb = "written" if mode == "xb" else "read"
        raise BrokenFile(str(path), f"cannot be {verb}: {error.strerror}") from None
    except OSError as error:
        raise _not_written(path, error) from None


def _locked(file: BinaryIO, path: str) -> BinaryIO:
    """Lock a journal for this run; the lock ends with the file, or with the process."""
    if try_lock(file):
        return file
    file.close()
    reason = "is in use: another run is writing with it; wait until that has ended"
    raise BrokenFile(path, reason)


def _not_written(path: str | os.PathLike[str], error: OSError) -> BrokenFile:
    return BrokenFile(str(path), f"cannot be written: {error.strerror or error}")


def _line(item: dict[str, Any]) -> bytes:
    return json.dumps(item).encode() + b"\n"
