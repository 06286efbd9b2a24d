"""A real dbt project, built by dbt on DuckDB."""

import shutil
from pathlib import Path

from tests.lifecycle.environments import environment

PROJECT = Path(__file__).parent / "dbt_project"


def build_project(folder: Path) -> Path:
    """Build the project and document it, and return its target folder."""
    made = environment("dbt", "dbt-core==1.9.*", "dbt-duckdb==1.9.*")
    project = folder / "shop"
    shutil.copytree(PROJECT, project)
    for verb in (("build",), ("docs", "generate")):
        made.run("dbt", *verb, "--profiles-dir", ".", cwd=project, SHOP_WAREHOUSE="shop.duckdb")
    return project / "target"
