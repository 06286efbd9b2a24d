"""Random expressions over a table `people` with the columns `secret`, `other` and `k`.

They are made of functions that hide, pass on, show or bring back, and now and then of what dialects
read differently: literals in every quoting, comments, clauses. Few are SQL of every dialect.
"""

from hypothesis import strategies as st

__all__ = ["HIDING", "expressions", "mutilated", "quotings"]

HIDING: dict[str, tuple[range, frozenset[int]]] = {
    "md5": (range(1, 2), frozenset({0})),
    "sha1": (range(1, 2), frozenset({0})),
    "sha256": (range(1, 2), frozenset({0})),
    "sha2": (range(1, 3), frozenset({0})),
    "standard_hash": (range(1, 3), frozenset({0})),
    "digest": (range(2, 3), frozenset({0})),
    "hashbytes": (range(2, 3), frozenset({1})),
    "hash_sha256": (range(1, 6), frozenset(range(5))),
    "hmac_sha256": (range(2, 3), frozenset({0, 1})),
    "hmac": (range(2, 4), frozenset({0, 1, 2})),
    "encrypt": (range(1, 5), frozenset({0})),
    "aes_encrypt": (range(2, 5), frozenset({0})),
    "aes_encrypt_mysql": (range(3, 5), frozenset({1})),
    "encryptbykey": (range(2, 5), frozenset({1, 3})),
    "pgp_sym_encrypt": (range(2, 4), frozenset({0})),
    "fpe_encrypt": (range(4, 5), frozenset({0})),
}
"""By the documentation of the products: how many arguments there may be, and which are hidden."""

_SHOWING = (
    *("lower", "upper", "concat", "concat", "coalesce", "nullif", "hex", "substr", "length"),
    *("count", "count", "approx_count_distinct", "min", "max", "count_if", "reverse", "mask"),
    *("clean_up", "decrypt", "aes_decrypt"),
)
_CLAUSES = (
    *("({})", "cast({} as text)", "{} || {}", "{}, {}", "{} = {}", "{} {}", "distinct {}", "[{}]"),
    *("case when {} = {} then 1 end", "count(distinct {})", "count({} is null or {} = 'a')"),
    *("(select {})", "{} as x", "struct({} as x)", "min({}) filter (where {} = 'a')"),
)
_NAMES = ("secret", "people.secret", "other", "k")
_QUOTED_NAMES = ('"secret"', "[secret]", "`secret`", '"other"')
_LITERALS = ("'a'", "1", "null", "'it''s'", "'a, b'", "'('", "')'", "''", "-2.5", "true")
_ODD_LITERALS = (
    *("'\\'", "'\\\\'", "'a\\b'", "E'\\''", "r'\\'", "'''a'''", "''''", '"it\'s"', "'--'", "'/*'"),
    *("$$a$$", "$t$ ' $t$", "q'[it's]'", "N'a'", "b'a'", "x'41'", "_utf8'a'", "date '2020-01-01'"),
)
_ODD_SPACES = (" ", "\n", "/* it */", "-- it\n", "# it\n", "/* /* it */ */", "--", "/*")
_QUOTES = (
    *("'", "'", "'a", "''", "'a'", '"', "`", "$$", "$t$", "\\", "\\'", "E'", "r'", "q'[", "]'"),
    *("'''", '"" "', "-- ", "--", "/*", "*/", "\n", "[", "]", "a", ",", "1", "secret", "'--'"),
)
_SIGNS = (*"'\"`[](){}$-/*#\\,|;:.= \n", "--", "/*", "*/", "''", "$$", "")


def _any_of(*groups: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Draw from several lists, from the first most often."""
    weights = [group for place, group in enumerate(groups) for _ in range(2 ** (3 - place))]
    return st.sampled_from(weights).flatmap(st.sampled_from)


def expressions(*, odd: bool = True) -> st.SearchStrategy[str]:
    """Draw an expression; one that is not odd has nothing that dialects read differently."""
    names = _any_of(_NAMES, _QUOTED_NAMES) if odd else st.sampled_from(_NAMES)
    literals = _any_of(_LITERALS, _ODD_LITERALS) if odd else st.sampled_from(_LITERALS)
    spaces = _any_of(("",), ("",), ("",), _ODD_SPACES) if odd else st.just("")

    def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        hiding = st.sampled_from([*HIDING]).flatmap(lambda name: _hiding(name, inner, spaces))
        showing = _calls(st.sampled_from(_SHOWING), inner, range(1, 3), spaces)
        clauses = st.builds(str.format, st.sampled_from(_CLAUSES), inner, inner)
        return hiding | hiding | hiding | _masks(inner) | showing | (clauses if odd else showing)

    return st.recursive(names | names | literals, around, max_leaves=8)


def _hiding(
    name: str, inner: st.SearchStrategy[str], spaces: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    spelled = st.sampled_from([*[name] * 12, f'"{name}"', f"main.{name}", name.upper()])
    counts, _ = HIDING[name]
    return _calls(spelled, inner, counts, spaces)


def _masks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sign = st.sampled_from(["'X'", "'X'", "'*'", "'*'", "null", "'XX'", "other"])
    return st.builds("mask({}, {}, {}, {}, {})".format, inner, sign, sign, sign, sign)


def _calls(
    names: st.SearchStrategy[str],
    inner: st.SearchStrategy[str],
    counts: range,
    spaces: st.SearchStrategy[str],
) -> st.SearchStrategy[str]:
    """Draw calls, now and then with an argument too many."""
    arguments = st.lists(inner, min_size=counts.start, max_size=max(counts.stop - 1, 2))
    return st.builds("{}{}({})".format, names, spaces, arguments.map(", ".join))


def quotings() -> st.SearchStrategy[str]:
    """Draw an expression in which quotes and comments may take the value in or leave it out."""
    around = st.lists(st.sampled_from(_QUOTES), min_size=1, max_size=3).map("".join)
    return st.builds("concat({}, md5(other), {}, secret, {})".format, around, around, around)


@st.composite
def mutilated(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """Draw a text and put a sign or two into it, or take some out, anywhere."""
    text = draw(texts)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(text)))
        after = place + draw(st.integers(0, 1))
        text = text[:place] + draw(st.sampled_from(_SIGNS)) + text[after:]
    return text
