"""Write a file whole or not at all."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from lineage.errors import BrokenFile

__all__ = ["write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes | Iterable[bytes]) -> None:
    """Write a file through a temporary one beside it, so that no half of it is ever seen.

    What is not held as a whole is given piece by piece.

    Raises
    ------
    BrokenFile
        It cannot be written there; what stood there before is left as it was.

    Examples
    --------
    >>> write_whole("/no/such/folder/plan.json", b"{}")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: /no/such/folder/plan.json: cannot be written: No such file or ...
    """
    target = Path(path)
    try:
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines([content] if isinstance(content, bytes) else content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(_usual_mode())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BrokenFile(str(path), f"cannot be written: {error.strerror or error}") from None


def _usual_mode() -> int:
    """Tell the mode a new file has here; a temporary file is closed to others."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
