import json
from pathlib import Path

import pytest

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.cli import main
from lineage.cli.options.workflow_file import read_workflow
from lineage.errors import BrokenFile

WORKFLOW = """
source: {type: mlflow, serviceName: ml}
workflowConfig:
  openMetadataServerConfig:
    hostPort: http://om.example.com:8585/api
    authProvider: openmetadata
    securityConfig: {jwtToken: "${MY_TOKEN}"}
    extraHeaders: {X-Team: growth}
"""


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "ingest.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_server_and_its_token_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "secret")
    found = read_workflow(written(tmp_path, WORKFLOW))
    assert (found.host, found.token) == ("http://om.example.com:8585/api", "secret")
    assert found.connection.headers == (("X-Team", "growth"),)
    assert found.connection.verify
    assert "secret" not in repr(found)


def test_json_is_yaml_too_and_certificates_are_found(tmp_path: Path) -> None:
    server = {
        "hostPort": "https://om.example.com/api",
        "verifySSL": "validate",
        "sslConfig": {"caCertificate": "ca.pem", "sslCertificate": "own.pem", "sslKey": "k.pem"},
    }
    content = {"workflowConfig": {"openMetadataServerConfig": server}}
    connection = read_workflow(written(tmp_path, json.dumps(content))).connection
    assert (connection.ca_bundle, connection.certificate, connection.key) == (
        "ca.pem", "own.pem", "k.pem"
    )  # fmt: skip


def test_aliases_are_followed_as_other_readers_of_the_file_do(tmp_path: Path) -> None:
    text = WORKFLOW.replace("{X-Team: growth}", "&sent {X-Team: growth}") + "again: *sent\n"
    assert read_workflow(written(tmp_path, text)).connection.headers == (("X-Team", "growth"),)


def test_certificates_are_left_unchecked_only_where_the_file_says_so(tmp_path: Path) -> None:
    for word in ("ignore", "no-ssl"):
        text = WORKFLOW + f"    verifySSL: {word}\n"
        assert not read_workflow(written(tmp_path, text)).connection.verify


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [1,\nb: }", "line 2, column 4: is no YAML"),
        ("just text", "names no workflowConfig"),
        ("workflowConfig: {openMetadataServerConfig: 3}", "names no workflowConfig"),
    ],
)
def test_a_file_that_names_no_server_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BrokenFile, match=reason):
        read_workflow(written(tmp_path, text))


def test_a_missing_file_and_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be read"):
        read_workflow(str(tmp_path / "none.yaml"))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenFile, match="is no text"):
        read_workflow(str(tmp_path / "bytes.yaml"))


def test_a_workflow_file_stands_for_its_server(
    company_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Catalog(company_file) as catalog, start(catalog) as url:
        text = WORKFLOW.replace("http://om.example.com:8585/api", url)
        path = written(tmp_path, text.replace("${MY_TOKEN}", catalog.token))
        with pytest.raises(SystemExit) as ended:
            main(["coverage", "-c", path])
    assert ended.value.code == 0
    assert "mlflow.churn" in capsys.readouterr().out
