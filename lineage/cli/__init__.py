"""The command line: one file per verb. The environment is read here and nowhere else.

A verb's file is imported when the verb is named: help and mistakes wait for none of them.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lineage.cli.options.verb_help import VerbHelp
from lineage.errors import LineageError
from lineage.garbage_collection import rare_collection

__all__ = ["VERBS", "app", "import_verb", "main"]

FAILED = 2

VERBS = {
    "demo": "Walk through the whole job on a made-up company.",
    "read": "Read a catalog, or systems of other kinds, into a snapshot file, gaps named.",
    "sources": "List the systems that `lineage plan --from` and `lineage read --from` can read.",
    "upstream": "Trace what an entity, a column or a feature comes from.",
    "downstream": "Trace what comes from an entity, a column or a feature.",
    "paths": "List the paths between two things, with their evidence.",
    "impact": "Say what changes break, before they are made, and who has to know.",
    "since": "Say what has changed in the sources of a model's features, and what that breaks.",
    "history": "List the versions of a model, what made each, and whether its number fits that.",
    "select": "List what a selection means, and what it cannot know.",
    "coverage": "List what models lack: sources, a dashboard, an owner.",
    "audit": "Find out which sensitive columns reach which models, and how.",
    "check": "Check a policy: nothing violated, and everything known.",
    "bias": "Ask whether a model is based on a protected attribute.",
    "evidence": "Lay evidence over the catalog, and list what was met and not used.",
    "diff": "Compare two readings: what came, what went, what changed.",
    "stale": "List edges and mappings to what is deleted or gone, and what may replace it.",
    "plan": "Plan what to write where the server lacks what models declare.",
    "apply": "Write what a plan intends, and read back what became of it.",
    "draw": "Draw what something comes from, or what comes from it.",
    "export": "Write lineage in the format of another program.",
    "compile": "Write what an engine needs for an audit as Parquet tables.",
    "serve": "Serve an embedded catalog, with OpenMetadata's API.",
}
"""Each verb, as its file in this folder is called, with the first sentence of its help."""


def import_verb(name: str) -> Callable[..., None]:
    """Import the function behind a verb, with its arguments and options, from the verb's file.

    Examples
    --------
    >>> import_verb("diff").__module__
    'lineage.cli.diff'
    """
    verb: Callable[..., None] = getattr(import_module(f"lineage.cli.{name}"), name)
    return verb


class _Verbs(TyperGroup):
    """Commands that know their name and one sentence; the one that is run is imported."""

    # Typer does not export the types of its own copy of click.
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        verb = typer.Typer(add_completion=False, rich_markup_mode=None)
        verb.command(cls=VerbHelp)(import_verb(str(name)))
        return name, typer.main.get_command(verb), rest


app = typer.Typer(
    name="lineage",
    cls=_Verbs,
    help="Trace, audit and write the lineage of ML models in OpenMetadata.",
    epilog="Exit codes: 0 fine, 1 something was found or not written, 2 unknown or failed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would show the token
    rich_markup_mode=None,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 120,  # of a wider terminal: longer lines are hard to read
    },
)

for _name, _sentence in VERBS.items():
    app.command(_name, help=_sentence, short_help=_sentence)(lambda: None)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        import lineage

        print(f"lineage {lineage.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Take what stands before a verb."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; each mistake of the user's is one line, never a traceback.

    Parameters
    ----------
    arguments : list of str, optional
        What stands after `lineage`; taken from the process unless given.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    try:
        with rare_collection():  # what a command imports and reads stays until it ends
            app(args=arguments)
    except LineageError as error:
        from lineage.cli.options.output import complain

        complain(error)
        raise SystemExit(FAILED) from None
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left must not complain either.
        sys.stderr.close()
        raise SystemExit(0) from None
