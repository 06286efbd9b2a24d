"""The section of an audit pack on a protected attribute: nine questions, each answered."""

from lineage.governance.bias.bias import Bias
from lineage.governance.bias.questions import Reply
from lineage.views.bias_text import ASKED
from lineage.views.pack.document import Cell, Code, Section, Table

__all__ = ["ask_questions"]

_SHOWN = 2
"""So many paths of an answer are shown; all of them are in the JSON."""


def ask_questions(answer: Bias) -> Section:
    """Compose the section of a model and a protected attribute.

    Examples
    --------
    >>> from lineage.governance.audit.audit import Verdict
    >>> from lineage.model.reference import Reference
    >>> churn = Reference("mlmodel", "churn")
    >>> answer = Bias(model=churn, attribute="sex", verdict=Verdict.NO_PATH, replies=(), gaps=())
    >>> ask_questions(answer).title
    'Nine questions about sex'
    """
    header = ("question", "answer", "in words", "evidence", "not known")
    intro = (
        "One yes or no would mislead: each question has an answer of its own. Nothing was "
        "measured, and what the register does not declare was not looked for."
    )
    rows = tuple(map(_row, answer.replies))
    return Section(
        f"Nine questions about {answer.attribute}", "questions", (intro, Table(header, rows))
    )


def _row(reply: Reply) -> tuple[Cell, ...]:
    paths: tuple[Cell, ...] = tuple(Code(str(path)) for path in reply.paths[:_SHOWN] if path.hops)
    if len(reply.paths) > _SHOWN:
        paths = (*paths, f"and {len(reply.paths) - _SHOWN:,} more, in the JSON")
    gaps = tuple(str(gap) for gap in reply.gaps[:_SHOWN])
    if len(reply.gaps) > _SHOWN:
        gaps = (*gaps, f"and {len(reply.gaps) - _SHOWN:,} more, in the JSON")
    return ASKED[reply.question], reply.says, reply.words, paths, gaps
