"""What an engine leaves: a folder with its findings and the paths to them, as Parquet."""

import json
import os
from pathlib import Path

from lineage.atomic_files import write_whole
from lineage.files.parquet_tables import MANIFEST, Tables, open_tables

__all__ = ["FORMAT", "QUERIES", "VERSION", "open_results", "seal_results"]

FORMAT = "lineage-findings"
VERSION = 2

QUERIES = {
    "findings": """
        SELECT CAST(target AS INT) AS target, CAST(label AS INT) AS label,
            CAST(strength AS INT) AS strength, CAST(hops AS INT) AS hops,
            CAST(start AS INT) AS start
        FROM findings ORDER BY target, label""",
    "evidence": """
        SELECT CAST(target AS INT) AS target, CAST(label AS INT) AS label,
            CAST(step AS INT) AS step, CAST((parent & 4294967295) - 1 AS INT) AS hop
        FROM moves WHERE (parent & 4294967295) > 0 ORDER BY target, label, step""",
}
"""Each table, out of what `propagate` made.

* `findings`: one row a target and label: strength, hops, the node it starts from, null for a gap.
* `evidence`: the hops of the path of each tag, in the order of the steps.
"""


def seal_results(folder: str | os.PathLike[str]) -> None:
    """Write the manifest that makes `findings.parquet` and `evidence.parquet` results."""
    tables = {name: f"{name}.parquet" for name in QUERIES}
    text = json.dumps({"format": FORMAT, "version": VERSION, "tables": tables}, indent=1)
    write_whole(Path(folder) / MANIFEST, f"{text}\n".encode())


def open_results(folder: str | os.PathLike[str]) -> Tables:
    """Open what an engine has found.

    Raises
    ------
    BrokenFile
        The folder holds no results, or those of another version.
    """
    return open_tables(folder, FORMAT, VERSION, oldest=VERSION)
