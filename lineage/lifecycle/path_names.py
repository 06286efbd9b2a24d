"""Paths: the data sets that files and folders are."""

from urllib.parse import urlsplit

from lineage.lifecycle.facts import DatasetName

__all__ = ["path_name"]


def path_name(place: str, *, store: str = "file") -> DatasetName:
    """Name a file or folder by its store and its path there.

    Parameters
    ----------
    place : str
        An address or a path.
    store : str
        What holds it, where the place does not say.

    Examples
    --------
    >>> str(path_name("s3://lake/crm/churn.csv")), str(path_name("data/churn.csv"))
    ('s3://lake/crm/churn.csv', 'file/data/churn.csv')
    """
    parts = urlsplit(place)
    if parts.scheme in {"", "file"} or len(parts.scheme) == 1:  # the last is a drive of Windows
        return DatasetName(store or "file", parts.path or place)
    return DatasetName(f"{parts.scheme}://{parts.netloc}", parts.path.lstrip("/"))
