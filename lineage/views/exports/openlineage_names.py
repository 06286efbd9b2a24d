r"""How datasets, jobs and fields of an OpenLineage export are named, and the file that says so.

A dataset's namespace is its service, its name the rest of its fully qualified name. The file gives
the fully qualified names back: datasets are found by it, whatever is in their names.
"""

from collections.abc import Iterable

from lineage import fqn
from lineage.model.reference import Reference

__all__ = ["Json", "field_name", "name_of", "names_file"]

Json = dict[str, object]


def name_of(reference: Reference) -> Json:
    """Return the namespace and the name of a dataset or job.

    Examples
    --------
    >>> name_of(Reference("table", "pg.shop.public.orders"))
    {'namespace': 'pg', 'name': 'shop.public.orders'}
    """
    namespace, *rest = fqn.split(reference.fqn)
    return {"namespace": namespace, "name": fqn.join(*rest) if rest else namespace}


def field_name(part: Reference, entity: Reference) -> str:
    """Return what a field is called in its dataset."""
    return part.fqn.removeprefix(f"{entity.fqn}.")


def names_file(datasets: Iterable[Reference]) -> str:
    r"""Write which entity each dataset is, as `--evidence` reads it.

    Examples
    --------
    >>> print(names_file([Reference("table", 'pg."a.b"')]), end="")
    [datasets]
    "pg/\"a.b\"" = "pg.\"a.b\""
    """
    lines = ["[datasets]"]
    for reference in datasets:
        name = name_of(reference)
        dataset = f"{str(name['namespace']).rstrip('/')}/{str(name['name']).lstrip('/')}"
        lines.append(f"{_quoted(dataset)} = {_quoted(reference.fqn)}")
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _quoted(text: str) -> str:
    """Quote a text for TOML, whatever does not show escaped."""
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if " " <= character <= "~":
        return character
    return f"\\U{ord(character):08x}"
