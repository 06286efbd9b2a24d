"""The facts of a node, an edge or a finding, and the type each of them is of."""

from dataclasses import dataclass, fields

__all__ = ["EdgeRow", "FindingRow", "NodeRow", "Plain", "known_facts", "types_of"]

Plain = str | int | float | bool | tuple[str, ...] | None
"""What a fact can be: nothing where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow:
    """An entity, a column or a feature.

    Attributes
    ----------
    id : str
        Its kind and fully qualified name, as `table:shop.public.orders`.
    parent : str or None
        The id of what it is in, as the catalog says so.
    entity : str
        The id of the entity it is a part of; an entity's own.
    read : bool
        Whether it was read; else it is known by its name alone.
    tags, unconfirmed_tags : tuple of str
        All that it carries, and those of them that nobody has confirmed.
    model_server, storage : str or None
        Where a model answers, and where it is kept.
    settings : tuple of str
        The hyper-parameters of a model, as `name = value`.
    sources : tuple of str
        What a feature declares to come from, resolved or not.
    sensitive : tuple of str
        The tags that an audit looked for and that hold for it.
    gaps : tuple of str
        What was not read or not resolved here.
    """

    id: str
    kind: str
    fqn: str
    name: str
    parent: str | None = None
    entity: str
    read: bool = True
    deleted: bool = False
    server_id: str | None = None
    display_name: str | None = None
    description: str | None = None
    data_type: str | None = None
    service: str | None = None
    service_type: str | None = None
    tags: tuple[str, ...] = ()
    unconfirmed_tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    certification: str | None = None
    version: float | None = None
    updated_at: str | None = None
    updated_by: str | None = None
    algorithm: str | None = None
    target: str | None = None
    dashboard: str | None = None
    model_server: str | None = None
    storage: str | None = None
    image_repository: str | None = None
    source_url: str | None = None
    settings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    verdict: str | None = None
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeRow:
    """What feeds what: an edge between entities, or one pair of a column edge.

    Attributes
    ----------
    id : str
        `e1`, `e2`, … in the order of the export; the first pair of an edge's columns is `e1.1`.
    upstream, downstream : str
        Ids of nodes.
    kind : str
        `entity`, or `column` between parts.
    edge : str
        Of a pair of columns: the id of the edge between their entities; else its own.
    """

    id: str
    upstream: str
    downstream: str
    kind: str
    edge: str
    strength: str
    function: str | None = None
    influence: str | None = None
    masking: bool | None = None
    evidence_source: str | None = None
    origin: str
    recorded_as: str | None = None
    pipeline: str | None = None
    sql: str | None = None
    description: str | None = None
    created_at: str | None = None
    created_by: str | None = None
    updated_at: str | None = None
    updated_by: str | None = None
    influences_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """What an audit says of a feature or model: a finding, or that there is none."""

    model: str
    target: str
    verdict: str
    sensitive: str | None = None
    tags: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    masked_by: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def known_facts(row: NodeRow | EdgeRow | FindingRow) -> dict[str, Plain]:
    """Return the facts of a row that are known, in their order."""
    pairs = ((item.name, getattr(row, item.name)) for item in fields(row))
    return {name: value for name, value in pairs if value not in (None, ())}


_NAMES: dict[object, str] = {
    str: "text",
    str | None: "text",
    bool: "bool",
    bool | None: "bool",
    float | None: "number",
    tuple[str, ...]: "list",
}


def types_of(row: type[NodeRow | EdgeRow | FindingRow]) -> dict[str, str]:
    """Return the facts of a kind of row with their types: `text`, `bool`, `number` or `list`.

    Examples
    --------
    >>> types_of(FindingRow)["tags"]
    'list'
    """
    return {item.name: _NAMES[item.type] for item in fields(row)}
