"""Protocol buffers, read without their schema: the fields of a message, by number."""

from collections.abc import Iterator
from functools import cached_property

__all__ = ["Message", "NoMessage"]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class NoMessage(ValueError):  # noqa: N818  # a name that is a sentence needs no suffix
    """Bytes that are no message."""


class Message:
    r"""One message.

    Parameters
    ----------
    content : bytes

    Examples
    --------
    >>> message = Message(b"\x0a\x05churn\x12\x03\x0a\x01x\x18\x07")
    >>> message.text(1), message.number(3), message.message(2).text(1), message.text(9)
    ('churn', 7, 'x', '')
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def number(self, field: int) -> int:
        """Read a number; 0 where there is none."""
        value = self._last(field, 0)
        if not isinstance(value, int):
            raise NoMessage(field)
        return value

    def text(self, field: int) -> str:
        """Read a text; empty where there is none."""
        return self._bytes(self._last(field, b"")).decode("utf-8", "replace")

    def content(self, field: int) -> bytes:
        """Read bytes; empty where there are none."""
        return self._bytes(self._last(field, b""))

    def message(self, field: int) -> "Message":
        """Read a message; an empty one where there is none."""
        return Message(self.content(field))

    def messages(self, field: int) -> "Iterator[Message]":
        """Read every message of a list."""
        return (Message(self._bytes(value)) for value in self._fields.get(field, ()))

    def texts(self, field: int) -> tuple[str, ...]:
        """Read every text of a list."""
        values = map(self._bytes, self._fields.get(field, ()))
        return tuple(value.decode("utf-8", "replace") for value in values)

    def mapping(self, field: int) -> dict[str, str]:
        """Read a map from texts to texts."""
        return {entry.text(1): entry.text(2) for entry in self.messages(field)}

    @property
    def fields(self) -> frozenset[int]:
        """The numbers of its fields."""
        return frozenset(self._fields)

    def __contains__(self, field: int) -> bool:
        return field in self._fields

    def _last(self, field: int, default: int | bytes) -> int | bytes:
        return self._fields.get(field, [default])[-1]

    @staticmethod
    def _bytes(value: int | bytes) -> bytes:
        if not isinstance(value, bytes):
            raise NoMessage(value)
        return value

    @cached_property
    def _fields(self) -> dict[int, list[int | bytes]]:
        found: dict[int, list[int | bytes]] = {}
        at = 0
        while at < len(self._content):
            key, at = self._varint(at)
            value, at = self._value(key & 7, at)
            found.setdefault(key >> 3, []).append(value)
        return found

    def _value(self, wire: int, at: int) -> tuple[int | bytes, int]:
        if wire == _VARINT:
            return self._varint(at)
        if wire == _BYTES:
            length, at = self._varint(at)
        elif wire in {_FIXED32, _FIXED64}:
            length = 4 if wire == _FIXED32 else 8
        else:
            raise NoMessage(wire)
        if at + length > len(self._content):
            raise NoMessage(at)
        return self._content[at : at + length], at + length

    def _varint(self, at: int) -> tuple[int, int]:
        value = shift = 0
        while at < len(self._content) and shift < 70:
            byte = self._content[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                return value, at
        raise NoMessage(at)
