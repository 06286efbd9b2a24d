"""Text files, packed by gzip or not."""

import gzip
import zlib
from pathlib import Path

from lineage.errors import BrokenFile

__all__ = ["read_text"]

_GZIP = b"\x1f\x8b"


def read_text(path: Path) -> str:
    """Read a file as UTF-8, unpacked where it begins as gzip does.

    Raises
    ------
    BrokenFile
        It cannot be read or unpacked, or is no text.
    """
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        return content.decode("utf-8-sig")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        reason = "is cut off or damaged: it cannot be unpacked"
        raise BrokenFile(str(path), reason) from None
    except OSError as error:
        raise BrokenFile(str(path), f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BrokenFile(str(path), "is no text in UTF-8") from None
    except ValueError:  # a NUL in it
        raise BrokenFile(str(path), "cannot be the name of a file") from None
