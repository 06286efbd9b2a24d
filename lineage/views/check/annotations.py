"""The check of a policy as GitHub annotations: workflow commands on stdout."""

from collections.abc import Iterator

from lineage.governance.policy.check_report import Check, Status
from lineage.governance.policy.rules import Policy, Rule, Waiver
from lineage.views.terminal import printable

__all__ = ["render_annotations"]


def render_annotations(answer: Check) -> str:
    """Write what a check found as GitHub's workflow commands, which become annotations.

    A violation is an error, what is not known a warning, what is waived and what is said of
    the waivers a notice, each at its rule in the policy file; one that comes with the library
    is no file of the repository, and none is named. No name can end a command or begin another.

    Examples
    --------
    >>> from datetime import date
    >>> from lineage.governance.policy.rules import Policy
    >>> print(render_annotations(Check(Policy(name="No rules", rules=()), date(2026, 1, 1), ())))
    ::notice title=No rules%3A clean::0 rules, 0 violations, 0 waived, 0 not known
    """
    return "\n".join([*_commands(answer), _summary(answer)])


def _commands(answer: Check) -> Iterator[str]:
    policy = answer.policy
    for item in answer.violations:
        if item.waiver is None:
            yield _at_rule("error", policy, item.rule, item.message)
        else:
            waived = f"waived by {item.waiver.owner} until {item.waiver.expires}: {item.message}"
            yield _at_rule("notice", policy, item.rule, waived)
    for doubt in answer.doubts:
        where = "" if doubt.target is None else f"{doubt.target.fqn}: "
        message = f"not known: {where}{'; '.join(doubt.reasons)}"
        yield _at_rule("warning", policy, doubt.rule, message)
    for note in answer.notes:
        yield _command("notice", str(note), **_place(policy, note.waiver), title="waiver")


def _summary(answer: Check) -> str:
    level = {Status.VIOLATED: "error", Status.UNKNOWN: "warning"}.get(answer.status, "notice")
    title = f"{answer.policy.name}: {answer.status}"
    return _command(level, answer.summary().removeprefix(f"{title}; "), title=title)


def _at_rule(level: str, policy: Policy, rule: Rule, message: str) -> str:
    return _command(level, message, **_place(policy, rule), title=rule.name)


def _place(policy: Policy, item: Rule | Waiver) -> dict[str, str | int]:
    if policy.is_packaged:
        return {}
    return {"file": policy.file, "line": item.line, "col": item.column}


def _command(level: str, message: str, **properties: str | int) -> str:
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{level} {written}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
