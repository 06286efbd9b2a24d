"""What is called hidden is executed with two values: nothing of either may get into the result.

Each function that hides is put in place by the worst that its documentation allows: it shows every
argument that is not hidden, and makes a constant of those that are. An expression that hides then
gives the same, whatever the value is. SQLite and DuckDB judge where strings and comments end.
"""

import sqlite3
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from hypothesis import example, given, settings

from lineage.masking.find_rule import find_rule
from tests.examples import examples
from tests.masking.expressions import HIDING, expressions, mutilated, quotings

SECRETS = ("Anna-77 \uc548", "Emil-38 \ubbfc")  # alike in length and in where capitals are
Rows = list[tuple[Any, ...]] | None
Ask = Callable[[str], Rows]


def is_hidden(text: str) -> bool:
    return find_rule(text, columns=["people.secret"]) is not None


def worst(name: str) -> Callable[..., str]:
    counts, places = HIDING[name]

    def shown(*arguments: object) -> str:
        kept = places if len(arguments) in counts else ()
        return name + "".join(str(item) for at, item in enumerate(arguments) if at not in kept)

    return shown


def mask(value: object, *by: object) -> str:
    """Mask as Databricks documents it: what nothing replaces is kept.

    Which letters were capitals may still show: that is no value, and what is computed from one may
    have them elsewhere.
    """
    capital, small, digit, other = (*by, *("X", "x", "n", None)[len(by) :])[:4]
    signs = {"capital": capital, "small": small, "digit": digit, "other": other}
    return "".join("*" if signs[kind] else letter for letter, kind in map(_kind, str(value)))


def _kind(letter: str) -> tuple[str, str]:
    if letter.isdigit():
        return letter, "digit"
    return letter, "capital" if letter.isupper() else "small" if letter.islower() else "other"


def as_is(*arguments: object) -> str:
    return "".join(map(str, arguments))


class CountIf:
    def __init__(self) -> None:
        self.found = 0

    def step(self, *arguments: object) -> None:
        self.found += bool(arguments[0])

    def finalize(self) -> int:
        return self.found


def in_sqlite(secret: str) -> Ask:
    connection = sqlite3.connect(":memory:")
    for name in HIDING:
        connection.create_function(name, -1, worst(name))
    for name in ("clean_up", "decrypt", "aes_decrypt", "concat", "reverse"):
        connection.create_function(name, -1, as_is)
    connection.create_function("mask", -1, mask)
    connection.create_aggregate("count_if", -1, CountIf)
    connection.execute("create table people (secret, other, k)")
    connection.execute("insert into people values (?, 'other', 'key')", [secret])

    def ask(text: str) -> Rows:
        try:
            return connection.execute(f"select\n{text}\nfrom people").fetchall()
        except (sqlite3.Error, sqlite3.Warning):
            return None

    return ask


def in_duckdb(secret: str) -> Ask:
    connection = duckdb.connect()
    for name, (counts, places) in HIDING.items():
        forms = [_macro(name, number, places) for number in counts]
        connection.execute(f"create macro {name} {', '.join(forms)}")
    for name in ("clean_up", "decrypt", "aes_decrypt"):
        connection.execute(f"create macro {name} (a) as a, (a, b) as a || b")
    connection.execute("create table people (secret text, other text, k text)")
    connection.execute("insert into people values (?, 'other', 'key')", [secret])

    def ask(text: str) -> Rows:
        try:
            rows: Rows = connection.execute(f"select\n{text}\nfrom people").fetchall()
        except duckdb.Error:
            return None
        return rows

    return ask


def _macro(name: str, number: int, places: frozenset[int]) -> str:
    parameters = [f"a{place}" for place in range(number)]
    shown = [f"a{place}::text" for place in range(number) if place not in places]
    return f"({', '.join(parameters)}) as {' || '.join([repr(name), *shown])}"


@pytest.fixture(scope="module", params=[in_sqlite, in_duckdb])
def pair(request: pytest.FixtureRequest) -> tuple[Ask, Ask]:
    one, other = map(request.param, SECRETS)
    return one, other


def differs(pair: tuple[Ask, Ask], text: str) -> bool:
    one, other = (ask(text) for ask in pair)
    return one is not None and other is not None and one != other


@settings(max_examples=examples(800), deadline=None)
@given(expressions())
@example("concat(md5(secret), mask(secret, '*', '*', '*', '*'))")
@example("concat(md5(secret), mask(secret, '*', '*', '*', null))")
@example("mask(aes_encrypt_mysql(hex(secret), secret, secret), '*', 'X', 'X', 'X')")
@example("count(secret = 'Anna-77 \uc548' or null)")
def test_what_hides_gives_the_same_for_every_value(pair: tuple[Ask, Ask], text: str) -> None:
    assert not (is_hidden(text) and differs(pair, text)), text


@settings(max_examples=examples(800), deadline=None)
@given(mutilated(expressions(odd=False)) | quotings())
@example("concat('\\', md5(other), secret, '\\')")
@example("concat($$', $$, md5(secret), secret, $$'$$)")
def test_no_quote_or_comment_hides_what_shows(pair: tuple[Ask, Ask], text: str) -> None:
    assert not (is_hidden(text) and differs(pair, text)), text


def test_the_engines_see_what_shows(pair: tuple[Ask, Ask]) -> None:
    shown = (
        "lower(secret)",
        "concat(md5(secret), secret)",
        "encrypt('a', secret)",
        "decrypt(secret)",
    )
    assert all(differs(pair, text) for text in shown)
    same = ("md5(secret)", "count(secret)", "encrypt(secret, 'k')", "hashbytes('a', secret)")
    assert not any(differs(pair, text) for text in same)
    assert all(ask(text) is not None for ask in pair for text in (*shown, *same))
