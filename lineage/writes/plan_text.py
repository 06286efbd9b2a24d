"""A plan as text: line by line for a terminal, and as Markdown for a pull request."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from lineage.model.answer import counted
from lineage.model.edges import ColumnEdge, Edge
from lineage.writes.edge_steps import Action, Step
from lineage.writes.ownership import DRAWN
from lineage.writes.plan import Plan

__all__ = ["describe", "render_markdown"]

_VERBS = {
    Action.CREATE_EDGE: "create",
    Action.CHANGE_EDGE: "change",
    Action.REMOVE_MAPPINGS: "change",
    Action.REMOVE_EDGE: "remove",
}


def describe(plan: Plan) -> list[str]:
    """Write a plan out in lines, for somebody to read before it is applied.

    `+` is what would be added, `-` what would be taken away, `~` what would be replaced, `=`
    what is there and stays, `?` what has to be decided, `!` what cannot be written.

    Examples
    --------
    >>> describe(Plan(server="https://metadata.example.com", steps=()))
    ['nothing to do']
    """
    lines = [plan.summary()]
    for change in plan.models:
        lines += ["", f"change {change.subject}, {change.version}", f"  ({change.reason})"]
        lines += [f"  {line}" for line in _replaced(change.details)]
    for fed, steps in _by_what_is_fed(plan):
        lines += ["", f"{fed}: {_counted(steps)}"]
        for step in steps:
            lines += [f"  {_VERBS[step.action]} {step.subject}", f"    ({step.reason})"]
            lines += [f"    {line}" for line in _changes(step)]
    if plan.clashes or plan.refused:
        lines.append("")
    lines += [f"? {clash}" for clash in plan.clashes]
    lines += [f"! {item.upstream} → {item.downstream}: {item.reason}" for item in plan.refused]
    return lines


def render_markdown(plan: Plan) -> str:
    """Write a plan as Markdown: the summary, then for each entity fed what would change.

    Names stand in code blocks, where nothing is markup.

    Examples
    --------
    >>> print(render_markdown(Plan(server="https://metadata.example.com", steps=())))
    **Lineage plan** for `https://metadata.example.com`: nothing to do
    """
    lines = [f"**Lineage plan** for {_code(plan.server)}: {plan.summary()}"]
    for change in plan.models:
        shown = [_diff_line(line) for line in _replaced(change.details)]
        lines += ["", f"### {_code(change.subject)}: {change.version}", "", *_fenced(shown)]
    for fed, steps in _by_what_is_fed(plan):
        shown = [line for step in steps for line in _diff(step)]
        lines += ["", f"### {_code(fed)}: {_counted(steps)}", "", *_fenced(shown)]
    left = [f"{clash}" for clash in plan.clashes]
    left += [f"{item.upstream} → {item.downstream}: {item.reason}" for item in plan.refused]
    if left:
        lines += ["", "### To decide, or not written", "", *(f"- {_code(text)}" for text in left)]
    return "\n".join(lines)


def _by_what_is_fed(plan: Plan) -> Iterator[tuple[str, list[Step]]]:
    for fed, steps in groupby(plan.steps, key=lambda step: step.downstream):
        yield str(fed), list(steps)


def _counted(steps: list[Step]) -> str:
    added = sum(len(step.added) for step in steps)
    removed = sum(len(step.removed) for step in steps)
    counts = [counted(len(steps), "edge")]
    counts += [f"{counted(added, 'mapping')} to add"] if added else []
    counts += [f"{counted(removed, 'mapping')} to remove"] if removed else []
    return ", ".join(counts)


def _changes(step: Step) -> Iterator[str]:
    """Tell what a step adds, takes away, replaces and leaves."""
    yield from (f"+ {_mapping(item)}" for item in step.added)
    yield from (f"- {_mapping(item)}" for item in step.removed)
    yield from _replaced(step.details)
    yield from (f"= {what}" for what in _kept(step.before, step.after))


def _replaced(details: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    for name, before, after in details:
        if (name, before, after) == ("recorded as", "", DRAWN):
            continue  # as the server records whatever says nothing else
        yield f"~ {name}: {before!r} → {after!r}" if before else f"+ {name}: {after!r}"


def _diff(step: Step) -> Iterator[str]:
    """Spell a step as lines of a diff, in which `~` is a line that goes and one that comes."""
    yield f"@@ {_VERBS[step.action]} {step.subject} ({step.reason}) @@"
    yield from map(_diff_line, _changes(step))


def _diff_line(line: str) -> str:
    mark, _, text = line.partition(" ")
    return f"{'!' if mark == '~' else ' ' if mark == '=' else mark} {text}"


def _mapping(mapping: ColumnEdge) -> str:
    function = f"  [{mapping.function}]" if mapping.function else ""
    return f"{', '.join(mapping.upstream)} → {mapping.downstream}{function}"


def _kept(before: Edge | None, after: Edge | None) -> list[str]:
    """Name what an edge says already and goes on saying."""
    if before is None or after is None:
        return []
    there, then = before.evidence, after.evidence
    mappings = len(set(before.column_edges) & set(after.column_edges))
    facts = (
        (counted(mappings, "mapping"), bool(mappings)),
        (f"pipeline {there.pipeline}", bool(there.pipeline) and there.pipeline == then.pipeline),
        ("SQL", bool(there.sql) and there.sql == then.sql),
        (
            f"description {there.description!r}",
            bool(there.description) and there.description == then.description,
        ),
    )
    return [f"{what} kept" for what, is_there in facts if is_there]


def _code(text: str) -> str:
    """Write text as code, fenced by more backticks than it holds."""
    flat = " ".join(text.split())
    ticks = "`" * (1 + max((len(run) for run in _ticks(flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}"


def _fenced(lines: list[str]) -> list[str]:
    """Put the lines of a diff into a fence of more backticks than they hold."""
    shown = [" ".join(line.splitlines()) for line in lines]
    longest = max((len(run) for line in shown for run in _ticks(line)), default=0)
    fence = "`" * max(3, 1 + longest)
    return [f"{fence}diff", *shown, fence]


def _ticks(text: str) -> list[str]:
    return ["".join(group) for is_tick, group in groupby(text, "`".__eq__) if is_tick]
