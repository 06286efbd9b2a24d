"""Document files: TOML, JSON or YAML, read with the place of everything in them."""

import json
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from lineage.errors import BrokenFile, LineageError
from lineage.model.document import Document
from lineage.sources.places import Places, json_places, toml_places, yaml_places

__all__ = ["READY_POLICIES", "read_document", "read_ready_policy"]

READY_POLICIES = ("documentation", "fairness", "pii", "special-categories")
"""The policies that come with the library."""

_TOML_PLACE = re.compile(r" \((?:at line (\d+), column (\d+)|at end of document)\)")


def read_document(path: str | os.PathLike[str]) -> Document:
    """Read a TOML, YAML or JSON file, told apart by the ending of its name.

    Parameters
    ----------
    path : path
        Ends in `.toml`, `.yaml`, `.yml` or `.json`. YAML takes the extra `yaml`.

    Returns
    -------
    Document

    Raises
    ------
    BrokenFile
        It cannot be read, or is no text of its form, with the line.
    LineageError
        It is YAML, and PyYAML is not installed.

    Examples
    --------
    >>> read_document("policy.txt")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: policy.txt: should end in .json, .toml, .yaml or .yml
    """
    name = str(path)
    load = _LOADERS.get(Path(path).suffix.lower())
    if load is None:
        raise BrokenFile(name, "should end in .json, .toml, .yaml or .yml")
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BrokenFile(name, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BrokenFile(name, "is no text in UTF-8") from None
    return _document(name, text, load)


def read_ready_policy(name: str) -> Document:
    """Read a policy that comes with the library.

    Parameters
    ----------
    name : str
        One of `READY_POLICIES`.

    Raises
    ------
    ValueError
        There is none of this name.

    Examples
    --------
    >>> read_ready_policy("pii").name
    'pii'
    """
    if name not in READY_POLICIES:
        message = f"{name!r} is none of the ready policies: {', '.join(READY_POLICIES)}"
        raise ValueError(message)
    text = files("lineage.sources").joinpath("policies", f"{name}.toml").read_text("utf-8")
    return replace(_document(name, text, _load_toml), is_packaged=True)


def _document(name: str, text: str, load: Callable[[str, str], tuple[Any, Places]]) -> Document:
    try:
        content, places = load(name, text)
    except RecursionError:
        raise BrokenFile(name, "is nested too deeply") from None
    spots = {place: (line, places.columns[place]) for place, line in places.lines.items()}
    return Document(name, content, spots)


def _load_toml(name: str, text: str) -> tuple[Any, Places]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        line = text.count("\n") + 1 if found is None or found[1] is None else int(found[1])
        at = "at the end" if found is None or found[2] is None else f"at column {found[2]}"
        reason = f"is no TOML {at}: {_TOML_PLACE.sub('', str(error))}"
        raise BrokenFile(name, reason, line=line) from None
    return content, toml_places(name, text)


def _load_json(name: str, text: str) -> tuple[Any, Places]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"is no JSON at column {error.colno}: {error.msg}"
        raise BrokenFile(name, reason, line=error.lineno) from None
    return content, json_places(name, text)


def _load_yaml(name: str, text: str) -> tuple[Any, Places]:
    try:
        import yaml  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        message = f"{name}: reading YAML takes PyYAML: pip install 'mlmodel-lineage[yaml]'"
        raise LineageError(message) from None
    try:
        places = yaml_places(name, text)
        return yaml.safe_load(text), places
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        at = "" if mark is None else f" at column {mark.column + 1}"
        reason = f"is no YAML{at}: {getattr(error, 'problem', None) or error}"
        raise BrokenFile(name, reason, line=line) from None
    except ValueError as error:  # a date that is none, for instance
        raise BrokenFile(name, f"is no YAML: {error}") from None


_LOADERS: dict[str, Callable[[str, str], tuple[Any, Places]]] = {
    ".toml": _load_toml,
    ".yaml": _load_yaml,
    ".yml": _load_yaml,
    ".json": _load_json,
}
