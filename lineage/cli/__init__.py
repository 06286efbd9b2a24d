"""The command line: one file per verb. The environment is read here and nowhere else."""

import sys

import typer

from lineage.cli import (
    apply,
    audit,
    bias,
    check,
    compile,  # noqa: A004  # the verb
    coverage,
    demo,
    diff,
    downstream,
    draw,
    evidence,
    export,
    impact,
    paths,
    plan,
    read,
    select,
    serve,
    sources,
    stale,
    upstream,
)
from lineage.cli.options.output import complain
from lineage.errors import LineageError

__all__ = ["app", "main"]

FAILED = 2

app = typer.Typer(
    name="lineage",
    help="Trace, audit and write the lineage of ML models in OpenMetadata.",
    epilog="Exit codes: 0 fine, 1 something was found or not written, 2 unknown or failed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with local variables would show the token
    rich_markup_mode=None,
)

for _verb in (
    demo.demo,
    read.read,
    sources.sources,
    upstream.upstream,
    downstream.downstream,
    paths.paths,
    impact.impact,
    select.select,
    coverage.coverage,
    audit.audit,
    check.check,
    bias.bias,
    evidence.evidence,
    diff.diff,
    stale.stale,
    plan.plan,
    apply.apply,
    draw.draw,
    export.export,
    compile.compile,
    serve.serve,
):
    app.command()(_verb)


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
        app(args=arguments)
    except LineageError as error:
        complain(error)
        raise SystemExit(FAILED) from None
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is left must not complain either.
        sys.stderr.close()
        raise SystemExit(0) from None
