from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from lineage.openmetadata.client import Client


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Make clients that are closed when the test is over."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Client(*args, **options))
