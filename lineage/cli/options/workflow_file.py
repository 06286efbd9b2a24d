"""A server as `metadata ingest` workflows name it: YAML or JSON with `openMetadataServerConfig`."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineage.errors import BrokenFile

if TYPE_CHECKING:
    from lineage.openmetadata.connection import Connection

__all__ = ["Workflow", "read_workflow"]


@dataclass(frozen=True, slots=True)
class Workflow:
    """The server a workflow names, and how it is reached."""

    host: str
    token: str = field(repr=False)
    connection: "Connection"


def read_workflow(path: str) -> Workflow:
    """Read the server out of a workflow file; `${NAME}` stands for a variable's value.

    Raises
    ------
    BrokenFile
        The file cannot be read, is no text of its form, or names no server.
    LineageError
        PyYAML is not installed.
    """
    from lineage.files.document_file import parse_content
    from lineage.files.text_file import read_text
    from lineage.openmetadata.connection import Connection

    text = os.path.expandvars(read_text(Path(path)))
    content = parse_content(text, name=path)
    server = _section(content, "workflowConfig", "openMetadataServerConfig")
    if not server.get("hostPort"):
        raise BrokenFile(path, "names no workflowConfig.openMetadataServerConfig.hostPort")
    certificates = _section(server, "sslConfig")
    headers = _section(server, "extraHeaders")
    return Workflow(
        host=str(server["hostPort"]),
        token=str(_section(server, "securityConfig").get("jwtToken") or ""),
        connection=Connection(
            verify=server.get("verifySSL", "validate") == "validate" or bool(certificates),
            ca_bundle=certificates.get("caCertificate"),
            certificate=certificates.get("sslCertificate"),
            key=certificates.get("sslKey"),
            headers=tuple((str(name), str(value)) for name, value in headers.items()),
            trust_environment=True,
        ),
    )


def _section(content: Any, *names: str) -> dict[str, Any]:
    """Go down into a file, section by section; an empty one where there is none."""
    for name in names:
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}
