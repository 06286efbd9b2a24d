"""`python -m benchmarks.memory ADDRESS`: the peak memory of reading a catalog, step by step."""

import os
import resource
import sys

from lineage.graph.build import build_graph
from lineage.openmetadata.client import Client
from lineage.openmetadata.reader import read

_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere


def _print_peak(what: str) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
    print(f"{what}\t{peak / 2**20:.0f}")


def _measure(address: str, token: str) -> None:
    _print_peak("everything imported")
    with Client(address, token) as client:
        snapshot = read(client)
    _print_peak("the catalog read")
    build_graph(snapshot)
    _print_peak("the graph built")


if __name__ == "__main__":
    _measure(sys.argv[1], os.environ["OPENMETADATA_JWT_TOKEN"])
