"""Plan files: a plan as versioned JSON, to be reviewed and applied later."""

import json
import os
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lineage.atomic_files import write_whole
from lineage.errors import BrokenFile
from lineage.text_escapes import as_json
from lineage.writes.plan import Plan

__all__ = ["plan_from_json", "plan_to_json", "read_plan", "write_plan"]

_FORMAT = "lineage-plan"
_VERSION = 3
_PLAN = TypeAdapter(Plan)


def write_plan(plan: Plan, path: str | os.PathLike[str]) -> None:
    """Write a plan to a file, all of it or nothing.

    Raises
    ------
    BrokenFile
        The file cannot be written there.
    """
    content = {"format": _FORMAT, "version": _VERSION, "plan": plan_to_json(plan)}
    write_whole(path, (as_json(content, indent=1) + "\n").encode())


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan that `write_plan` wrote, of this version or the one before.

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
    except (ValueError, RecursionError):
        raise BrokenFile(
            name, "is JSON that no plan has: too deep, or too large a number"
        ) from None
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise BrokenFile(name, "is JSON, but no plan; `lineage plan --output` writes one")
    version = content.get("version")
    if version not in (_VERSION, 2):
        reason = f"is a plan of version {version!r}; this library reads 2 and {_VERSION}"
        raise BrokenFile(name, reason)
    return plan_from_json(content.get("plan"), name)


def plan_to_json(plan: Plan) -> Any:
    """Write a plan as JSON; what is as usual is left out."""
    return _PLAN.dump_python(plan, mode="json", exclude_defaults=True)


def plan_from_json(content: Any, name: str) -> Plan:
    """Read a plan from JSON.

    Before version 3 changes of models were in a list of their own; they are made first.

    Parameters
    ----------
    name : str
        The file it is from, for messages.

    Raises
    ------
    BrokenFile
        It is none.
    """
    if isinstance(content, dict) and isinstance(content.get("models"), list):
        steps = content.get("steps")
        joined = [*content["models"], *(steps if isinstance(steps, list) else [])]
        content = {key: value for key, value in content.items() if key != "models"}
        content["steps"] = joined
    try:
        return _PLAN.validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "plan"
        raise BrokenFile(name, f"{place}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise BrokenFile(name, "is no plan: too deep, or too large a number") from None
