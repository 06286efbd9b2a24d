"""A real store of ML Metadata, written by its own engine."""

from pathlib import Path

from tests.lifecycle.environments import environment

WRITE = Path(__file__).parent / "backends" / "mlmd_write.py"


def write_store(folder: Path) -> Path:
    """Write a store, and return its file."""
    # Later versions come without wheels for many systems, and do not say so.
    made = environment("mlmd", "ml-metadata==1.17.1")
    made.run("python", str(WRITE), "store.sqlite", str(folder / "pipeline_root"), cwd=folder)
    return folder / "store.sqlite"
