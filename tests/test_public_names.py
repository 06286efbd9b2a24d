import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import lineage

MODULES = [
    importlib.import_module(info.name)
    for info in pkgutil.walk_packages(lineage.__path__, "lineage.")
    if not info.name.endswith("__main__")
]
WITH_NAMES = [module for module in MODULES if not hasattr(module, "__path__")]


@pytest.mark.parametrize("module", WITH_NAMES, ids=lambda module: module.__name__)
def test_every_module_lists_its_public_names(module: ModuleType) -> None:
    listed = module.__all__
    own = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    }
    assert own <= set(listed)
    assert all(hasattr(module, name) for name in listed)


def test_the_library_lists_what_it_gives() -> None:
    assert lineage.__all__ == sorted(lineage.__all__)
    assert all(getattr(lineage, name) is not None for name in lineage.__all__)
    assert dir(lineage) == lineage.__all__


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = lineage.nothing  # type: ignore[attr-defined]


def loaded_by(code: str, heavy: tuple[str, ...]) -> list[str]:
    watched = f"""
import atexit, sys
atexit.register(lambda: print(*(name for name in {heavy} if name in sys.modules)))
{code}
"""
    command = [sys.executable, "-c", watched]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    return printed.stdout.splitlines()[-1].split()


def test_importing_the_library_stays_light() -> None:
    heavy = ("httpx", "matplotlib", "numpy", "pydantic", "rich", "sqlglot", "sqlite3", "typer")
    assert loaded_by("import lineage", heavy) == []


def test_the_help_of_the_command_line_waits_for_no_verb() -> None:
    heavy = ("httpx", "matplotlib", "networkx", "numpy", "pydantic", "rich", "lineage.graph")
    assert loaded_by("from lineage.cli import main; main(['--help'])", heavy) == []


def test_the_package_can_be_run_as_a_module() -> None:
    command = [sys.executable, "-m", "lineage", "--help"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "audit" in printed.stdout
