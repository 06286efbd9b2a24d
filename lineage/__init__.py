"""Trace, audit and write the lineage of ML models in OpenMetadata, as a NetworkX graph.

The public names are listed in `__init__.pyi`. Each is imported when it is first named, so that
importing the library stays light.
"""

from typing import Any

from lazy_loader import attach_stub

_load, __dir__, __all__ = attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    """Load a public name, or look up the version, when it is first asked for (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("mlmodel-lineage")
    return _load(name)
