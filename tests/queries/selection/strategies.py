"""Random selections for properties."""

from hypothesis import strategies as st

from lineage.queries.selection.expressions import (
    AllOf,
    AnyOf,
    Around,
    Between,
    Deleted,
    Ends,
    Having,
    Key,
    Named,
    Not,
    Selection,
    Walk,
)
from lineage.queries.selection.pattern import Pattern

__all__ = ["patterns", "selections"]

_PARTS = st.one_of(
    st.sampled_from(["a", "and", "or", "not", "roots", "3", "a+b", "@x", "a:b", "..", "🙂", 'q"q']),
    st.text(min_size=1, max_size=6),
)


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    """Draw names of up to three parts, some quoted though they need not be, some with stars."""
    parts = []
    for part in draw(st.lists(_PARTS, min_size=1, max_size=3)):
        quoted = '"' + part.replace('"', '""') + '"'
        parts.append(draw(st.sampled_from([quoted, quoted, "*", "b?", "c"])))
    return Pattern(".".join(parts))


def selections(terms: st.SearchStrategy[Pattern] | None = None) -> st.SearchStrategy[Selection]:
    """Draw selections of every form, nested a few deep."""
    words = patterns() if terms is None else terms
    kinds = st.sampled_from([None, "table", "mlmodel"])
    leaves = st.one_of(
        st.builds(Named, words, kinds),
        st.builds(Having, st.sampled_from(Key), words),
        st.just(Deleted()),
        st.builds(Ends, st.sampled_from(["roots", "sinks"])),
    )
    drawn: st.SearchStrategy[Selection] = leaves
    for _ in range(3):
        drawn = st.one_of(leaves, _combined(drawn))
    return drawn


def _combined(inner: st.SearchStrategy[Selection]) -> st.SearchStrategy[Selection]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    hops = st.one_of(st.none(), st.integers(0, 3))
    return st.one_of(
        st.builds(AllOf, several),
        st.builds(AnyOf, several),
        st.builds(Not, inner),
        st.builds(Between, inner, inner),
        st.builds(Around, inner),
        st.builds(Ends, st.sampled_from(["roots", "sinks"]), inner),
        st.tuples(inner, hops, hops)
        .filter(lambda drawn: drawn[1:] != (0, 0))
        .map(lambda drawn: Walk(*drawn)),
    )
