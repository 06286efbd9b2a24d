import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.textpath import text_to_path

from lineage.views.picture.text_metrics import Face, font, legible, shorten, width, wrap

FACE = Face(8)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain_name", "plain_name"),
        ("Größe — Δ", "Größe — Δ"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x00\x1b[31m", "\\u{0}\\u{1B}[31m"),
        ("\u202egnp.exe", "\\u{202E}gnp.exe"),
        ("two\u00a0words", "two\\u{A0}words"),
        ("\ud800", "\\u{D800}"),
        ("rocket \U0001f680", "rocket \\u{1F680}"),
    ],
)
def test_what_cannot_be_seen_or_drawn_is_escaped(name: str, shown: str) -> None:
    assert legible(name) == shown


@given(st.text(max_size=40), st.sampled_from([Face(8), Face(8, is_bold=True)]))
def test_no_name_can_hold_a_glyph_that_is_missing(name: str, face: Face) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text_to_path.get_text_path(font(face), legible(name))


@given(st.text(min_size=1, max_size=60), st.floats(20, 200))
def test_a_shortened_name_fits_and_keeps_both_ends(name: str, limit: float) -> None:
    shown = legible(name)
    short = shorten(shown, limit, FACE)
    assert width(short, FACE) <= limit or short == "…"
    if short != shown:
        head, tail = short.split("…", 1) if "…" not in shown else (short[:1], "")
        assert short == "…" or shown.startswith(head)
        assert shown.endswith(tail)


def test_an_escape_is_never_cut_in_two() -> None:
    short = shorten(legible("\U0001f680" * 9), 120, FACE)
    assert short == "\\u{1F680}…\\u{1F680}"


def test_lines_break_at_spaces_and_long_words_are_shortened() -> None:
    lines = wrap("a few words and " + "x" * 99, 90, FACE)
    assert lines[0] == "a few words and"
    assert "…" in lines[1]
    assert all(width(line, FACE) <= 90 for line in lines)
