"""How many examples a property draws."""

from hypothesis import settings

__all__ = ["examples"]

_LEAST = 5


def examples(number: int) -> int:
    """Return the number where the profile is `thorough`, as in `.ci/run`, else a tenth of it."""
    if settings().max_examples >= settings.get_profile("thorough").max_examples:
        return number
    return max(_LEAST, number // 10)
