"""Sequences whose items are made when somebody looks at them."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

__all__ = ["Lazy"]

_Item = TypeVar("_Item", covariant=True)  # noqa: PLC0105  # it is an item, whatever it is of


class Lazy(Sequence[_Item]):
    """A sequence whose items are made when somebody looks at one.

    Parameters
    ----------
    make : callable
        Makes them.
    count : callable, optional
        Counts them, where that takes less than to make them.
    some : bool
        Whether there are any for sure, so that nothing has to be counted to know that.

    Examples
    --------
    >>> squares = Lazy(lambda: (0, 1, 4), count=lambda: 3)
    >>> len(squares), squares[1], squares == (0, 1, 4)
    (3, 1, True)
    """

    __slots__ = ("_count", "_items", "_make", "_some")

    def __init__(
        self,
        make: Callable[[], tuple[_Item, ...]],
        *,
        count: Callable[[], int] | None = None,
        some: bool = False,
    ) -> None:
        self._make, self._count, self._some = make, count, some
        self._items: tuple[_Item, ...] | None = None

    def _made(self) -> tuple[_Item, ...]:
        if self._items is None:
            self._items = self._make()
        return self._items

    def __len__(self) -> int:
        if self._items is None and self._count is not None:
            return self._count()
        return len(self._made())

    def __bool__(self) -> bool:
        return self._some or len(self) > 0

    @overload
    def __getitem__(self, place: int) -> _Item: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[_Item, ...]: ...
    def __getitem__(self, place: int | slice) -> _Item | tuple[_Item, ...]:
        return self._made()[place]

    def __iter__(self) -> Iterator[_Item]:
        return iter(self._made())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazy | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self._made())

    def __repr__(self) -> str:
        return repr(self._made())
