"""Export lineage in the formats of other programs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from lineage.atomic_files import write_folder, write_whole
from lineage.errors import LineageError, did_you_mean
from lineage.graph.lineage_graph import LineageGraph
from lineage.queries.completeness import Grain
from lineage.views.exports.arrow_tables import ARROW, PARQUET
from lineage.views.exports.cyclonedx import CYCLONEDX
from lineage.views.exports.cypher import CYPHER
from lineage.views.exports.cytoscape import CYTOSCAPE
from lineage.views.exports.d2 import D2
from lineage.views.exports.dot import DOT
from lineage.views.exports.excerpt import Answered, take_excerpt
from lineage.views.exports.format import Format
from lineage.views.exports.gexf import GEXF
from lineage.views.exports.graphml import GRAPHML
from lineage.views.exports.lineage_file import LINEAGE_FILE
from lineage.views.exports.matrix import MATRIX
from lineage.views.exports.mermaid import MERMAID
from lineage.views.exports.model_card import MODEL_CARD
from lineage.views.exports.neo4j import NEO4J
from lineage.views.exports.node_link import NODE_LINK
from lineage.views.exports.openlineage import OPENLINEAGE
from lineage.views.exports.rows import Rows
from lineage.views.exports.server_csv import CSV

__all__ = ["FORMATS", "Export", "export", "find_format", "write_export"]

FORMATS: dict[str, Format] = {
    item.name: item
    for item in (
        NODE_LINK,
        GRAPHML,
        GEXF,
        CYTOSCAPE,
        DOT,
        MERMAID,
        D2,
        CSV,
        NEO4J,
        CYPHER,
        MATRIX,
        OPENLINEAGE,
        CYCLONEDX,
        MODEL_CARD,
        PARQUET,
        ARROW,
        LINEAGE_FILE,
    )
}
"""The formats there are, by name."""


@dataclass(frozen=True, slots=True)
class Export:
    """Lineage in a format of another program.

    Attributes
    ----------
    format : Format
    files : mapping of str to bytes
        The content of each file of a folder by its name; of a single file by an empty name.
    notes : tuple of str
        What the format cannot say of what there is.
    """

    format: Format
    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()

    @property
    def content(self) -> bytes:
        """What is in the single file it consists of.

        Raises
        ------
        ValueError
            It is a folder of files.
        """
        if "" not in self.files:
            message = f"{self.format.title} is a folder of {', '.join(self.files)}: write_export"
            raise ValueError(message)
        return self.files[""]

    def __repr__(self) -> str:
        size = sum(map(len, self.files.values()))
        return f"<Export: {self.format.title}, {size:,} bytes>"


def export(
    graph: LineageGraph,
    form: str,
    answer: Answered | None = None,
    *,
    grain: Grain | None = None,
    raw: bool = False,
) -> Export:
    """Write lineage in the format of another program.

    Parameters
    ----------
    graph : LineageGraph
        The graph; it is not changed.
    form : str
        One of `FORMATS`.
    answer : Trace, Traces, Selected or Audit, optional
        An answer about the graph; all of the graph unless given.
    grain : {"entity", "part"}, optional
        Whether columns and features are written too; they are unless the answer is a trace
        between entities.
    raw : bool
        Write texts as the catalog has them, neither escaped nor made harmless for spreadsheets.

    Returns
    -------
    Export
        The same bytes for the same graph and answer.

    Raises
    ------
    LineageError
        There is no such format, it has no raw form, what it takes is not installed, or the answer
        holds nothing that it could say.
    ValueError
        The grain is none, or the answer is about another graph.

    Examples
    --------
    >>> import json
    >>> from lineage.graph.build import build_graph
    >>> from lineage.model.edges import Edge
    >>> from lineage.model.reference import Reference
    >>> from lineage.model.snapshot import Snapshot
    >>> raw, clean = Reference("table", "raw"), Reference("table", "clean")
    >>> graph = build_graph(Snapshot(edges=(Edge(upstream=raw, downstream=clean),)))
    >>> made = export(graph, "node-link")
    >>> [edge["source"] for edge in json.loads(made.content)["edges"]]
    ['table:raw']
    """
    found = find_format(form)
    rows = Rows(take_excerpt(graph, answer, grain=grain))
    notes = found.lost_of(rows)
    if not raw:
        rendered = found.render(rows, notes)
    elif found.render_raw is not None:
        rendered = found.render_raw(rows)
    else:
        message = f"{found.title} has no raw form: leave `raw` out"
        raise LineageError(message)
    return Export(found, rendered.files, (*notes, *rendered.notes))


def find_format(name: str) -> Format:
    """Return the format of a name.

    Raises
    ------
    LineageError
        There is none; the nearest is with it.

    Examples
    --------
    >>> find_format("graphlm")
    Traceback (most recent call last):
    lineage.errors.LineageError: there is no format 'graphlm'; did you mean graphml?
    """
    if name not in FORMATS:
        hint = did_you_mean(get_close_matches(name, FORMATS, n=1))
        message = f"there is no format {name!r}{hint or ': there are ' + ', '.join(FORMATS)}"
        raise LineageError(message)
    return FORMATS[name]


def write_export(exported: Export, path: str | os.PathLike[str]) -> None:
    """Write an export to a file, or to a folder of files, complete or not at all.

    Raises
    ------
    BrokenFile
        It cannot be written there, or there is a folder with other things in it; what was there
        before is left as it was.
    """
    if "" in exported.files:
        write_whole(path, exported.content)
    else:
        write_folder(path, exported.files)
