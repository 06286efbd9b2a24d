"""Protocol buffers, read back from what is written by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.lifecycle.protobuf import Message, NoMessage
from tests.lifecycle.wire import number, text


@given(st.integers(0, 2**63 - 1), st.text(max_size=300), st.integers(1, 5000))
def test_numbers_and_texts_are_read_back(value: int, words: str, field: int) -> None:
    message = Message(number(field, value) + text(field + 1, words))
    assert (message.number(field), message.text(field + 1)) == (value, words)
    assert message.fields == {field, field + 1}


def test_the_last_of_a_field_counts_and_a_list_has_all() -> None:
    message = Message(text(4, "a") + text(4, "b"))
    assert (message.text(4), message.texts(4)) == ("b", ("a", "b"))
    assert (message.number(1), message.content(2), message.texts(3)) == (0, b"", ())


def test_fixed_numbers_are_passed_over() -> None:
    message = Message(b"\x0d\x01\x02\x03\x04" + b"\x11" + b"x" * 8 + text(3, "c"))
    assert message.text(3) == "c"


@pytest.mark.parametrize(
    "content", [b"\x0a\x05ab", b"\x0d\x01", b"\x80", b"\x0b", b"\x08" + b"\xff" * 11]
)
def test_what_ends_too_early_or_is_of_no_known_form_is_no_message(content: bytes) -> None:
    with pytest.raises(NoMessage):
        assert Message(content).fields


def test_a_field_of_another_form_is_no_message() -> None:
    with pytest.raises(NoMessage):
        Message(number(1, 3)).text(1)
    with pytest.raises(NoMessage):
        Message(text(1, "x")).number(1)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        fields = Message(content).fields
    except NoMessage:
        return
    assert all(field >= 0 for field in fields)
