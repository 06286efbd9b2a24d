"""pyarrow, which reading and writing Parquet takes, or one line that says how to get it."""

from lineage.errors import LineageError

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
except ModuleNotFoundError:
    MISSING = "Parquet tables take pyarrow: pip install 'mlmodel-lineage[parquet]'"
    raise LineageError(MISSING) from None

__all__ = ["pa", "pc", "pq"]
