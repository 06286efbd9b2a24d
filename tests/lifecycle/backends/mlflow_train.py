"""Log and register models in a new MLflow store; run by an environment that has MLflow."""

import sys

import mlflow
import pandas as pd
from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.spark_dataset_source import SparkDatasetSource
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from sklearn.linear_model import LogisticRegression

PEOPLE = pd.DataFrame({"age": [30, 60, 41, 22], "city": [1, 2, 1, 2], "left": [0, 1, 0, 1]})
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec(DataType.long, "age"), ColSpec(DataType.string, "city")])
)


def main(store: str, artifacts: str) -> None:
    mlflow.set_tracking_uri(store)
    client = mlflow.MlflowClient()
    mlflow.set_experiment(experiment_id=client.create_experiment("churn", artifacts))
    for rounds in (10, 20):
        churn(rounds)
    client.set_registered_model_alias("churn", "champion", "1")
    client.set_registered_model_tag("churn", "tier", "gold")
    client.update_registered_model("churn", description="Who leaves.")
    spending()
    with mlflow.start_run():
        log("unsigned", None)
    client.create_registered_model("empty")


def churn(rounds: int) -> None:
    with mlflow.start_run():
        data = mlflow.data.from_pandas(PEOPLE, source="s3://lake/crm/people.csv", name="people")
        mlflow.log_input(data, context="training")
        other = mlflow.data.from_pandas(PEOPLE, source="s3://lake/crm/held_out.csv", name="held")
        mlflow.log_input(other, context="validation")
        mlflow.log_params({"rounds": rounds})
        mlflow.log_metric("auc", 0.9)
        mlflow.set_tag("team", "growth")
        log("churn", SIGNATURE)


def spending() -> None:
    """Log a table, a query, and data of which nothing says what it is."""
    schema = Schema([ColSpec(DataType.long, "age"), ColSpec(DataType.double, "spent")])
    query = "SELECT p.age, sum(o.amount) AS spent FROM crm.people p JOIN crm.orders o GROUP BY 1"
    with mlflow.start_run():
        table = SparkDatasetSource(table_name="shop.crm.people")
        mlflow.log_input(MetaDataset(table, name="people"), context="train")
        made = MetaDataset(SparkDatasetSource(sql=query), name="joined", schema=schema)
        mlflow.log_input(made, context="train")
        mlflow.log_input(mlflow.data.from_pandas(PEOPLE[["city"]], name="loose"))
        inputs = [ColSpec(DataType.long, "age"), ColSpec(DataType.double, "spent")]
        log("spending", ModelSignature(inputs=Schema(inputs)))


def log(name: str, signature: ModelSignature | None) -> None:
    fitted = LogisticRegression().fit(PEOPLE[["age", "city"]], PEOPLE["left"])
    place = {"name": "model"} if mlflow.__version__[0] != "2" else {"artifact_path": "model"}
    mlflow.sklearn.log_model(
        fitted,
        signature=signature,
        registered_model_name=name,
        pip_requirements=["scikit-learn"],
        **place,
    )


main(*sys.argv[1:])
