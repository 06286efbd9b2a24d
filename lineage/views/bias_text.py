"""Bias as text: nine questions, each with its answer, its evidence and what is not known."""

from collections.abc import Iterator

from lineage.governance.bias.bias import Bias
from lineage.governance.bias.questions import Question, Reply
from lineage.model.answer import counted
from lineage.model.edges import Path
from lineage.views.paths_text import path_lines
from lineage.views.terminal import printable

__all__ = ["ASKED", "render_bias"]

ASKED = {
    Question.USE: "Does a feature hold its value?",
    Question.INFLUENCE: "Does it decide which rows, groups or values there are?",
    Question.DERIVATION: "Does a feature hold something computed from it?",
    Question.PROXY: "Does something arrive that is declared to indicate it?",
    Question.SHARED_ANCESTOR: "Do a feature and it come from one table?",
    Question.DROPPED_UPSTREAM: "Was it there further up, and where was it last?",
    Question.TARGET: "Does the target come from it, or a feature from the target?",
    Question.AUDIT_BRANCH: "Is it at hand for testing, and kept apart from training?",
    Question.ASSOCIATION: "Has anybody measured how closely a proxy goes with it?",
}
"""The questions as people ask them."""


def render_bias(answer: Bias) -> str:
    """Write the replies to the nine questions as text.

    Examples
    --------
    >>> from lineage.governance.audit.audit import Verdict
    >>> from lineage.governance.bias.questions import Says
    >>> from lineage.model.reference import Reference
    >>> reply = Reply(question=Question.USE, says=Says.NO, words="No feature holds it.")
    >>> churn = Reference("mlmodel", "churn")
    >>> print(
    ...     render_bias(
    ...         Bias(
    ...             model=churn,
    ...             attribute="gender",
    ...             verdict=Verdict.NO_PATH,
    ...             replies=(reply,),
    ...             gaps=(),
    ...         )
    ...     )
    ... )
    churn and gender: no-path
    <BLANKLINE>
    Does a feature hold its value?
      no: No feature holds it.
    """
    lines = [printable(answer.summary())]
    shown: set[Path] = set()
    for reply in answer.replies:
        lines += ["", *_reply_lines(reply, shown)]
    return "\n".join(lines)


def _reply_lines(reply: Reply, shown: set[Path]) -> Iterator[str]:
    """Write a reply with its first path, unless that was shown; all are in the JSON."""
    yield ASKED[reply.question]
    yield f"  {reply.says}: {printable(reply.words)}"
    for path in reply.paths[:1]:
        if path in shown:
            yield f"    by a path shown above, to {printable(path.references[-1].fqn)}"
        elif path.hops:
            shown.add(path)
            yield from (f"  {line}" for line in path_lines(path))
    if len(reply.paths) > 1:
        yield f"    and {counted(len(reply.paths) - 1, 'more path')}, in the JSON"
    for gap in reply.gaps:
        yield f"    not known: {printable(str(gap))}"
