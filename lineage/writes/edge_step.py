"""Steps on edges: one intended write of one edge each."""

from dataclasses import dataclass, replace
from typing import Self

from pydantic import ValidationError

from lineage.changes.edge_facts import (
    DRAWN,
    Pair,
    change_text,
    fingerprint,
    functions,
    mapping_text,
)
from lineage.errors import NotOpenMetadata, RequestFailed
from lineage.model.answer import Record
from lineage.model.edges import Edge
from lineage.model.reference import Reference
from lineage.openmetadata.client import Client
from lineage.openmetadata.edge_api import (
    EdgeEnds,
    StoredEdge,
    has_edge,
    read_edge,
    remove_edge,
    rewrite_edge,
    with_current_pipeline,
    write_edge,
)
from lineage.openmetadata.edge_details import DETAILS
from lineage.openmetadata.payloads import LineagePayload, make_edge
from lineage.openmetadata.permissions import read_user
from lineage.writes.edge_change import EdgeChange, action_of
from lineage.writes.ownership import DERIVED, Owner
from lineage.writes.step import Action, Document, Judgement, Result, State, Weaker

__all__ = ["EdgeStep"]

_JOURNAL = "the journal"

_State = State[Edge | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeStep(EdgeChange):
    """One intended write of one edge.

    Attributes
    ----------
    upstream, downstream : Reference
        The ends of the edge.
    upstream_id, downstream_id : str
        The server's ids of them.
    before, after : Edge or None
        What the server recorded when the plan was made, and what it will record.
    pipeline_id : str
        The server's id of the pipeline that `after` names, where that is a new one.
    fingerprint : str
        Of `before`; a write is refused where it no longer matches.
    owner : Owner
        Whose the edge is.
    reason : str
        Why the step is wanted.
    ours : tuple of (str, str)
        The pairs that `before` maps and that are provably ours.
    restores : tuple of (str, str) or None
        Of an undo, the pairs that were ours before what it undoes. None for any other step:
        whatever it maps that was not mapped is ours.
    weaker : tuple of Weaker
        The verdicts that it makes weaker.
    """

    action: Action
    upstream: Reference
    upstream_id: str
    downstream: Reference
    downstream_id: str
    pipeline_id: str = ""
    fingerprint: str
    owner: Owner
    reason: str
    ours: tuple[Pair, ...] = ()
    restores: tuple[Pair, ...] | None = None
    weaker: tuple[Weaker, ...] = ()

    @property
    def subject(self) -> str:
        """What the step writes, in words."""
        return f"{self.upstream} → {self.downstream}"

    def to_record(self) -> Record:
        """Give the step as a row."""
        return {
            "action": str(self.action),
            "upstream": str(self.upstream),
            "downstream": str(self.downstream),
            "added": [mapping_text(mapping) for mapping in self.added],
            "removed": [mapping_text(mapping) for mapping in self.removed],
            "changed": [change_text(*both) for both in self.changed],
            "details": [f"{name}: {old} → {new}" for name, old, new in self.details],
            "kept": len(self.kept),
            "owner": str(self.owner),
            "reason": self.reason,
            "weaker": [str(item) for item in self.weaker],
        }

    @property
    def claimed(self) -> frozenset[Pair]:
        """The pairs that become ours when the step is written."""
        if self.restores is not None:
            return frozenset(self.restores)
        return frozenset(functions(self.after)) - frozenset(functions(self.before))

    def read(self, client: Client) -> _State:
        """Read the edge; a pipeline it names otherwise than the step is asked for its name."""
        stored = read_edge(client, self._edge_ends)
        if stored is None:
            is_bare = self.after is None and has_edge(client, self._edge_ends)
            edge = Edge(upstream=self.upstream, downstream=self.downstream) if is_bare else None
            return State(edge, None, fingerprint(None))
        known = {edge.evidence.pipeline for edge in (self.before, self.after) if edge is not None}
        if stored.edge.evidence.pipeline not in {None, *known}:
            stored = with_current_pipeline(client, stored)
        return State(stored.edge, stored.details, fingerprint(stored.edge))

    def state(self, document: Document | None) -> _State:
        """Make a state of the details that a journal kept.

        Raises
        ------
        NotOpenMetadata
            They are no details of an edge.
        """
        if document is None:
            return State(None, None, fingerprint(None))
        try:
            payload = LineagePayload.model_validate(document)
        except ValidationError:
            raise NotOpenMetadata(_JOURNAL, "it holds no readable edge") from None
        edge = make_edge(self.upstream, self.downstream, payload)
        return State(edge, document, fingerprint(edge))

    def is_done(self, state: _State) -> bool:
        """Whether the server says everything that the step wants to change."""
        return not self.lacking(state)

    def lacking(self, state: _State) -> str:
        """Name what the server does not say yet, or still says."""
        return self.lacking_in(state.value)

    def conflict(self, state: _State) -> Judgement | None:
        """Refuse what the server derives, and whatever is not as the plan saw it."""
        if state.value is not None and state.value.evidence.recorded_as == DERIVED:
            return Judgement(Result.REFUSED, "the server derives this edge by itself")
        if state.mark != self.fingerprint:
            return Judgement(Result.CONFLICT, "changed after the plan was made: plan again")
        return None

    def write(self, client: Client, state: _State) -> None:
        """Send the write once: a removal, a patch of what has details, else all of the edge."""
        if self.after is None:
            remove_edge(client, self._edge_ends)
            return
        known = _stored(state)
        write_edge(client, self._edge_ends, known, self.after, pipeline_id=self.pipeline_id)

    def write_again(self, client: Client, state: _State) -> None:
        """Send once more what the database holds, for the search index to take it in.

        What is removed has to be made once more first: nothing is taken out of the index for
        an edge that the database does not hold.
        """
        if self.after is not None or state.value is None:
            try:
                rewrite_edge(client, self._edge_ends, _stored(state))
            except RequestFailed:
                if self.after is not None:
                    raise
        if self.after is None:
            remove_edge(client, self._edge_ends)

    def verify(self, client: Client, before: _State, after: _State) -> Judgement:
        """Check that what others wrote is still there, and that nobody made the edge meanwhile."""
        lost = self._lost(before, after)
        if lost:
            reason = f"{'; '.join(lost)} stood on the edge and went during the write: plan again"
            return Judgement(Result.CONFLICT, reason)
        is_another = after.mark != fingerprint(self.after)
        maker = ""
        if before.document is None and after.value is not None:
            maker = _other_maker(client, after.value, is_another=is_another)
        if maker:
            reason = f"{maker} made the edge during the write, which replaced it"
            return Judgement(Result.CONFLICT, reason)
        return Judgement(Result.WRITTEN)

    def undone(self, state: _State) -> Self:
        """Make the step that writes the edge back as it was; as empty where it had no details.

        An edge without details can be written in one form only: as one that somebody drew.
        """
        after = self.before
        if after is not None and not after.evidence.recorded_as:
            after = replace(after, evidence=replace(after.evidence, recorded_as=DRAWN))
        return replace(
            self,
            action=action_of(self.after, after),
            before=self.after,
            after=after,
            pipeline_id=_pipeline_id(state.document),
            fingerprint=fingerprint(self.after),
            owner=Owner.OURS if self.before is None else self.owner,
            reason=f"undoes: {self.action}",
            ours=tuple(sorted(self.claimed.union(self.ours).intersection(functions(self.after)))),
            restores=self.ours,
            weaker=(),
        )

    def _lost(self, before: _State, after: _State) -> list[str]:
        """Name what others wrote that stood before a write and does not after it."""
        then, now = before.document or {}, after.document or {}
        value = before.value
        if value is not None and after.value is not None and _pipeline_id(then):
            # A pipeline may be called otherwise by now: what it is, its id says.
            is_same = _pipeline_id(then) == _pipeline_id(now)
            named = after.value.evidence if is_same else value.evidence
            value = replace(value, evidence=replace(value.evidence, pipeline=named.pipeline))
        unknown = [key for key in then if key not in {*DETAILS, *now}] if self.after else []
        return [*self.lost_between(value, after.value), *unknown]

    @property
    def _edge_ends(self) -> EdgeEnds:
        return EdgeEnds(self.upstream, self.upstream_id, self.downstream, self.downstream_id)


def _other_maker(client: Client, edge: Edge, *, is_another: bool) -> str:
    """Name who made an edge that was not there a moment ago, if that was not us.

    Who we are is only asked where something is odd about the edge.
    """
    maker, writer = edge.evidence.created_by, edge.evidence.updated_by
    if not maker or (maker == writer and not is_another):
        return ""
    return "" if maker == read_user(client) else maker


def _stored(state: _State) -> StoredEdge | None:
    if state.value is None or state.document is None:
        return None
    return StoredEdge(state.value, state.document)


def _pipeline_id(details: Document | None) -> str:
    pipeline = (details or {}).get("pipeline")
    return str(pipeline.get("id", "")) if isinstance(pipeline, dict) else ""
