from itertools import combinations

import pytest
from matplotlib.colors import to_rgb

from lineage.model.edges import Strength
from lineage.views.picture.palette import (
    DASHES,
    EVIDENCE_TINT,
    INK,
    KIND_COLOURS,
    PAPER,
    QUIET,
    SENSITIVE,
    SENSITIVE_TINT,
    tint,
)

READABLE = [
    *((PAPER, colour) for colour in KIND_COLOURS.values()),
    *((colour, tint(colour)) for colour in KIND_COLOURS.values()),
    *((text, ground) for text in (INK, QUIET) for ground in (PAPER, SENSITIVE_TINT, EVIDENCE_TINT)),
    (PAPER, SENSITIVE),
]


@pytest.mark.parametrize(("text", "ground"), READABLE)
def test_text_is_readable_on_its_ground(text: str, ground: str) -> None:
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Follow the definition of relative luminance in WCAG 2."""
    parts = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in to_rgb(colour))
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def test_every_strength_has_dashes_of_its_own() -> None:
    assert set(DASHES) == set(Strength)
    assert all(one != other for one, other in combinations(DASHES.values(), 2))
