"""What `--merge`, `--manifest` and `--prune` say of whose word prevails, and what is ours."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from lineage.cli.options.catalog_option import load_user
from lineage.errors import LineageError
from lineage.graph.lineage_graph import LineageGraph

if TYPE_CHECKING:
    from lineage.writes.merge import Merge, Policy

__all__ = ["make_merge"]

_PATCHED_SINCE = (1, 5)
"""Before it, whoever writes an edge is named as its maker: the names prove nothing."""


def make_merge(
    graph: LineageGraph,
    catalog: str,
    words: list[str],
    manifest: Path | None,
    *,
    is_pruned: bool,
) -> "Merge":
    """Read whose word prevails; ask who we are where that matters.

    Parameters
    ----------
    catalog : str
        Where the graph was read.
    words : list of str
        As in `sql=ours`.
    manifest : Path or None
        The list of what we wrote.
    is_pruned : bool
        Whether what is ours is to be taken away.

    Raises
    ------
    LineageError
        A word is no policy, or the manifest cannot be read.
    """
    from lineage.writes.manifest_file import read_manifest
    from lineage.writes.merge import Merge, Policy
    from lineage.writes.ownership import Ownership

    policies = dict(_policy(word) for word in words)
    owned = Ownership()
    if manifest is not None:
        owned = Ownership(manifest=read_manifest(manifest, server=graph.server))
    elif (is_pruned or Policy.OURS in policies.values()) and _keeps_makers(graph.server_version):
        owned = Ownership(user=load_user(catalog))
    return Merge(**policies, ownership=owned)


def _keeps_makers(version: str) -> bool:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return not numbers or numbers >= _PATCHED_SINCE


def _policy(word: str) -> tuple[str, "Policy"]:
    from lineage.writes.merge import Merge, Policy

    name, _, policy = word.partition("=")
    names = [item.name for item in fields(Merge) if item.name != "ownership"]
    if name not in names or policy not in set(Policy):
        message = (
            f"--merge {word}: write FIELD=POLICY, with one of {', '.join(names)} and one of "
            f"{', '.join(Policy)}"
        )
        raise LineageError(message)
    return name, Policy(policy)
