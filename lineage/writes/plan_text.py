"""A plan as text: line by line for a terminal, and as Markdown for a pull request."""

from collections.abc import Iterator
from itertools import groupby

from lineage.changes.edge_facts import DRAWN, change_text, mapping_text
from lineage.model.answer import counted
from lineage.model.edges import Edge
from lineage.text_escapes import escape
from lineage.writes.edge_step import EdgeStep
from lineage.writes.model_step import ModelStep
from lineage.writes.plan import Plan
from lineage.writes.step import Action

__all__ = ["describe", "render_markdown"]

_VERBS = {
    Action.CREATE_EDGE: "create",
    Action.CHANGE_EDGE: "change",
    Action.REMOVE_MAPPINGS: "change",
    Action.REMOVE_EDGE: "remove",
    Action.WRITE_AGAIN: "write again",
    Action.CHANGE_MODEL: "change",
}


def describe(plan: Plan) -> list[str]:
    """Write a plan out in lines, for somebody to read before it is applied.

    `+` is what would be added, `-` what would be taken away, `~` what would be replaced, `=`
    what is there and stays, `?` what has to be decided, `!` what cannot be written, or would
    make a verdict weaker.

    Examples
    --------
    >>> describe(Plan(server="https://metadata.example.com", steps=()))
    ['nothing to do']
    """
    lines = [plan.summary()]
    for change in plan.model_steps:
        lines += ["", f"change {change.subject}, {change.version}", f"  ({change.reason})"]
        lines += [f"  {line}" for line in _model_lines(change)]
    for fed, steps in _by_what_is_fed(plan):
        lines += ["", f"{fed}: {_counted(steps)}"]
        for step in steps:
            lines += [f"  {_VERBS[step.action]} {step.subject}", f"    ({step.reason})"]
            lines += [f"    {line}" for line in _edge_lines(step)]
    if plan.clashes or plan.refused:
        lines.append("")
    lines += [f"? {clash}" for clash in plan.clashes]
    lines += [f"! {item.upstream} → {item.downstream}: {item.reason}" for item in plan.refused]
    return lines


def render_markdown(plan: Plan) -> str:
    """Write a plan as Markdown: the summary, then for each entity fed what would change.

    Names are in code blocks, where nothing is markup.

    Examples
    --------
    >>> print(render_markdown(Plan(server="https://metadata.example.com", steps=())))
    **Lineage plan** for `https://metadata.example.com`: nothing to do
    """
    lines = [f"**Lineage plan** for {_code(plan.server)}: {plan.summary()}"]
    for change in plan.model_steps:
        shown = list(map(_diff_line, _model_lines(change)))
        lines += ["", f"### {_code(change.subject)}: {change.version}", "", *_fenced(shown)]
    for fed, steps in _by_what_is_fed(plan):
        shown = [line for step in steps for line in _diff(step)]
        lines += ["", f"### {_code(fed)}: {_counted(steps)}", "", *_fenced(shown)]
    left = [f"{clash}" for clash in plan.clashes]
    left += [f"{item.upstream} → {item.downstream}: {item.reason}" for item in plan.refused]
    if left:
        lines += ["", "### To decide, or not written", "", *(f"- {_code(text)}" for text in left)]
    return "\n".join(lines)


def _by_what_is_fed(plan: Plan) -> Iterator[tuple[str, list[EdgeStep]]]:
    for fed, steps in groupby(plan.edge_steps, key=lambda step: step.downstream):
        yield str(fed), list(steps)


def _counted(steps: list[EdgeStep]) -> str:
    counts = (
        (sum(len(step.added) for step in steps), "add"),
        (sum(len(step.changed) for step in steps), "change"),
        (sum(len(step.removed) for step in steps), "remove"),
    )
    mappings = [f"{counted(number, 'mapping')} to {verb}" for number, verb in counts if number]
    return ", ".join([counted(len(steps), "edge"), *mappings])


def _model_lines(step: ModelStep) -> Iterator[str]:
    for fact in step.facts:
        before, after = fact.texts
        if fact.is_presence:
            yield f"{'+' if after else '-'} {fact.name}"
        else:
            yield _replaced(fact.name, before, after)
    yield from _weaker_lines(step)


def _edge_lines(step: EdgeStep) -> Iterator[str]:
    """Write what a step adds, takes away, replaces, leaves, and makes weaker."""
    yield from (f"+ {mapping_text(item)}" for item in step.added)
    yield from (f"- {mapping_text(item)}" for item in step.removed)
    yield from (f"~ {change_text(*both)}" for both in step.changed)
    for name, before, after in step.details:
        if (name, before, after) != ("recorded as", "", DRAWN):
            # Otherwise it is as the server records whatever says nothing else.
            yield _replaced(name, before, after)
    yield from (f"= {what}" for what in _kept(step.before, step.after))
    yield from _weaker_lines(step)


def _replaced(name: str, before: str, after: str) -> str:
    if not after:
        return f"- {name}: {before!r}"
    return f"~ {name}: {before!r} → {after!r}" if before else f"+ {name}: {after!r}"


def _weaker_lines(step: ModelStep | EdgeStep) -> Iterator[str]:
    yield from (f"! weaker: {item}" for item in step.weaker)


def _diff(step: EdgeStep) -> Iterator[str]:
    """Write a step as lines of a diff, which marks by `!` what is replaced or weaker."""
    yield f"@@ {_VERBS[step.action]} {step.subject} ({step.reason}) @@"
    yield from map(_diff_line, _edge_lines(step))


def _diff_line(line: str) -> str:
    mark, _, text = line.partition(" ")
    return f"{'!' if mark == '~' else ' ' if mark == '=' else mark} {text}"


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
    flat = escape(" ".join(text.split()))
    ticks = "`" * (1 + max((len(run) for run in _ticks(flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{ticks}{pad}{flat}{pad}{ticks}"


def _fenced(lines: list[str]) -> list[str]:
    """Put the lines of a diff into a fence of more backticks than they hold."""
    shown = [escape(" ".join(line.splitlines())) for line in lines]
    longest = max((len(run) for line in shown for run in _ticks(line)), default=0)
    fence = "`" * max(3, 1 + longest)
    return [f"{fence}diff", *shown, fence]


def _ticks(text: str) -> list[str]:
    return ["".join(group) for is_tick, group in groupby(text, "`".__eq__) if is_tick]
