"""Write a file, or a folder of files, completely or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from lineage.errors import BrokenFile

__all__ = ["write_folder", "write_whole"]


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


def write_folder(path: str | os.PathLike[str], files: Mapping[str, bytes]) -> None:
    """Write a folder of its own through a temporary one beside it.

    A folder that holds nothing but files of these names is replaced.

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
    target = Path(path)
    try:
        _check_replaceable(target, files)
        temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
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
