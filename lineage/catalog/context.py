"""The context: what one request works with."""

import re
from dataclasses import dataclass, field

from lineage.catalog import entity_store
from lineage.catalog.answers import not_found
from lineage.catalog.entity_store import Document
from lineage.catalog.faults import Faults
from lineage.catalog.schemas import NameRules
from lineage.catalog.store import Store

__all__ = ["Context", "name_rules"]

# Spelled out, since Java's dot stops at these and the server's pattern is `((?!::).)*`.
_LINE_BREAKS = "\n\r\u0085\u2028\u2029"


def name_rules(version: tuple[int, ...], *, old_names: bool) -> NameRules:
    """Give what a server of some version refuses in new names.

    Parameters
    ----------
    old_names : bool
        Let in what earlier servers let in, and later ones therefore still hold.
    """
    since_start = re.compile("\0")
    before_2 = re.compile(f"::|[\0{_LINE_BREAKS}]")
    since_2 = re.compile(f'::|[>"\\x00-\\x1f\\x7f{_LINE_BREAKS}]')
    if old_names:
        return NameRules(entity=since_start, column=since_start)
    return NameRules(entity=since_2 if version >= (2,) else before_2, column=before_2)


@dataclass(slots=True, kw_only=True)
class Context:
    """One request's surroundings: the open store, the moment, who asks, and what server it is.

    Attributes
    ----------
    now : int
        Milliseconds since 1970-01-01 UTC.
    version : tuple of int
        The version of the server that is stood in for.
    faults : Faults
        What goes wrong on request.
    is_bot : bool
        Whether the one who asks is a bot, whose `PUT` leaves alone what people filled in.
    """

    store: Store
    now: int
    user: str
    version: tuple[int, ...]
    rules: NameRules
    document_limit: int
    faults: Faults
    is_bot: bool
    _known: dict[str, Document | None] = field(default_factory=dict)

    def need(self, kind: str, id: str, *, deleted: bool | None = False) -> Document:  # noqa: A002 - OpenMetadata's word
        """Look an entity up by id.

        Parameters
        ----------
        deleted : bool or None
            Whether it has to be soft-deleted; None: whichever it is.

        Raises
        ------
        RefusalError
            There is none.
        """
        found = entity_store.find(self.store, kind, id)
        if found is None or deleted not in (None, found.deleted):
            raise not_found(kind, id)
        return found

    def need_named(self, kind: str, fqn: str, *, deleted: bool | None = False) -> Document:
        """Look an entity up by name, as `need` does by id.

        Raises
        ------
        RefusalError
            There is none.
        """
        found = entity_store.find_named(self.store, kind, fqn)
        if found is None or deleted not in (None, found.deleted):
            raise not_found(kind, fqn)
        return found

    def glance(self, kind: str, *, id: str = "", fqn: str = "") -> Document | None:  # noqa: A002 - OpenMetadata's word
        """Look up what a reference or a label names; remembered for the rest of the request."""
        key = f"{kind}:{id or fqn}"
        if key not in self._known:
            found = entity_store.find(self.store, kind, id) if id else None
            self._known[key] = found or entity_store.find_named(self.store, kind, fqn)
        return self._known[key]

    def forget(self) -> None:
        """Look everything up afresh from here on."""
        self._known.clear()
