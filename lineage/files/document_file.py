"""Document files: what a person wrote in TOML, YAML or JSON, with the place of everything in it."""

import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from lineage.errors import BrokenFile, LineageError
from lineage.files.source_positions import json_places, toml_places, yaml_places, yaml_spot
from lineage.files.text_file import read_text
from lineage.model.settings_document import Document, Place, Spot, listed

__all__ = [
    "READY_POLICIES",
    "parse_content",
    "parse_document",
    "read_document",
    "read_ready_policy",
]

READY_POLICIES = ("documentation", "fairness", "pii", "special-categories")
"""The policies that come with the library."""

_DEEPEST = 100
"""Lists and mappings in each other."""

_TOML_PLACE = re.compile(r" \((?:at line (\d+), column (\d+)|at end of document)\)")


def read_document(path: str | os.PathLike[str]) -> Document:
    """Read a TOML, YAML or JSON file, distinguished by the ending of its name.

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
    lineage.errors.BrokenFile: policy.txt: should end in .toml, .yaml, .yml or .json
    """
    _form(str(path))
    return parse_document(read_text(Path(path)), name=str(path))


def parse_document(text: str, *, name: str) -> Document:
    r"""Read what a TOML, YAML or JSON file says from its text.

    Parameters
    ----------
    text : str
        What is in the file.
    name : str
        Its name, whose ending says the form.

    Raises
    ------
    BrokenFile, LineageError
        As `read_document` does.

    Examples
    --------
    >>> parse_document('[rules]\nname = "x"', name="p.toml").spot(("rules", "name"))
    (2, 1)
    """
    content = parse_content(text, name=name)
    _, places = _form(name)
    try:
        return Document(name, content, places(name, text))
    except RecursionError:
        raise BrokenFile(name, "is nested too deeply") from None


def parse_content(text: str, *, name: str) -> Any:
    """Read what a text says, without where: for a file that other programs check.

    Raises
    ------
    BrokenFile, LineageError
        As `read_document` does.

    Examples
    --------
    >>> parse_content('{"a": 1}', name="a.json")
    {'a': 1}
    """
    load, _ = _form(name)
    try:
        return load(name, text)
    except RecursionError:
        raise BrokenFile(name, "is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits, a day that is none
        raise BrokenFile(name, f"holds a value that cannot be read: {error}") from None


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
    file = files("lineage.files").joinpath("policies", f"{name}.toml")
    text = file.read_text("utf-8")
    return Document(name, tomllib.loads(text), toml_places(name, text), is_packaged=True)


_Form = tuple[Callable[[str, str], Any], Callable[[str, str], dict[Place, Spot]]]
"""Reads what a text says, and where."""


def _form(name: str) -> _Form:
    found = _FORMS.get(Path(name).suffix.lower())
    if found is None:
        raise BrokenFile(name, f"should end in {listed(_FORMS)}")
    return found


def _load_toml(name: str, text: str) -> Any:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        reason = f"is no TOML: {_TOML_PLACE.sub('', str(error))}"
        line, column = text.count("\n") + 1, None
        if found is not None and found[1] is not None:
            line, column = int(found[1]), int(found[2])
        raise BrokenFile(name, reason, line=line, column=column) from None


def _load_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        reason = f"is no JSON: {error.msg}"
        raise BrokenFile(name, reason, line=error.lineno, column=error.colno) from None


def _load_yaml(name: str, text: str) -> Any:
    try:
        import yaml  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        message = f"{name}: reading YAML takes PyYAML: pip install 'mlmodel-lineage[yaml]'"
        raise LineageError(message) from None
    try:
        _check_events(name, yaml.parse(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        spot = {} if mark is None else dict(zip(("line", "column"), yaml_spot(mark), strict=True))
        raise BrokenFile(name, f"is no YAML: {problem}", **spot) from None


def _check_events(name: str, events: Iterable[Any]) -> None:
    """Refuse tags, which say nothing to us and may ask for more than a plain value, and depth.

    PyYAML takes time by the square of the depth, so what is too deep is refused before it is read.
    """
    import yaml  # noqa: PLC0415  # an extra

    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        line, column = yaml_spot(event.start_mark)
        if depth > _DEEPEST:
            raise BrokenFile(name, "is nested too deeply", line=line, column=column)
        tag = getattr(event, "tag", None)
        if tag is not None:
            reason = f"{tag} is a tag of YAML: write plain values"
            raise BrokenFile(name, reason, line=line, column=column)


_FORMS: dict[str, _Form] = {
    ".toml": (_load_toml, toml_places),
    ".yaml": (_load_yaml, yaml_places),
    ".yml": (_load_yaml, yaml_places),
    ".json": (_load_json, json_places),
}
