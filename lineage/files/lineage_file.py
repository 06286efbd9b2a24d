"""Lineage files: what a team declares of its lineage and its models, kept beside its code.

TOML, YAML (with the extra `yaml`) or JSON, distinguished by the ending of the name. A file with
mistakes is refused with all of them, each with its line.
"""

import os
from typing import Any

from lineage.errors import BrokenFile
from lineage.files.document_file import read_document
from lineage.files.file_schema import spelled
from lineage.files.lineage_file_schema import FileSpelling
from lineage.model.declaration import Declaration

__all__ = ["lineage_file_schema", "read_lineage_file"]


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
        It is not spelled as a lineage file; every mistake is named, with its line and column.
    LineageError
        It is YAML, and PyYAML is not installed.

    Examples
    --------
    >>> read_lineage_file("lineage.txt")
    Traceback (most recent call last):
    lineage.errors.BrokenFile: lineage.txt: should end in .toml, .yaml, .yml or .json
    """
    document = read_document(path)
    file = spelled(document, FileSpelling)
    if not file.edges and not file.models:
        reason = "declares nothing: it has neither `edges` nor `models`"
        raise BrokenFile(document.name, reason)
    return file.value(document)


def lineage_file_schema() -> dict[str, Any]:
    """Give the JSON schema of a lineage file, for editors and other checkers.

    Examples
    --------
    >>> sorted(lineage_file_schema()["properties"])
    ['$schema', 'edges', 'models']
    """
    schema = FileSpelling.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
