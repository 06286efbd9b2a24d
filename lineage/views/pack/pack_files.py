"""Write an audit pack to a folder: JSON, Markdown, and the page with the evidence drawn."""

import hashlib
import re
from pathlib import Path

from lineage.atomic_files import write_whole
from lineage.errors import BrokenFile
from lineage.governance.audit.audit import Audit, Finding
from lineage.governance.pack.values import AuditPack
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.reference import Reference
from lineage.views.lineage_diagram import make_diagram, make_path_diagram
from lineage.views.pack.pack_html import render_page
from lineage.views.pack.pack_json import render_pack_json
from lineage.views.pack.pack_markdown import render_markdown
from lineage.views.pack.pack_report import compose
from lineage.views.picture.figure import encode_figure

__all__ = ["file_name", "write_pack"]

_DRAWN = 12
"""So many findings are drawn, the strongest first; all of them are in the tables."""


def write_pack(
    pack: AuditPack, graph: LineageGraph, answer: Audit, folder: Path
) -> tuple[Path, ...]:
    """Write a pack: three files named after the model, each whole or not at all.

    Parameters
    ----------
    pack : AuditPack
    graph : LineageGraph
    answer : Audit
        What the pack was made of; it is drawn.
    folder : path
        Made where it is missing.

    Returns
    -------
    tuple of path
        What was written.

    Raises
    ------
    BrokenFile
        The folder cannot be made, or a file cannot be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BrokenFile(str(folder), f"cannot be made: {error.strerror or error}") from None
    drawn = [item for item in pack.findings[:_DRAWN] if item.path.hops]
    numbers = {item: number for number, item in enumerate(pack.findings, 1)}
    pictures = {numbers[item]: _draw(graph, item, answer) for item in drawn}
    overview = encode_figure(make_diagram(graph, pack.model.reference, answer=answer), "svg")
    document = compose(pack, pictures=pictures, overview=overview)
    name = file_name(pack.model.reference)
    contents = {
        folder / f"{name}.json": render_pack_json(pack),
        folder / f"{name}.md": render_markdown(document),
        folder / f"{name}.html": render_page(document),
    }
    for path, text in contents.items():
        write_whole(path, text.encode())
    return tuple(contents)


def file_name(model: Reference) -> str:
    """Name a file after a model; what no file name should hold is distinguished by a digest.

    Examples
    --------
    >>> file_name(Reference("mlmodel", "mlflow.churn"))
    'mlflow.churn'
    >>> file_name(Reference("mlmodel", "mlflow.../etc"))
    'mlflow--etc-77b13c07'
    """
    plain = re.sub(r"[^\w.-]+|\.\.+", "-", model.fqn, flags=re.ASCII).strip(".-")[:100]
    if plain == model.fqn:
        return plain
    return f"{plain}-{hashlib.sha256(model.fqn.encode()).hexdigest()[:8]}".lstrip("-")


def _draw(graph: LineageGraph, finding: Finding, answer: Audit) -> bytes:
    return encode_figure(make_path_diagram(graph, finding, answer), "svg")
