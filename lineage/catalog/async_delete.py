"""Background: work that a server does after it has answered.

Here the work is done before the answer, which says no more than the server's would.
"""

import uuid

from lineage.catalog import entity_api
from lineage.catalog.answers import Answer, RefusalError
from lineage.catalog.context import Context
from lineage.catalog.path_parameters import kind_of, named
from lineage.catalog.requests import Request

__all__ = ["delete_later"]


def delete_later(context: Context, request: Request) -> Answer:
    """Answer `DELETE /{collection}/async/{id}`; a deletion that fails is not reported.

    Raises
    ------
    RefusalError
        The entity does not exist.
    """
    document = named(context, request, deleted=None)
    hard, recursive = request.flag("hardDelete"), request.flag("recursive")
    try:
        with context.store.savepoint():
            entity_api.delete(context, kind_of(request), document, hard=hard, recursive=recursive)
    except RefusalError:
        context.forget()
    message = f"Delete operation initiated for {document.body['name']}"
    asked = {"message": message, "hardDelete": hard, "recursive": recursive}
    return Answer(status=202, body={"jobId": str(uuid.uuid4()), **asked})
