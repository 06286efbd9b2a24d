"""Write a file, or a folder of files, completely or not at all."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from lineage.errors import BrokenFile

__all__ = ["write_folder", "write_whole"]


def write_whole(path: str | os.PathLike[str], content: bytes | Iterable[bytes]) -> None:
    """Write a file through a temporary one beside it, so that no half of it is ever seen.

    What is not held as a whole is given piece by piece. A link is followed: the file that it
    names is replaced, or made, and the link stays. A pipe, a terminal or another character device
    is written into, and so is what our own output goes to, by the name of `/dev/stdout` or not.

    Raises
    ------
    BrokenFile
        It cannot be written there, be it a folder, a disk or a socket; what was there before is
        left as it was.

    Examples
    --------
    >>> write_whole("/no/such/folder/plan.json", b"{}")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: /no/such/folder/plan.json: cannot be written: No such file or ...
    """
    pieces = [content] if isinstance(content, bytes) else content
    try:
        present = _status(path)
        mode = None if present is None else present.st_mode
        if present is not None and (stream := _own_stream(present)) is not None:
            with os.fdopen(os.dup(stream), "wb") as file:
                file.writelines(pieces)
        elif mode is None or stat.S_ISREG(mode):
            _replace(Path(os.path.realpath(path)), pieces, mode)
        elif stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            with Path(path).open("wb") as file:
                file.writelines(pieces)
        else:
            raise BrokenFile(str(path), f"is {_foreign(mode)}, where a file is to be written")
    except OSError as error:
        raise BrokenFile(str(path), f"cannot be written: {error.strerror or error}") from None


def _status(path: str | os.PathLike[str]) -> os.stat_result | None:
    """Return what is there, links followed; None where there is nothing."""
    try:
        return Path(path).stat()
    except FileNotFoundError:
        return None
    except ValueError:  # a NUL in it
        raise BrokenFile(str(path), "cannot be the name of a file") from None


def _own_stream(present: os.stat_result) -> int | None:
    """Return which of our own output streams goes there."""
    for descriptor in (1, 2):
        try:
            if os.path.samestat(os.fstat(descriptor), present):
                return descriptor
        except OSError:  # it is closed
            continue
    return None


def _replace(target: Path, pieces: Iterable[bytes], former: int | None) -> None:
    """Put a new file in the place of an old one, readable by those who could read that."""
    # The name itself may be as long as a name can be.
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_usual_mode() if former is None else stat.S_IMODE(former))
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _foreign(mode: int) -> str:
    """Say what is neither a file nor what takes a stream."""
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a disk" if stat.S_ISBLK(mode) else "a socket"


def write_folder(path: str | os.PathLike[str], files: Mapping[str, bytes]) -> None:
    """Write a folder of its own through a temporary one beside it.

    A folder that holds nothing but files of these names is replaced, through a link too.

    Raises
    ------
    BrokenFile
        It cannot be written there, or there is something else; what was there is left as it was.

    Examples
    --------
    >>> write_folder("/no/such/folder/tables", {"nodes.csv": b""})
    Traceback (most recent call last):
    lineage.errors.BrokenFile: /no/such/folder/tables: cannot be written: No such file or ...
    """
    target = Path(os.path.realpath(path))
    try:
        _check_replaceable(target, files)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:40]}."))
        try:
            (temporary / "new").mkdir()
            for name, content in files.items():
                write_whole(temporary / "new" / name, content)
            _swap(target, temporary)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise BrokenFile(str(path), f"cannot be written: {error.strerror or error}") from None


def _swap(target: Path, temporary: Path) -> None:
    """Put the new folder in the place of the old one, or the old one back."""
    if target.exists():
        target.replace(temporary / "old")
    try:
        (temporary / "new").replace(target)
    except OSError:
        if (temporary / "old").exists():
            (temporary / "old").replace(target)
        raise


def _check_replaceable(folder: Path, files: Mapping[str, bytes]) -> None:
    """Refuse to replace what holds anything else."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BrokenFile(str(folder), "is a file, where a folder is to be written")
    foreign = sorted(item.name for item in folder.iterdir() if item.name not in files)
    if foreign:
        raise BrokenFile(str(folder), f"is a folder with other things in it, as {foreign[0]!r}")


def _usual_mode() -> int:
    """Return the mode a new file has here; a temporary file is closed to others."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
