"""A document as Markdown, for a pull request, a wiki or a text editor."""

import re
from collections.abc import Iterator

from lineage.views.pack.document import (
    Block,
    Bullets,
    Cell,
    Code,
    Document,
    Link,
    Picture,
    Section,
    Table,
)
from lineage.views.terminal import printable

__all__ = ["render_markdown"]

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def render_markdown(document: Document) -> str:
    r"""Write a document as Markdown; pictures are left to the page.

    Examples
    --------
    >>> from lineage.governance.audit.audit import Verdict
    >>> page = Document(
    ...     title="churn",
    ...     subtitle="Audit",
    ...     verdict=Verdict.NO_PATH,
    ...     lead="Nothing *arrives*.",
    ...     identity=(("Model", "mlf.churn"),),
    ...     sections=(),
    ... )
    >>> print(render_markdown(page))
    # churn
    <BLANKLINE>
    Audit
    <BLANKLINE>
    **no-path**: Nothing \*arrives\*.
    <BLANKLINE>
    - Model: mlf.churn
    <BLANKLINE>
    """
    lines = [
        f"# {_text(document.title)}",
        "",
        _text(document.subtitle),
        "",
        f"**{document.verdict}**: {_text(document.lead)}",
        "",
        *(f"- {_text(name)}: {_text(value)}" for name, value in document.identity),
        "",
    ]
    for section in document.sections:
        lines += _section(section)
    return "\n".join(lines)


def _section(section: Section) -> Iterator[str]:
    yield f"{'###' if section.is_part else '##'} {_text(section.title)}"
    yield ""
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Picture):
        return
    if isinstance(block, str):
        yield _text(block)
    elif isinstance(block, Bullets):
        yield from (f"- {_cell(item)}" for item in block.items)
    else:
        yield from _table(block)
    yield ""


def _table(table: Table) -> Iterator[str]:
    yield _row(table.header)
    yield _row(("---",) * len(table.header), raw=True)
    yield from (_row(row) for row in table.rows)


def _row(cells: tuple[Cell, ...], *, raw: bool = False) -> str:
    return f"| {' | '.join(str(cell) if raw else _cell(cell) for cell in cells)} |"


def _cell(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return "<br>".join(_cell(item) for item in cell)
    if isinstance(cell, Link):
        return _text(cell.text)
    if isinstance(cell, Code):
        return _code(cell.text)
    return _text(str(cell))


def _code(text: str) -> str:
    """Show a text letter by letter: in backticks where it has none, escaped where it has."""
    plain = printable(text)
    if "`" in plain or "|" in plain:
        return _text(text)
    return f"`{plain}`"


def _text(text: str) -> str:
    return _MARKUP.sub(r"\\\1", printable(text))
