"""A real registry of Feast, written by Feast itself."""

import shutil
from pathlib import Path

from tests.lifecycle.environments import environment

APPLY = Path(__file__).parent / "backends" / "feast_apply.py"


def write_registry(folder: Path) -> Path:
    """Write a registry, and return its file."""
    made = environment("feast", "feast==0.67.*", "psycopg[binary,pool]")
    shutil.copy(APPLY, folder)
    made.run("python", APPLY.name, cwd=folder)
    return folder / "registry.db"
