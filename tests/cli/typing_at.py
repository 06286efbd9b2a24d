"""A terminal to type commands at, each about one snapshot."""

from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["Terminal"]


class Terminal:
    """Types commands and reads what they print."""

    def __init__(
        self,
        main: Callable[[list[str]], None],
        capsys: pytest.CaptureFixture[str],
        snapshot: Path,
    ) -> None:
        self.main, self.capsys, self.snapshot, self.errors = main, capsys, snapshot, ""

    def type(self, *words: object, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            self.main([*map(str, words), "-c", str(self.snapshot)])
        printed = self.capsys.readouterr()
        self.errors = printed.err
        assert (ended.value.code or 0) == code, printed.err
        return printed.out
