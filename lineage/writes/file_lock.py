"""Locks on files, which end with the process that holds them however it ends."""

import os
import sys
from typing import BinaryIO

__all__ = ["try_lock"]


def try_lock(file: BinaryIO) -> bool:
    """Lock an open file for this run alone; whether that could be done.

    The lock ends when the file is closed, or when the process ends.
    """
    try:
        _lock(file.fileno())
    except OSError:
        return False
    return True


if sys.platform == "win32":  # pragma: no cover  # the tests run elsewhere
    import msvcrt

    def _lock(descriptor: int) -> None:
        # Only what is locked cannot be read: a byte far behind the end of any journal.
        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, 1 << 40, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, position, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
