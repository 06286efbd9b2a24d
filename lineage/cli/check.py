"""`lineage check`: a policy as a gate."""

from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lineage.atomic_files import write_whole
from lineage.cli.options.audit_options import WithoutDeletedOption
from lineage.cli.options.catalog_option import EvidenceOption, Location, NoSqlOption, load_graph
from lineage.cli.options.output import show, width
from lineage.errors import BrokenFile, LineageError, did_you_mean
from lineage.governance.policy.check import check as check_policy
from lineage.governance.policy.check_report import Check, Status
from lineage.governance.policy.reading import make_policy
from lineage.governance.policy.rules import Policy
from lineage.graph.without_deleted import without_deleted as leave_out
from lineage.views.answer_table import render_table
from lineage.views.check.annotations import render_annotations
from lineage.views.check.check_markdown import render_check_markdown
from lineage.views.check.check_text import explain_rule, render_check
from lineage.views.check.junit import render_junit
from lineage.views.check.sarif import render_sarif
from lineage.views.records import render_csv, render_json

__all__ = ["CheckFormat", "check"]


class CheckFormat(StrEnum):
    """The forms a check can be printed in."""

    TEXT = "text"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    GITHUB = "github"


_COLUMNS = ("rule", "status", "target", "what", "not_known")

_RENDER: dict[CheckFormat, Callable[[Check], str]] = {
    CheckFormat.TEXT: render_check,
    CheckFormat.TABLE: lambda answer: render_table(answer, width=width(), columns=_COLUMNS),
    CheckFormat.JSON: render_json,
    CheckFormat.CSV: render_csv,
    CheckFormat.SARIF: render_sarif,
    CheckFormat.JUNIT: render_junit,
    CheckFormat.MARKDOWN: render_check_markdown,
    CheckFormat.GITHUB: render_annotations,
}
_EXIT = {Status.CLEAN: 0, Status.VIOLATED: 1, Status.UNKNOWN: 2}


def check(
    policy: Annotated[
        str,
        typer.Argument(
            help="A policy file, .toml, .yaml or .json, or the name of one that comes with "
            "the library: documentation, fairness, pii or special-categories."
        ),
    ],
    catalog: Location,
    *,
    form: Annotated[
        CheckFormat, typer.Option("--format", "-f", help="How to print what was found.")
    ] = CheckFormat.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write it to a file, and print the summary."),
    ] = None,
    evidence: EvidenceOption = None,
    no_sql: NoSqlOption = False,
    without_deleted: WithoutDeletedOption = False,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="RULE",
            help="Say what one rule means, what it selects now, and what it found.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Check a policy: nothing violated, and everything known.

    Exits with 0 if all is clean, with 1 if anything is violated that is not waived, and with
    2 if nothing is, but not everything is known; with `--explain`, for that rule alone.
    """
    rules = _read(policy)
    if explain is not None:
        _refuse_unknown(rules, explain)
    graph = load_graph(catalog, evidence=evidence, sql=not no_sql)
    if without_deleted:
        graph = leave_out(graph)
    answer = check_policy(graph, rules, today=datetime.now(UTC).date())
    text = _RENDER[form](answer) if explain is None else explain_rule(answer, explain)
    if output is None:
        show(text)
    else:
        write_whole(output, f"{text}\n".encode(errors="backslashreplace"))
        show(f"{output}: {answer.summary()}")
    status = answer.status if explain is None else _status_of(answer, explain)
    raise typer.Exit(_EXIT[status])


def _read(policy: str) -> Policy:
    """Read a policy by its file, or by its name where it is a ready one."""
    from lineage.files.document_file import READY_POLICIES, read_document, read_ready_policy
    from lineage.files.register_file import read_register

    if policy in READY_POLICIES:
        return make_policy(read_ready_policy(policy))
    if not Path(policy).suffix:
        hint = did_you_mean(get_close_matches(policy, READY_POLICIES, n=1))
        reason = f"is neither a policy file nor one of {', '.join(READY_POLICIES)}{hint}"
        raise BrokenFile(policy, reason)
    document = read_document(policy)
    named = document.content.get("register") if isinstance(document.content, dict) else None
    if not (isinstance(named, str) and named.strip()):
        return make_policy(document)
    return make_policy(document, register=read_register(Path(policy).parent / named.strip()))


def _refuse_unknown(policy: Policy, name: str) -> None:
    names = [rule.name for rule in policy.rules]
    if name not in names:
        hint = did_you_mean(get_close_matches(name, names, n=1))
        message = f"{policy.file} has no rule {name!r}, but {', '.join(names)}{hint}"
        raise LineageError(message)


def _status_of(answer: Check, name: str) -> Status:
    return next(result.status for result in answer.results if result.rule.name == name)
