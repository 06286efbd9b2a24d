"""Systems on the command line: how they are named, and how their servers are reached."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lineage.errors import LineageError

if TYPE_CHECKING:
    from lineage.lifecycle.facts import Facts

__all__ = [
    "AcceptInferredOption",
    "ServiceOption",
    "parse_services",
    "read_systems",
    "split_places",
]

ServiceOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="OLD=NEW",
        help="What a service of another catalog, a namespace of data sets, or a system's service "
        "of models is called in the catalog. May be given again.",
    ),
]
AcceptInferredOption = Annotated[
    bool,
    typer.Option(
        "--accept-inferred",
        help="Take what a system's names only suggest: that a feature comes from the training "
        "column of the same name. Otherwise it is a gap.",
    ),
]


def parse_services(texts: Iterable[str]) -> dict[str, str]:
    """Take `OLD=NEW` apart: what services are called elsewhere, and here."""
    services = {}
    for text in texts:
        old, sign, new = text.partition("=")
        if not (old and sign and new):
            message = f"{text!r} maps no service: write it as OLD=NEW"
            raise LineageError(message)
        services[old] = new
    return services


def split_places(places: Iterable[str]) -> tuple[list[str], list[str]]:
    """Part systems from files."""
    from lineage.lifecycle.systems import is_system

    systems: list[str] = []
    files: list[str] = []
    for place in places:
        (systems if is_system(place) else files).append(place)
    return systems, files


def read_systems(places: Sequence[str]) -> "list[Facts]":
    """Read systems; one place that names none is an error with the nearest name."""
    from lineage.lifecycle.systems import read_system
    from lineage.lifecycle.web import Access

    access = Access(
        token=os.environ.get("MLFLOW_TRACKING_TOKEN", ""),
        user=os.environ.get("MLFLOW_TRACKING_USERNAME", ""),
        password=os.environ.get("MLFLOW_TRACKING_PASSWORD", ""),
        verify=os.environ.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() != "true",
    )
    return [read_system(place, access) for place in places]
