"""JSON as exports write it: the same bytes for the same content."""

import json

__all__ = ["json_text"]


def json_text(content: object, *, exact: bool = False) -> str:
    r"""Write JSON, a line for each item.

    Parameters
    ----------
    content : object
        What json can write; mappings keep their order.
    exact : bool
        Whether texts are the catalog's own, not yet escaped: then only ASCII is written.

    Examples
    --------
    >>> print(json_text({"name": "\u202e"}, exact=True), end="")
    {
     "name": "\u202e"
    }
    """
    return json.dumps(content, indent=1, ensure_ascii=exact) + "\n"
