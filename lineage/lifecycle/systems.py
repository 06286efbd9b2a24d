"""Systems: what can be read here, and how it is written on a command line."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

from lineage.errors import LineageError, did_you_mean
from lineage.lifecycle.dbt import read_dbt
from lineage.lifecycle.facts import Facts
from lineage.lifecycle.feast import read_feast
from lineage.lifecycle.ml_metadata import read_ml_metadata
from lineage.lifecycle.mlflow import read_mlflow
from lineage.lifecycle.web import Access
from lineage.model.answer import Answer, Record, counted

__all__ = ["SYSTEMS", "System", "SystemList", "is_system", "read_system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A kind of system that can be read.

    Attributes
    ----------
    name : str
        What is before the colon: `mlflow` in `mlflow:http://127.0.0.1:5000`.
    place : str
        What is behind it, as a pattern.
    holds : str
        What is read.
    extra, package : str or None
        What has to be installed for all of it to be read, as this library's extra and as the
        package that comes with it.
    read : callable
        Reads a place.
    """

    name: str
    place: str
    holds: str
    read: Callable[[str, Access], Facts]
    extra: str | None = None
    package: str | None = None

    @property
    def is_installed(self) -> bool:
        """Whether everything that it takes is here."""
        return self.package is None or find_spec(self.package) is not None


SYSTEMS = (
    System(
        name="dbt",
        place="TARGET_FOLDER",
        holds="tables, column mappings of compiled SQL, tests, owners; exposures as models",
        read=lambda place, _: read_dbt(place),
    ),
    System(
        name="feast",
        place="REGISTRY_FILE",
        holds="feature views with their sources, feature services as models",
        read=lambda place, _: read_feast(place),
    ),
    System(
        name="mlmd",
        place="SQLITE_FILE",
        holds="models of TFX, versions, parameters, the data their runs began with",
        read=lambda place, _: read_ml_metadata(place),
    ),
    System(
        name="mlflow",
        place="http://HOST:PORT",
        holds="models, versions, aliases, parameters, signatures, training data with its schema",
        read=read_mlflow,
        extra="yaml",
        package="yaml",
    ),
)
"""Every kind of system, by its name."""


class SystemList(Answer):
    """What can be read, and what it takes here."""

    __slots__ = ()

    def to_records(self) -> list[Record]:
        """Give a row for each kind of system."""
        return [
            {
                "system": f"{system.name}:{system.place}",
                "holds": system.holds,
                "extra": system.extra,
                "installed": system.is_installed,
            }
            for system in SYSTEMS
        ]

    def summary(self) -> str:
        """Count them."""
        return f"{counted(len(SYSTEMS), 'system')} can be read"


def is_system(text: str) -> bool:
    """Whether a text names a system, and no file.

    Examples
    --------
    >>> is_system("dbt:target"), is_system("lineage.toml"), is_system("C:/lineage.toml")
    (True, False, False)
    """
    name, colon, _ = text.partition(":")
    return bool(colon) and len(name) > 1 and name.isalnum() and not Path(text).exists()


def read_system(text: str, access: Access | None = None) -> Facts:
    """Read a system.

    Parameters
    ----------
    text : str
        Its kind, a colon, and where it is.
    access : Access, optional
        How it is to be asked, if it is a server.

    Returns
    -------
    Facts

    Raises
    ------
    LineageError
        No such kind is known; or what its reader raises.

    Examples
    --------
    >>> read_system("dtb:target")
    Traceback (most recent call last):
    lineage.errors.LineageError: dtb:target: no system is called 'dtb'; did you mean dbt?
    """
    name, _, place = text.partition(":")
    for system in SYSTEMS:
        if system.name == name:
            return system.read(place, access or Access())
    near = get_close_matches(name, [system.name for system in SYSTEMS], n=1, cutoff=0.5)
    hint = did_you_mean(near) or "; `lineage sources` lists them"
    message = f"{text}: no system is called {name!r}{hint}"
    raise LineageError(message)
