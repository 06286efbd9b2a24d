"""Texts in Markdown: names of the catalog are never markup."""

import re

from lineage.views.terminal import printable

__all__ = ["code_span", "escaped"]

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&$]|^[-+=]|(?<=^\d)[.)])")


def escaped(text: str) -> str:
    r"""Escape what means something in Markdown.

    Examples
    --------
    >>> print(escaped("a_b | c"))
    a\_b \| c
    """
    return _MARKUP.sub(r"\\\1", printable(text))


def code_span(text: str) -> str:
    """Write a text as code, in more backticks than there are in it.

    Examples
    --------
    >>> code_span("a`b")
    '`` a`b ``'
    """
    shown = printable(text)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"{fence}{shown}{fence}"
