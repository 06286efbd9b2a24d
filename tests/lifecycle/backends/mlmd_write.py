"""Write an ML Metadata store as TFX writes one; run by an environment that has ml-metadata."""

import json
import sys
from pathlib import Path

from ml_metadata import metadata_store
from ml_metadata.proto import metadata_store_pb2 as mlmd

NAMES = ("Examples", "Schema", "Model", "PushedModel", "Dataset")
STEPS = ("CsvExampleGen", "BigQueryExampleGen", "SchemaGen", "Trainer", "Pusher", "Importer")


class Store:
    def __init__(self, path: str) -> None:
        config = mlmd.ConnectionConfig()
        config.sqlite.filename_uri = path
        self.store = metadata_store.MetadataStore(config)
        self.artifact_types = {
            name: self.store.put_artifact_type(mlmd.ArtifactType(name=name)) for name in NAMES
        }
        self.execution_types = {
            name: self.store.put_execution_type(mlmd.ExecutionType(name=name)) for name in STEPS
        }
        self.context_types = {
            name: self.store.put_context_type(mlmd.ContextType(name=name))
            for name in ("pipeline", "pipeline_run", "node")
        }
        self.contexts: dict[tuple[str, str], mlmd.Context] = {}

    def artifact(self, kind: str, uri: str, **properties: str) -> mlmd.Artifact:
        made = mlmd.Artifact(type_id=self.artifact_types[kind], uri=uri)
        made.state = mlmd.Artifact.LIVE
        for name, value in properties.items():
            made.custom_properties[name].string_value = value
        return made

    def run(
        self,
        step: str,
        run: str,
        inputs: list[mlmd.Artifact],
        outputs: list[mlmd.Artifact],
        **properties: str | int,
    ) -> None:
        execution = mlmd.Execution(type_id=self.execution_types[step])
        execution.last_known_state = mlmd.Execution.COMPLETE
        for name, value in properties.items():
            if isinstance(value, int):
                execution.custom_properties[name].int_value = value
            else:
                execution.custom_properties[name].string_value = value
        read = [(one, mlmd.Event(type=mlmd.Event.INPUT)) for one in inputs]
        made = [(one, mlmd.Event(type=mlmd.Event.OUTPUT)) for one in outputs]
        contexts = [
            self.context("pipeline", "churn_tfx"),
            self.context("pipeline_run", run),
            self.context("node", f"churn_tfx.{step}"),
        ]
        _, ids, _ = self.store.put_execution(execution, [*read, *made], contexts)
        for one, known in zip([*inputs, *outputs], ids, strict=True):
            one.id = known

    def context(self, kind: str, name: str) -> mlmd.Context:
        if (kind, name) not in self.contexts:
            made = mlmd.Context(type_id=self.context_types[kind], name=name)
            made.id = self.store.put_contexts([made])[0]
            self.contexts[kind, name] = made
        return self.contexts[kind, name]


def main(path: str, root: str) -> None:
    store = Store(path)
    schema_folder = Path(root) / "schema"
    schema_folder.mkdir(parents=True, exist_ok=True)
    (schema_folder / "schema.pbtxt").write_text(SCHEMA)
    for number in (1, 2):
        train(store, root, number)
    lonely = store.artifact("Model", f"{root}/lonely")
    lonely.name = "lonely"
    store.store.put_artifacts([lonely])


def train(store: Store, root: str, number: int) -> None:
    run = f"run-{number}"
    examples = store.artifact("Examples", f"{root}/examples/{number}")
    rows = store.artifact("Examples", f"{root}/rows/{number}")
    given = store.artifact("Dataset", "s3://lake/regions.parquet")
    schema = store.artifact("Schema", f"{root}/schema")
    model = store.artifact("Model", f"{root}/model/{number}")
    pushed = store.artifact("PushedModel", f"{root}/pushed", pushed_destination="/serving/churn")
    store.run("CsvExampleGen", run, [], [examples], input_base="s3://lake/people")
    query = "SELECT person, SUM(amount) AS spent FROM `acme.crm.orders` GROUP BY person"
    config = json.dumps({"splits": [{"name": "single", "pattern": query}]})
    store.run("BigQueryExampleGen", run, [], [rows], input_config=config)
    store.run("Importer", run, [], [given])
    store.run("SchemaGen", run, [examples], [schema])
    store.run(
        "Trainer",
        run,
        [examples, rows, given, schema],
        [model],
        train_args=json.dumps({"num_steps": 100 * number}),
        custom_config=json.dumps({"layers": 3}),
        module_path="trainer.py",
        seed=7,
    )
    store.run("Pusher", run, [model], [pushed])


SCHEMA = """\
feature {
  name: "age"
  type: INT
  presence { min_fraction: 1.0 }
}
feature {
  name: "address"
  type: STRUCT
  struct_domain { feature { name: "city" type: BYTES } }
}
string_domain { name: "city" value: "Rome" }
"""

main(*sys.argv[1:])
