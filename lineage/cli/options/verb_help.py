"""The help of a verb: what stands for each value is named in words, never by a type of Python."""

from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

from typer.core import TyperCommand

__all__ = ["VerbHelp", "placeholder"]

_PLACEHOLDERS = {Path: "FILE", int: "NUMBER", float: "NUMBER"}


def placeholder(annotation: Any) -> str:
    """Return what stands for a value of a type: its choices, FILE, NUMBER or else TEXT.

    Parameters
    ----------
    annotation : type
        A type as an option is declared with; a list or an optional value counts as what is in it.

    Returns
    -------
    str
        One word, or choices with bars between them.

    Examples
    --------
    >>> placeholder(list[Path] | None), placeholder(int), placeholder(str)
    ('FILE', 'NUMBER', 'TEXT')
    """
    inner = [kind for kind in get_args(annotation) if kind is not NoneType]
    if inner:
        return placeholder(inner[0])
    if issubclass(annotation, Enum):
        return "|".join(str(choice) for choice in annotation)
    return _PLACEHOLDERS.get(annotation, "TEXT")


class VerbHelp(TyperCommand):
    """A command whose arguments go by their names, and values by their placeholders."""

    # Typer does not export the types of its own copy of click.
    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        annotations = get_type_hints(self.callback)
        for parameter in self.params:
            if parameter.metavar is None:
                parameter.metavar = _metavar(parameter, annotations[str(parameter.name)])

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options, each with what it is."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            name, explained = parameter.get_help_record(ctx) or ("", "")
            if parameter.param_type_name == "argument":
                sections["Arguments"].append((str(parameter.metavar), explained))
            elif name:
                sections["Options"].append((name, explained))
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def _metavar(parameter: Any, annotation: Any) -> str | None:
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return None if annotation is bool else placeholder(annotation)  # a flag has no value
