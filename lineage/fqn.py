"""Fully qualified names: split, join and quote them. Nothing else knows the dots.

OpenMetadata joins the parts of a name with dots and wraps a part in double quotes if, and
only if, it contains a dot or a double quote; a double quote inside is doubled. Spaces,
slashes, line breaks, emoji and upper case stay as they are, and case matters.
"""

from collections.abc import Iterator

from lineage.errors import MalformedName

__all__ = ["is_within", "join", "last", "parent", "quote", "split"]


def quote(part: str) -> str:
    """Write one part as it stands inside a fully qualified name.

    Parameters
    ----------
    part : str
        The bare name, not empty.

    Returns
    -------
    str
        The part, quoted where the rule asks for it.

    Raises
    ------
    MalformedName
        The part is empty.

    Examples
    --------
    >>> quote("orders"), quote("dim.product"), quote('5" pipe')
    ('orders', '"dim.product"', '"5"" pipe"')
    """
    if not part:
        raise MalformedName(part, "a part is empty")
    if "." in part or '"' in part:
        return '"' + part.replace('"', '""') + '"'
    return part


def join(*parts: str) -> str:
    """Join bare names into a fully qualified name.

    Raises
    ------
    MalformedName
        No part, or an empty one.

    Examples
    --------
    >>> join("shop", "sales", "public", "dim.product")
    'shop.sales.public."dim.product"'
    """
    joined = ".".join(quote(part) for part in parts)
    if not joined:
        raise MalformedName(joined, "there is no part")
    return joined


def split(fqn: str) -> tuple[str, ...]:
    """Split a fully qualified name into bare names; the inverse of `join`.

    Raises
    ------
    MalformedName
        A part is empty, or the quotes do not match.

    Examples
    --------
    >>> split('shop.sales.public."dim.product".name')
    ('shop', 'sales', 'public', 'dim.product', 'name')
    """
    return tuple(_parts(fqn))


def parent(fqn: str) -> str | None:
    """Name what a part belongs to: the name without its last part.

    Returns
    -------
    str or None
        None for a name of a single part.

    Raises
    ------
    MalformedName
        The name cannot be split.

    Examples
    --------
    >>> parent('shop."dim.product".name')
    'shop."dim.product"'
    """
    *above, _ = split(fqn)
    return join(*above) if above else None


def is_within(fqn: str, outer: str) -> bool:
    """Whether a fully qualified name is of something inside what another one names.

    Examples
    --------
    >>> is_within("t.address.street", "t.address"), is_within("t.address_2", "t.address")
    (True, False)
    """
    return fqn.startswith(f"{outer}.")


def last(fqn: str) -> str:
    """Give the last part, bare; the whole text where it is no well-formed name.

    Meant for showing, so it never fails.

    Examples
    --------
    >>> last('shop."dim.product"'), last("not..a name")
    ('dim.product', 'not..a name')
    """
    try:
        return split(fqn)[-1]
    except MalformedName:
        return fqn


def _parts(fqn: str) -> Iterator[str]:
    position = 0
    while True:
        if fqn.startswith('"', position):
            part, position = _quoted_part(fqn, position + 1)
        else:
            part, position = _bare_part(fqn, position)
        if not part:
            raise MalformedName(fqn, "a part is empty")
        yield part
        if position == len(fqn):
            return
        if fqn[position] != ".":
            raise MalformedName(fqn, f"a dot should stand at position {position + 1}")
        position += 1


def _bare_part(fqn: str, start: int) -> tuple[str, int]:
    end = fqn.find(".", start)
    end = len(fqn) if end < 0 else end
    part = fqn[start:end]
    if '"' in part:
        raise MalformedName(fqn, f"a double quote stands inside the bare part {part!r}")
    return part, end


def _quoted_part(fqn: str, start: int) -> tuple[str, int]:
    end = start
    while True:
        end = fqn.find('"', end)
        if end < 0:
            raise MalformedName(fqn, "a double quote is not closed")
        if not fqn.startswith('""', end):
            return fqn[start:end].replace('""', '"'), end + 1
        end += 2
