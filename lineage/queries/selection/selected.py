"""What a selection means in a graph: an answer with what is doubtful and what was not read."""

from dataclasses import dataclass, replace

from lineage.model.answer import Answer, Record, counted
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap
from lineage.queries.selection.expressions import Having, Named, Selection

__all__ = ["Selected", "Unmatched"]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A pattern of a selection that fits nothing, which may be a slip of the pen.

    Attributes
    ----------
    term : Named or Having
    nearest : tuple of str
        What there is and looks alike, best first.
    """

    term: Named | Having
    nearest: tuple[str, ...] = ()

    def __str__(self) -> str:
        hint = f"; did you mean {', '.join(self.nearest)}?" if self.nearest else ""
        return f"nothing is {self.term}{hint}"


@dataclass(frozen=True, slots=True, repr=False)
class Selected(Answer):
    """What a selection means in a graph.

    Attributes
    ----------
    selection : Selection
    references : tuple of Reference
        Sorted.
    doubtful : tuple of Reference
        What may be selected too: known by name alone, so that its facts are not known.
    unmatched : tuple of Unmatched
        Patterns that fit nothing, in the order of the selection.
    gaps : tuple of Gap
        What was not read, so that something may be lacking. Empty means: complete.
    """

    selection: Selection
    references: tuple[Reference, ...]
    doubtful: tuple[Reference, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether everything that is selected is known to be."""
        return not (self.doubtful or self.gaps)

    def of_kind(self, kind: str) -> "Selected":
        """Keep one kind only."""
        return replace(
            self,
            references=tuple(item for item in self.references if item.kind == kind),
            doubtful=tuple(item for item in self.doubtful if item.kind == kind),
        )

    def summary(self) -> str:
        """Say how much is selected, and whether that is all."""
        parts = sum(reference.is_part for reference in self.references)
        entities = counted(len(self.references) - parts, "entity", "entities")
        notes = [str(item) for item in self.unmatched]
        if self.doubtful:
            notes.append(f"{len(self.doubtful):,} more may be: not known")
        notes.append(f"{counted(len(self.gaps), 'gap')}: not complete" if self.gaps else "complete")
        what = f"{entities} and {counted(parts, 'part')}" if parts else entities
        return f"{self.selection}: {what}; {'; '.join(notes)}"

    def to_records(self) -> list[Record]:
        """Give one row for each reference, what may be selected last."""
        rows = [*((item, True) for item in self.references)]
        rows += [(item, False) for item in self.doubtful]
        return [
            {"kind": str(item.kind), "fqn": item.fqn, "is_known": known} for item, known in rows
        ]
