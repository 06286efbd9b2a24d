"""What every SARIF 2.1.0 log of this library has in common."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from lineage.model.reference import Reference
from lineage.text_escapes import as_json
from lineage.views.terminal import printable

__all__ = [
    "Json",
    "file_uri",
    "fingerprint",
    "locate",
    "message",
    "plain",
    "render_log",
    "steps",
]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

Json = dict[str, Any]


def render_log(rules: list[Json], results: list[Json], notes: list[Json], **facts: Json) -> str:
    """Write a log of one run.

    Parameters
    ----------
    rules, results : list of dict
    notes : list of dict
        What the tool has to say of the run.
    **facts : dict
        What else the run has, by its key.

    Examples
    --------
    >>> import json
    >>> json.loads(render_log([], [], []))["runs"][0]["results"]
    []
    """
    driver = {"name": "lineage", "version": version("mlmodel-lineage"), "rules": rules}
    invocation: Json = {"executionSuccessful": True}
    if notes:
        invocation["toolExecutionNotifications"] = notes
    run: Json = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{**run, **facts}]}
    return as_json(log, indent=2)


def locate(physical: Json | None, reference: Reference | None) -> Json:
    """Say where something is: in a file, and in the catalog."""
    found: Json = {} if physical is None else {"physicalLocation": physical}
    if reference is not None:
        name = printable(reference.fqn)
        found["logicalLocations"] = [{"fullyQualifiedName": name, "kind": str(reference.kind)}]
    return found


def steps(physical: Json | None, path: Iterable[Reference]) -> Iterator[Json]:
    """Go through a path as the steps of a code flow."""
    for number, reference in enumerate(path, 1):
        location = locate(physical, reference)
        location["message"] = message(reference.fqn)
        yield {"executionOrder": number, "location": location}


def file_uri(file: str) -> str:
    r"""Write a file's name as a URI.

    Examples
    --------
    >>> file_uri("a\\my file.sql")
    'a/my%20file.sql'
    """
    return quote(file.replace("\\", "/"), safe="/")


def message(text: str) -> Json:
    """Write a message; brackets would be taken for links, backslashes for escapes."""
    shown = printable(text)
    for character in "\\[]":
        shown = shown.replace(character, f"\\{character}")
    return {"text": shown}


def plain(text: str) -> Json:
    """Write a text in which nothing has a meaning."""
    return {"text": printable(text)}


def fingerprint(*parts: str) -> Json:
    """Make what stays the same while the parts do."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return {"lineage/v1": sha256(joined).hexdigest()}
