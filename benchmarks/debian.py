"""Debian's dependencies as a catalog: a real graph, where its data lies beside this checkout.

Packages are entities that depend on each other. Some by chance are taken for models, and some
for what carries a tag, as in `graphs`.

`python -m benchmarks.debian FOLDER` writes it to a folder.
"""

import csv
import gzip
import sys
from pathlib import Path

import numpy as np

from benchmarks.graphs import TAGS, CatalogArrays, save_arrays
from lineage.model.edges import Strength

__all__ = ["FOLDER"]

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "debian-bookworm-dependencies"
_MODELS_SHARE, _TAGGED_SHARE = 0.01, 0.02


def _make_arrays() -> CatalogArrays:
    with gzip.open(FOLDER / "edges.csv.gz", "rt", encoding="utf-8") as file:
        pairs = {(row["upstream"], row["downstream"]) for row in csv.DictReader(file)}
    names = sorted({name for pair in pairs for name in pair})
    numbers = {name: number for number, name in enumerate(names)}
    hops = np.array(
        sorted((numbers[above], numbers[below]) for above, below in pairs), dtype=np.int32
    )
    chance = np.random.default_rng(20)
    chosen = chance.permutation(len(names)).astype(np.int32)
    tagged = chosen[: int(len(names) * _TAGGED_SHARE)]
    return CatalogArrays(
        parents=np.full(len(names), -1, dtype=np.int32),
        tails=hops[:, 0].copy(),
        heads=hops[:, 1].copy(),
        strengths=np.full(len(hops), Strength.VALUE, dtype=np.uint8),
        models=chosen[-int(len(names) * _MODELS_SHARE) :],
        tagged=tagged,
        tags=chance.integers(0, TAGS, len(tagged)),
    )


if __name__ == "__main__":
    save_arrays(_make_arrays(), Path(sys.argv[1]))
