"""Lineage files: what a team declares of its lineage and its models, kept beside its code.

TOML, YAML (with the extra `yaml`) or JSON, told apart by the ending of the name. A file with
mistakes is refused with all of them, each with its line.
"""

import json
import os
import re
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lineage.errors import BrokenFile, LineageError, MistakenFile
from lineage.model.declaration import Declaration
from lineage.sources.lineage_spelling import SPELLINGS, FileSpelling
from lineage.sources.places import Places, json_places, toml_places, yaml_places

__all__ = ["lineage_file_schema", "read_lineage_file"]

_TOML_PLACE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
_SHOULD_BE = {
    "string_type": "should be a text",
    "tuple_type": "should be a list",
    "dict_type": "should be a table",
    "model_type": "should be a table",
    "string_too_short": "should not be empty",
    "too_short": "should not be empty",
}


def read_lineage_file(path: str | os.PathLike[str]) -> Declaration:
    """Read what a lineage file declares.

    Parameters
    ----------
    path : path
        Ends in `.toml`, `.yaml`, `.yml` or `.json`.

    Returns
    -------
    Declaration
        With names as they stand in the file; `resolve_declaration` finds what they stand for.

    Raises
    ------
    BrokenFile
        The file is missing or no text of its form, with the line.
    MistakenFile
        It is not spelled as a lineage file; every mistake is told, with its line.
    LineageError
        It is YAML, and PyYAML is not installed.

    Examples
    --------
    >>> read_lineage_file("lineage.txt")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: lineage.txt: a lineage file ends in .toml, .yaml, .yml or .json
    """
    name = str(path)
    loads = _LOADERS.get(Path(path).suffix.lower())
    if loads is None:
        raise BrokenFile(name, f"a lineage file ends in {_listed(list(_LOADERS))}")
    try:
        content, places = loads(name, _read(name))
    except RecursionError:
        raise BrokenFile(name, "is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits, a day that is none
        raise BrokenFile(name, f"holds a value that cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise BrokenFile(name, "should hold `edges` or `models`", line=1)
    try:
        spelled = FileSpelling.model_validate(content)
    except ValidationError as error:
        found = [_mistake(places, dict(item)) for item in error.errors(include_url=False)]
        raise MistakenFile(name, found) from None
    if not spelled.edges and not spelled.models:
        raise BrokenFile(name, "declares nothing: it has neither `edges` nor `models`")
    return spelled.value(places)


def lineage_file_schema() -> dict[str, Any]:
    """Give the JSON schema of a lineage file, for editors and other checkers.

    Examples
    --------
    >>> sorted(lineage_file_schema()["properties"])
    ['$schema', 'edges', 'models']
    """
    schema = FileSpelling.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BrokenFile(name, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise BrokenFile(name, "is no text in UTF-8") from None


def _load_toml(name: str, text: str) -> tuple[object, Places]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        line = text.count("\n") + 1 if found is None or found[1] is None else int(found[1])
        reason = f"is no TOML: {_TOML_PLACE.sub('', str(error))}"
        raise BrokenFile(name, reason, line=line) from None
    return content, toml_places(name, text)


def _load_json(name: str, text: str) -> tuple[object, Places]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenFile(name, f"is no JSON: {error.msg}", line=error.lineno) from None
    return content, json_places(name, text)


def _load_yaml(name: str, text: str) -> tuple[object, Places]:
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
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise BrokenFile(name, f"is no YAML: {problem}", line=line) from None


_LOADERS: dict[str, Callable[[str, str], tuple[object, Places]]] = {
    ".toml": _load_toml,
    ".yaml": _load_yaml,
    ".yml": _load_yaml,
    ".json": _load_json,
}


def _mistake(places: Places, error: dict[str, Any]) -> tuple[int, str]:
    """Say in our words what pydantic found, and on which line."""
    place, kind = error["loc"], error["type"]
    above = next((step for step in reversed(place[:-1]) if step in SPELLINGS), "")
    line = places.line(place)
    if kind == "extra_forbidden":
        return line, f"there is no key {place[-1]!r} here; {_nearest(str(place[-1]), above)}"
    if kind == "missing":
        return line, f"{place[-1]!r} is missing"
    subject = next((step for step in reversed(place) if isinstance(step, str)), "the file")
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        return line, f"{subject!r} is {error['input']!r}, but should be {expected}"
    return line, f"{subject!r} {_SHOULD_BE.get(kind, error['msg'])}"


def _nearest(key: str, above: str) -> str:
    fields = SPELLINGS[above].model_fields
    keys = [field.alias or name for name, field in fields.items()]
    close = get_close_matches(key, keys, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there may be {_listed(keys)}"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
