import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from lineage.errors import BrokenFile
from lineage.model.edges import Strength
from lineage.views.picture.diagram import Arrow, Box, Diagram, Row
from lineage.views.picture.figure import draw_diagram, write_figure
from lineage.views.picture.palette import EVIDENCE, FAINT, KIND_COLOURS, SENSITIVE
from tests.examples import examples

PEOPLE = Box(
    key="people",
    title="people",
    subtitle="hr.public",
    kind="table",
    rows=(Row(key="ssn", label="ssn", sensitive=True), Row(key="postcode", label="postcode")),
    hidden_rows=3,
)
AREAS = Box(
    key="areas",
    title="areas",
    subtitle="geo",
    kind="table",
    rows=(Row(key="income", label="income_band"),),
)
MODEL = Box(
    key="credit",
    title="credit_risk",
    subtitle="mlflow",
    kind="mlmodel",
    rows=(Row(key="income", label="area_income"),),
    hidden_rows=1,
)
JOIN = Arrow(
    upstream="people",
    upstream_row="postcode",
    downstream="areas",
    downstream_row="income",
    strength=Strength.INFLUENCE,
    label="join on postcode",
)
CARRY = Arrow(
    upstream="areas",
    upstream_row="income",
    downstream="credit",
    downstream_row="income",
    strength=Strength.VALUE,
)
KNOWN = Arrow(upstream="people", downstream="credit", strength=Strength.TABLE)
PICTURE = Diagram(
    boxes=(PEOPLE, AREAS, MODEL),
    arrows=(JOIN, CARRY, KNOWN),
    title="What feeds credit_risk",
    notes=("Read on 1 May.",),
    left_out=1234,
)
LIT = Diagram(
    boxes=PICTURE.boxes,
    arrows=(
        JOIN,
        Arrow(
            upstream="areas",
            upstream_row="income",
            downstream="credit",
            downstream_row="income",
            strength=Strength.MASKED,
            highlighted=True,
        ),
    ),
    title="The evidence",
)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def find(figure: Figure, words: str) -> Text:
    return next(text for text in figure.axes[0].texts if text.get_text() == words)


def patches(figure: Figure, *, fill: str | None = None, line: str | None = None) -> list[PathPatch]:
    found = [artist for artist in figure.axes[0].patches if isinstance(artist, PathPatch)]
    if fill:
        found = [patch for patch in found if to_hex(patch.get_facecolor()) == fill.lower()]
    if line:
        found = [patch for patch in found if to_hex(patch.get_edgecolor()) == line.lower()]
    return found


def test_a_picture_names_every_box_row_and_kind() -> None:
    shown = texts(draw_diagram(PICTURE))
    for words in ("people", "hr.public", "ssn", "postcode", "income_band", "credit_risk"):
        assert words in shown
    assert shown.count("table") == 2 + 1  # in two headers and in the legend


def test_hidden_rows_are_counted_as_columns_or_as_features() -> None:
    shown = texts(draw_diagram(PICTURE))
    assert "+ 3 more columns" in shown
    assert "+ 1 more feature" in shown


def test_title_notes_and_what_was_left_out_stand_around_the_drawing() -> None:
    figure = draw_diagram(PICTURE)
    title, note = find(figure, "What feeds credit_risk"), find(figure, "Read on 1 May.")
    left_out = find(figure, "1,234 left out of this picture")
    ys = [find(figure, words).get_position()[1] for words in ("people", "areas", "credit_risk")]
    assert title.get_position()[1] < min(ys)
    assert max(ys) < note.get_position()[1] < left_out.get_position()[1]
    assert title.get_position()[0] == note.get_position()[0] == left_out.get_position()[0]


def test_data_flows_from_left_to_right() -> None:
    figure = draw_diagram(PICTURE)
    xs = [find(figure, words).get_position()[0] for words in ("people", "areas", "credit_risk")]
    assert xs == sorted(xs)


def test_the_legend_explains_only_what_occurs() -> None:
    shown = texts(draw_diagram(PICTURE))
    assert "ML model" in shown
    assert "sensitive" in shown
    assert "influence: filter, join or group" in shown
    assert "table: columns not known" in shown
    for absent in ("pipeline", "masked: hidden by a function", "deleted", "evidence path"):
        assert absent not in shown


def test_the_evidence_path_is_thick_and_above_all_other_arrows() -> None:
    figure = draw_diagram(LIT)
    assert "evidence path" in texts(figure)
    (evidence,) = filter(dashed, patches(figure, line=EVIDENCE))
    (muted,) = filter(dashed, patches(figure, line=FAINT))
    assert evidence.get_zorder() > muted.get_zorder()
    assert evidence.get_linewidth() > 2 * muted.get_linewidth()


def dashed(patch: PathPatch) -> bool:
    return patch.get_linestyle() not in {"solid", "-"}


def test_boxes_off_the_evidence_path_step_back() -> None:
    assert len(patches(draw_diagram(PICTURE), fill=KIND_COLOURS["table"])) == 2 + 1
    lit = draw_diagram(LIT)
    assert len(patches(lit, fill=KIND_COLOURS["table"])) == 1 + 1
    assert find(lit, "people").get_color() == KIND_COLOURS["table"]


def test_what_is_sensitive_carries_a_shield_and_not_only_a_colour() -> None:
    figure = draw_diagram(PICTURE)
    assert texts(figure).count("!") == 1 + 1  # at the row and in the legend
    assert patches(figure, fill=SENSITIVE)


def test_a_deleted_box_says_so_and_is_hatched() -> None:
    gone = Box(key="gone", title="n" * 200, subtitle="", kind="table", deleted=True)
    figure = draw_diagram(Diagram(boxes=(gone,), arrows=(), title=""))
    (title,) = [words for words in texts(figure) if words.endswith("n (deleted)")]
    assert "…" in title
    assert any(patch.get_hatch() for patch in patches(figure))


def test_an_empty_diagram_says_that_there_is_nothing_to_draw() -> None:
    empty = Diagram(boxes=(), arrows=(), title="Upstream of x", notes=("x is a root.",))
    assert texts(draw_diagram(empty)) == ["Upstream of x", "x is a root.", "nothing to draw"]


HOSTILE = st.text(max_size=60) | st.sampled_from(["$x_1$", "$", 'a "b"', "\n", "x" * 300, "\\frac"])


@settings(max_examples=examples(25))
@given(HOSTILE, HOSTILE, HOSTILE)
def test_any_name_can_be_drawn_and_stays_in_its_box(title: str, row: str, kind: str) -> None:
    rows = (Row(key="r", label=row, sensitive=True),)
    shown = Box(key="1", title=title, subtitle=row, kind=kind, rows=rows, sensitive=True)
    loop = Arrow(upstream="1", downstream="1", strength=Strength.VALUE, label=kind)
    figure = draw_diagram(Diagram(boxes=(shown,), arrows=(loop,), title=title, notes=(row,)))
    (frame,) = (
        patch.get_window_extent()
        for patch in patches(figure, line=SENSITIVE)
        if patch.get_linewidth() > 1
    )
    for text in figure.axes[0].texts:
        extent = text.get_window_extent()
        room = frame if frame.y0 < (extent.y0 + extent.y1) / 2 < frame.y1 else figure.bbox
        assert room.x0 <= extent.x0
        assert extent.x1 <= room.x1


def test_dollars_are_not_taken_for_mathematics() -> None:
    priced = Box(key="1", title="$x_1$", subtitle="", kind="table")
    text = find(draw_diagram(Diagram(boxes=(priced,), arrows=(), title="")), "$x_1$")
    assert not text.get_parse_math()


def test_a_huge_diagram_is_scaled_down_as_a_whole() -> None:
    boxes = tuple(
        Box(
            key=f"{number:03}",
            title=f"table_{number}",
            subtitle="",
            kind="table",
            rows=tuple(Row(key=str(row), label=f"c{row}") for row in range(12)),
        )
        for number in range(150)
    )
    arrows = tuple(
        Arrow(upstream="000", downstream=box.key, strength=Strength.TABLE) for box in boxes[1:]
    )
    figure = draw_diagram(Diagram(boxes=boxes, arrows=arrows, title="A hub"))
    assert max(figure.get_size_inches()) == pytest.approx(60)
    assert float(find(figure, "table_7").get_fontsize()) < 9


@pytest.mark.parametrize(
    ("name", "magic"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.PDF", b"%PDF")]
)
def test_a_picture_is_written_as_its_suffix_says(tmp_path: Path, name: str, magic: bytes) -> None:
    write_figure(PICTURE, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(magic)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_figure_is_written_like_its_diagram(tmp_path: Path) -> None:
    write_figure(PICTURE, tmp_path / "diagram.svg")
    write_figure(draw_diagram(PICTURE), tmp_path / "figure.svg")
    assert (tmp_path / "diagram.svg").read_bytes() == (tmp_path / "figure.svg").read_bytes()


def test_an_svg_of_hostile_names_is_well_formed(tmp_path: Path) -> None:
    name = "]]> --> <script>alert(1)</script> & \x00 \ud800 \U0001f680"
    hostile = Box(key="1", title=name, subtitle=name, kind=name)
    write_figure(Diagram(boxes=(hostile,), arrows=(), title=name), tmp_path / "a.svg")
    root = ET.parse(tmp_path / "a.svg").getroot()  # noqa: S314 - the file is our own
    assert not [element for element in root.iter() if element.tag.endswith("script")]


@pytest.mark.parametrize("name", ["a.gif", "a", ".png", "a.svg.gz"])
def test_an_unknown_suffix_is_refused_by_naming_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(BrokenFile, match=r"a picture ends in \.png, \.svg or \.pdf"):
        write_figure(PICTURE, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(BrokenFile, match="cannot be written: No such file"):
        write_figure(PICTURE, tmp_path / "missing" / "a.png")


def test_what_cannot_be_replaced_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(BrokenFile, match="is a folder, where a file is to be written"):
        write_figure(PICTURE, tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_settings_of_the_user_change_nothing_and_are_left_as_they_were(tmp_path: Path) -> None:
    write_figure(PICTURE, tmp_path / "a.svg")
    own = {"svg.fonttype": "none", "savefig.bbox": "tight", "lines.scale_dashes": False}
    with mpl.rc_context(own):  # type: ignore[arg-type]
        write_figure(PICTURE, tmp_path / "b.svg")
        assert mpl.rcParams["svg.fonttype"] == "none"
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


SCRIPT = """
import sys
from lineage.model.edges import Strength
from lineage.views.picture.diagram import Arrow, Box, Diagram
from lineage.views.picture.figure import write_figure
boxes = tuple(Box(key=k, title=k, subtitle="", kind="table", deleted=k == "a") for k in "abcdef")
pairs = ("ab", "bc", "ca", "cd", "ad", "ae", "ff")
arrows = tuple(Arrow(upstream=u, downstream=d, strength=Strength.TABLE) for u, d in pairs)
for path in sys.argv[1:]:
    write_figure(Diagram(boxes=boxes, arrows=arrows, title="Twice"), path)
"""


@pytest.mark.slow
def test_the_same_diagram_gives_the_same_bytes_in_every_run(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        paths = [str(tmp_path / f"{seed}.{suffix}") for suffix in ("svg", "png", "pdf")]
        subprocess.run(
            [sys.executable, "-c", SCRIPT, *paths],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        )
    for suffix in ("svg", "png", "pdf"):
        first, second = (tmp_path / f"{seed}.{suffix}" for seed in ("1", "2"))
        assert first.read_bytes() == second.read_bytes()
