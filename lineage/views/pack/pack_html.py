"""A document as one HTML page: no script, no request, everything from the catalog as text.

The page's policy allows its own style sheet, known by its digest, and pictures inside it.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape

from lineage.governance.audit.audit import Verdict
from lineage.governance.bias.questions import Says
from lineage.governance.pack.requirements import Status
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
from lineage.views.pack.pack_style import STYLE
from lineage.views.terminal import printable

__all__ = ["render_page"]

_LONG = 40  # rows; a longer table scrolls in a frame of its own, and is printed whole


def render_page(document: Document) -> str:
    """Write a document as one self-contained HTML page.

    Examples
    --------
    >>> page = Document(
    ...     title="<churn>",
    ...     subtitle="Audit",
    ...     verdict=Verdict.NO_PATH,
    ...     lead="Nothing arrives.",
    ...     identity=(),
    ...     sections=(),
    ... )
    >>> "<title>&lt;churn&gt; · no-path</title>" in render_page(page)
    True
    """
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(document.title)} · {document.verdict}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *_header(document),
            *_contents(document),
            "<main>",
            *(line for section in document.sections for line in _section(section)),
            "</main>",
            "</body>",
            "</html>",
            "",
        )
    )


def _header(document: Document) -> Iterator[str]:
    yield "<header>"
    yield f'<p class="kicker">{_text(document.subtitle)}</p>'
    yield f"<h1>{_text(document.title)}</h1>"
    yield f'<p class="lead">{_cell(document.verdict)} {_text(document.lead)}</p>'
    yield '<dl id="record">'
    for name, value in document.identity:
        yield f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>"
    yield "</dl>"
    yield "</header>"


def _contents(document: Document) -> Iterator[str]:
    yield '<nav aria-label="Contents"><ol>'
    for section in (item for item in document.sections if not item.is_part):
        yield f'<li><a href="#{escape(section.anchor)}">{_text(section.title)}</a></li>'
    yield "</ol></nav>"


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{escape(section.anchor)}">'
    heading = "h3" if section.is_part else "h2"
    yield f"<{heading}>{_text(section.title)}</{heading}>"
    for block in section.blocks:
        yield from _block(block)
    yield "</section>"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, str):
        yield f"<p>{_text(block)}</p>"
    elif isinstance(block, Bullets):
        items = "".join(f"<li>{_cell(item)}</li>" for item in block.items)
        yield f"<ul>{items}</ul>"
    elif isinstance(block, Picture):
        yield _picture(block)
    else:
        yield from _table(block)


def _picture(picture: Picture) -> str:
    content = base64.b64encode(picture.svg).decode()
    caption = _text(picture.caption)
    image = f'<img src="data:image/svg+xml;base64,{content}" alt="{caption}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def _table(table: Table) -> Iterator[str]:
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in table.header)
    kind = "table long" if len(table.rows) > _LONG else "table"
    yield f'<div class="{kind}"><table><thead><tr>{head}</tr></thead><tbody>'
    for row in table.rows:
        yield "<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table></div>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return "<br>".join(_cell(item) for item in cell)
    if isinstance(cell, Link):
        return f'<a href="#{escape(cell.target)}">{_text(cell.text)}</a>'
    if isinstance(cell, Code):
        place = f' id="{escape(cell.anchor)}"' if cell.anchor else ""
        return f"<code{place}>{_breakable(_text(cell.text))}</code>"
    if isinstance(cell, Verdict | Status | Says):
        name = str(cell).replace(" ", "-")
        return f'<span class="mark {name}">{_text(str(cell))}</span>'
    return _text(str(cell))


def _breakable(text: str) -> str:
    """Let a long name break where its parts and words end, rather than anywhere."""
    return text.replace(".", ".<wbr>").replace("_", "_<wbr>")


def _text(text: str) -> str:
    return escape(printable(text))
