"""What real tools wrote and answered, recorded once; answers are given again on loopback.

`python -m tests.lifecycle.recordings` records all anew, from the tools that the tests install.
"""

import json
import shutil
import sqlite3
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lineage.lifecycle.mlflow import read_mlflow
from tests.lifecycle.dbt_backend import build_project
from tests.lifecycle.feast_backend import write_registry
from tests.lifecycle.mlflow_backend import REQUIREMENTS, mlflow_backend
from tests.lifecycle.mlmd_backend import write_store
from tests.scripted_server import Reply, ScriptedServer, json_reply, scripted_server

RECORDED = Path(__file__).parent / "recorded"
_FOLDER = "{folder}"


def answers(name: str) -> dict[str, Reply]:
    """Read what was recorded: an answer for each request."""
    recorded = json.loads((RECORDED / f"{name}.json").read_text())
    return {asked: Reply(item["status"], item["body"].encode()) for asked, item in recorded.items()}


@contextmanager
def replayed(name: str) -> Iterator[ScriptedServer]:
    """Give recorded answers again, each to the request it was an answer to."""
    recorded = answers(name)

    def answer(method: str, path: str) -> Reply:
        missing = json_reply({"message": f"{method} {path} was not recorded"}, 404)
        return recorded.get(f"{method} {path}", missing)

    with scripted_server(answer) as server:
        yield server


@contextmanager
def recording(address: str, name: str) -> Iterator[str]:
    """Pass requests on to a server, and write down what it answers."""
    recorded: dict[str, dict[str, str | int]] = {}

    def answer(method: str, path: str) -> Reply:
        body = server.bodies[-1] or None
        asked = urllib.request.Request(f"{address}{path}", data=body, method=method)  # noqa: S310  # loopback
        asked.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(asked, timeout=60) as got:  # noqa: S310  # as above
                reply = Reply(got.status, got.read())
        except urllib.error.HTTPError as error:
            reply = Reply(error.code, error.read())
        recorded[f"{method} {path}"] = {"status": reply.status, "body": reply.body.decode()}
        return reply

    with scripted_server(answer) as server:
        yield server.url
    path = RECORDED / f"{name}.json"
    path.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")


def record_dbt() -> None:
    """Keep what dbt wrote of a project, without its own macros and who ran it."""
    with tempfile.TemporaryDirectory(prefix="dbt-") as folder:
        target = build_project(Path(folder))
        for name in ("manifest.json", "catalog.json"):
            content = json.loads((target / name).read_text())
            known = {"dbt_schema_version", "dbt_version", "adapter_type"}
            content["metadata"] = {
                key: value for key, value in content["metadata"].items() if key in known
            }
            for key in ("macros", "docs", "parent_map", "child_map"):
                content.pop(key, None)
            for node in content.get("nodes", {}).values():
                node.pop("root_path", None)
            path = RECORDED / "dbt" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def record_feast() -> None:
    with tempfile.TemporaryDirectory(prefix="feast-") as folder:
        shutil.copy(write_registry(Path(folder)), RECORDED / "feast_registry.db")


def record_mlmd() -> None:
    """Keep a store as SQL, with the folder that it names left open."""
    with tempfile.TemporaryDirectory(prefix="mlmd-") as folder:
        store = write_store(Path(folder))
        with closing(sqlite3.connect(store)) as connection:
            text = "\n".join(connection.iterdump()) + "\n"
    (RECORDED / "mlmd.sql").write_text(text.replace(folder, _FOLDER))


def restored_mlmd(folder: Path) -> Path:
    """Make the recorded store again, in a folder."""
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection:
        text = (RECORDED / "mlmd.sql").read_text()
        connection.executescript(text.replace(_FOLDER, str(folder)))
    schema = folder / "pipeline_root" / "schema" / "schema.pbtxt"
    schema.parent.mkdir(parents=True)
    schema.write_text('feature {\n  name: "age"\n  type: INT\n}\n')
    return folder / "store.sqlite"


def record_mlflow() -> None:
    for major in REQUIREMENTS:
        with (
            tempfile.TemporaryDirectory(prefix="mlflow-") as folder,
            mlflow_backend(major, Path(folder)) as address,
            recording(address, f"mlflow{major}") as url,
        ):
            read_mlflow(url)


if __name__ == "__main__":
    record_dbt()
    record_feast()
    record_mlmd()
    record_mlflow()
