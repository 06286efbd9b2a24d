"""The documentation against the code; `python tests/test_docs.py` writes docs/cli.md anew."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from inspect import Parameter, getdoc, signature
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import pytest
from typer.models import ArgumentInfo, OptionInfo

import lineage
from lineage import errors
from lineage.catalog.entity_kinds import BY_COLLECTION
from lineage.catalog.routes import _ROUTES
from lineage.cli import VERBS, import_verb
from lineage.cli.options.verb_help import placeholder
from lineage.governance.audit.audit import Verdict
from lineage.masking.rules import CONDUCTING, RULES, ConductingRule, MaskingRule
from lineage.model.edges import Strength
from lineage.model.snapshot import GapKind
from lineage.openmetadata.endpoints import ENDPOINTS
from lineage.writes.step import Action, Result

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "lineage"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md"])
COMMAND_PAGE = DOCS / "cli.md"
MARK = "<!-- What follows is generated: python tests/test_docs.py -->\n\n"


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


class Word(NamedTuple):
    """An argument or option, as the function behind a verb declares it."""

    name: str
    type: Any
    default: Any
    declared: ArgumentInfo | OptionInfo

    @property
    def is_option(self) -> bool:
        return isinstance(self.declared, OptionInfo)

    @property
    def is_flag(self) -> bool:
        return self.type is bool

    @property
    def is_required(self) -> bool:
        return self.default is Parameter.empty

    @property
    def is_many(self) -> bool:
        return any(get_origin(kind) is list for kind in (self.type, *get_args(self.type)))


def verbs() -> dict[str, Callable[..., Any]]:
    return {name: import_verb(name) for name in VERBS}


def generated() -> str:
    """Write the reference from what the verbs declare, not from how a terminal shows it."""
    return "\n".join(line for verb, callback in verbs().items() for line in section(verb, callback))


def section(verb: str, callback: Callable[..., Any]) -> Iterator[str]:
    found = list(words(callback))
    usage = [value(item) for item in found if not item.is_option] + ["[OPTIONS]"]
    yield from (f"## {verb}", "", "```sh", " ".join(["lineage", verb, *usage]), "```", "")
    yield from (getdoc(callback) or "", "", "| argument or option | what it is |", "| --- | --- |")
    for item in sorted(found, key=lambda item: item.is_option):
        shown = f"{spelled(item)} {value(item)}".strip()
        yield f"| `{cell(shown)}` | {cell(explained(item))} |"
    yield ""


def words(callback: Callable[..., Any]) -> Iterator[Word]:
    hints = get_type_hints(callback, include_extras=True)
    for parameter in signature(callback).parameters.values():
        kind, declared = get_args(hints[parameter.name])
        yield Word(parameter.name, kind, parameter.default, declared)


def spelled(item: Word) -> str:
    """Give an option's names; an argument has none."""
    if not item.is_option:
        return ""
    # Typer takes the first name for a default until it builds the command.
    told = (item.declared.default, *(item.declared.param_decls or ()))
    names = [name for name in told if isinstance(name, str) and name.startswith("-")]
    return ", ".join(sorted(names, key=len) or [f"--{item.name.replace('_', '-')}"])


def value(item: Word) -> str:
    """Give what stands for the value; a flag has none."""
    if item.is_flag:
        return ""
    if item.is_option:
        return item.declared.metavar or placeholder(item.type)
    word = f"{item.declared.metavar or item.name.upper()}{'...' if item.is_many else ''}"
    return word if item.is_required else f"[{word}]"


def explained(item: Word) -> str:
    """Give the help of an argument or option, and what it is if it is not given."""
    declared = item.declared
    facts = [declared.help or ""]
    if declared.min is not None:
        facts.append(f"At least {declared.min}.")
    if item.is_option and item.is_many and "again" not in facts[0]:
        facts.append("May be given again.")
    names = [declared.envvar] if isinstance(declared.envvar, str) else declared.envvar or []
    if names:
        facts.append(f"If not given: {' or '.join(f'`{name}`' for name in names)}.")
    if not (item.is_required or item.is_flag or item.default is None):
        default = item.default if isinstance(item.default, list) else [item.default]
        facts.append(f"Default: {', '.join(f'`{text}`' for text in default)}.")
    return " ".join(facts)


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def modules() -> set[str]:
    return {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}


def links(page: Path) -> Iterator[str]:
    without_code = re.sub(r"```.*?```|`[^`\n]*`", "", text_of(page), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_command_reference_is_what_the_commands_say() -> None:
    _, mark, written = text_of(COMMAND_PAGE).partition(MARK)
    assert mark
    assert written == generated(), "write it anew: python tests/test_docs.py"


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_of_verbs_has_the_first_sentence_of_each(verb: str) -> None:
    first, _, _ = (getdoc(import_verb(verb)) or "").partition("\n\n")
    assert VERBS[verb] == " ".join(first.split())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_section(verb: str) -> None:
    assert f"\n## {verb}\n" in text_of(COMMAND_PAGE)


def test_every_variable_of_the_environment_is_reported() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("cli/*.py"))
    read = set(re.findall(r'"((?:OPENMETADATA|LINEAGE)_[A-Z_]+)"', code))
    assert [name for name in sorted(read) if f"`{name}`" not in text_of(COMMAND_PAGE)] == []


def test_every_public_name_is_reported() -> None:
    told = "\n".join(map(text_of, PAGES))
    assert [name for name in lineage.__all__ if not re.search(rf"\b{name}\b", told)] == []


@pytest.mark.parametrize(
    "path", [*PAGES, *sorted(PACKAGE.rglob("*.py"))], ids=lambda path: str(path.relative_to(ROOT))
)
def test_words_that_the_glossary_retires_are_not_used(path: Path) -> None:
    text = text_of(path).split("Words that these pages")[0]
    text = re.sub(r'"(told_by|tells_influences)\b', "", text)  # keys of former snapshots
    assert re.findall(r"(?i)(?<![a-z])(?:tells?|told|telling|knots?)(?![a-z])", text) == []


def test_every_error_is_reported() -> None:
    told = "\n".join(map(text_of, PAGES))
    named = [name for name in errors.__all__ if isinstance(getattr(errors, name), type)]
    assert [name for name in named if not re.search(rf"\b{name}\b", told)] == []


def test_the_architecture_names_every_room_and_no_other_module() -> None:
    page = text_of(DOCS / "architecture.md")
    rows = page.split("| room |")[1].split("\n\n")[0]
    named = set(
        re.findall(
            r"`(\w+)(?:/|\.py)`", "\n".join(row.split("|")[1] for row in rows.splitlines()[2:])
        )
    )
    assert named == {path.split("/")[0].removesuffix(".py") for path in modules()} - {
        "__init__",
        "__main__",
    }
    assert set(re.findall(r"`([\w/]+\.py)`", page)) <= modules()


@pytest.mark.parametrize("rule", [*RULES, *CONDUCTING], ids=lambda rule: rule.name)
def test_every_masking_rule_is_on_the_page(rule: MaskingRule | ConductingRule) -> None:
    rows = text_of(DOCS / "semantics.md").splitlines()
    row = next(row for row in rows if row.startswith(f"| {rule.name} |"))
    assert set(re.findall(r"`([^`]+)`", row)) == rule.functions
    assert rule.reason in row
    assert isinstance(rule, ConductingRule) or rule.caveat in row


@pytest.mark.parametrize("word", [*Verdict, *GapKind, *(item.label for item in Strength)])
def test_every_word_of_an_answer_is_explained(word: str) -> None:
    assert f"\n| `{word}` |" in text_of(DOCS / "semantics.md")


@pytest.mark.parametrize("word", [*Action, *Result])
def test_every_word_of_a_plan_is_explained(word: str) -> None:
    assert f"\n| `{word}` |" in text_of(DOCS / "writing.md")


def test_every_endpoint_of_the_catalog_is_on_the_page_and_no_other() -> None:
    page = text_of(DOCS / "catalog.md")
    told = re.findall(r"^\| `([A-Z]+ /\S+)` \|", page, flags=re.MULTILINE)
    assert sorted(told) == sorted(f"{route.method} {route.path}" for route in _ROUTES)
    assert [name for name in BY_COLLECTION if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), f"{link} is not there"
        assert not anchor or anchor in anchors(target), f"{link} has no such heading"


def test_every_list_that_is_read_stands_on_the_page_of_endpoints() -> None:
    page = (DOCS / "openmetadata.md").read_text(encoding="utf-8")
    for endpoint in ENDPOINTS.values():
        assert f"/{endpoint.collection}`" in page


if __name__ == "__main__":
    head = text_of(COMMAND_PAGE).partition(MARK)[0]
    COMMAND_PAGE.write_text(head + MARK + generated(), encoding="utf-8")
