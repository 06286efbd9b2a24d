"""What `audit`, `bias` and `check` share: their options."""

from typing import Annotated

import typer

from lineage.governance.audit.sensitivity import SENSITIVE_TAGS

__all__ = ["REGISTER", "SuggestedOption", "TagOption", "WithoutDeletedOption"]

REGISTER = typer.Option(
    help="The register: a file of attributes and their proxies, .toml, .yaml or .json."
)
TagOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        help="A tag that makes data sensitive; * stands for anything. May be given again; "
        f"else {' and '.join(SENSITIVE_TAGS)}.",
        show_default=False,
    ),
]
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
