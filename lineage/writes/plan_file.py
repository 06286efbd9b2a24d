"""Plan files: a plan as versioned JSON, to be reviewed and applied later."""

import json
import os
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lineage.atomic_files import write_whole
from lineage.errors import BrokenFile
from lineage.writes.plan import Plan

__all__ = ["plan_from_json", "plan_to_json", "read_plan", "write_plan"]

_FORMAT = "lineage-plan"
_VERSION = 2
_PLAN = TypeAdapter(Plan)


def write_plan(plan: Plan, path: str | os.PathLike[str]) -> None:
    """Write a plan to a file, whole or not at all.

    Raises
    ------
    BrokenFile
        The file cannot be written there.
    """
    content = {"format": _FORMAT, "version": _VERSION, "plan": plan_to_json(plan)}
    write_whole(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan that `write_plan` wrote.

    Raises
    ------
    BrokenFile
        The file is missing, no plan, of an unknown version, or broken.
    """
    name = str(path)
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BrokenFile(name, f"cannot be read: {error.strerror or error}") from None
    except json.JSONDecodeError as error:
        raise BrokenFile(name, f"is no JSON: {error.msg}", line=error.lineno) from None
    except UnicodeDecodeError:
        raise BrokenFile(name, "is no text, so it is no plan") from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise BrokenFile(name, "is JSON, but no plan; `lineage plan --output` writes one")
    if content.get("version") != _VERSION:
        reason = f"is a plan of version {content.get('version')!r}; this library reads {_VERSION}"
        raise BrokenFile(name, reason)
    return plan_from_json(content.get("plan"), name)


def plan_to_json(plan: Plan) -> Any:
    """Spell a plan as JSON; what is as usual is left out."""
    return _PLAN.dump_python(plan, mode="json", exclude_defaults=True)


def plan_from_json(content: Any, name: str) -> Plan:
    """Read a plan from JSON.

    Parameters
    ----------
    name : str
        The file it stands in, for messages.

    Raises
    ------
    BrokenFile
        It is none.
    """
    try:
        return _PLAN.validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "plan"
        raise BrokenFile(name, f"{place}: {first['msg']}") from None
