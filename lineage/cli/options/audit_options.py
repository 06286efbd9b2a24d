"""What `audit`, `bias` and `check` share: their options."""

from typing import Annotated

import typer

__all__ = ["REGISTER", "SuggestedOption", "WithoutDeletedOption"]

REGISTER = typer.Option(
    help="The register: a file of attributes and their proxies, .toml, .yaml or .json."
)
SuggestedOption = Annotated[
    bool, typer.Option("--suggested", help="Count suggested and automatic labels too.")
]
WithoutDeletedOption = Annotated[
    bool,
    typer.Option(
        "--without-deleted",
        help="Let soft-deleted entities conduct nothing; what is downstream of them is not known.",
    ),
]
