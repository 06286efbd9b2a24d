"""What a snapshot says when the way to the server is bad, the server is, or it changes.

Snapshots are compared but for `read_at`, which is the time, `server`, which is the proxy's
address, and `left_out`: the graph API shows edges at the pipeline that carries them, which
are counted there, so that count grows with what the search index failed to tell.
"""

import base64
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lineage.catalog.server import start
from lineage.catalog.wsgi import Catalog
from lineage.errors import (
    AccessRefused,
    LineageError,
    NotOpenMetadata,
    RequestFailed,
    ServerUnreachable,
)
from lineage.governance.audit.audit import Verdict, audit
from lineage.graph.build import build_graph
from lineage.model.reference import Reference
from lineage.model.snapshot import Gap, GapKind, Snapshot
from lineage.openmetadata.client import Client
from lineage.openmetadata.connection import Connection
from lineage.openmetadata.read_since import read_since
from lineage.openmetadata.read_upstream import read_upstream
from lineage.openmetadata.reader import read
from lineage.openmetadata.retry import Retry
from tests.examples import examples
from tests.fault_proxy import (
    HTML,
    Asked,
    Fault,
    FaultProxy,
    Schedule,
    answered,
    cut_short,
    dropped,
    edited,
    fault_proxy,
    limited,
    mixed_up,
    pages_of,
    repeated,
    reset,
    trickled,
    truncated,
    with_headers,
)
from tests.openmetadata.conftest import carriers

Way = Literal["index", "database", "upstream"]
WAYS: tuple[Way, ...] = ("index", "database", "upstream")
CHURN = Reference("mlmodel", "mlflow.churn")
ORDERS = "warehouse.analytics.core.orders"
JSON = "application/json"
TALLY: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    """Say at the end, with `pytest -s`, how many faults there were and what became of them."""
    yield
    faults, readings = TALLY.pop("faults"), TALLY.total()
    parts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(TALLY.items()))
    sys.stdout.write(f"\nfaults: {faults} injected into {readings} readings: {parts}\n")


class Whole:
    """What is read by each way where nothing fails; a dataclass of it would fill a report."""

    def __init__(self, snapshots: dict[Way, Snapshot]) -> None:
        self.snapshots = snapshots


@pytest.fixture(scope="module")
def whole(loaded: Path) -> Whole:
    with Catalog(loaded) as catalog, Client.in_process(catalog, catalog.token, name="c") as client:
        return Whole({way: read_by(client, way) for way in WAYS})


def read_by(client: Client, way: Way, workers: int = 4) -> Snapshot:
    if way == "upstream":
        return read_upstream(client, CHURN, workers=workers)
    return read(client, truth=way, workers=workers)


class Company:
    """The sample company behind a proxy with faults, one reading at a time."""

    def __init__(self, path: Path, whole: Whole) -> None:
        self.path, self.whole = path, whole
        self.proxy = FaultProxy()
        self.version = "2.0.7"

    def read(
        self,
        schedule: Schedule,
        way: Way = "index",
        *,
        timeout: float = 5.0,
        time_limit: float = 60.0,
        tries: int = 3,
        **options: Any,
    ) -> Snapshot:
        retry = Retry(tries=tries, budget=1000, sleep=lambda _seconds: None)
        with ExitStack() as stack:
            catalog = stack.enter_context(Catalog(self.path, server_version=self.version))
            url = stack.enter_context(start(catalog))
            self.proxy = stack.enter_context(fault_proxy(url, schedule, **options))
            connection = Connection(timeout=timeout, time_limit=time_limit)
            client = Client(self.proxy.url, catalog.token, connection=connection, retry=retry)
            stack.enter_context(client)
            return self._tallied(client, way, changing="after" in options)

    def change(self, change: Callable[[Client], object]) -> None:
        with (
            Catalog(self.path) as catalog,
            Client.in_process(catalog, catalog.token, name="c") as client,
        ):
            change(client)

    def identity(self, table: str) -> str:
        with (
            Catalog(self.path) as catalog,
            Client.in_process(catalog, catalog.token, name="c") as client,
        ):
            return str(client.get(f"/tables/name/{table}")["id"])

    def now(self) -> Snapshot:
        """Read what is there, without a fault."""
        with (
            Catalog(self.path) as catalog,
            Client.in_process(catalog, catalog.token, name="c") as client,
        ):
            return read(client)

    def _tallied(self, client: Client, way: Way, *, changing: bool) -> Snapshot:
        outcome = "of a changing catalog" if changing else "otherwise"
        try:
            found = read_by(client, way)
            if same(found, self.whole.snapshots[way]):
                outcome = "whole"
            elif new_gaps(found, self.whole.snapshots[way]):
                outcome = "with gaps"
        except LineageError:
            outcome = "refused"
            raise
        finally:
            TALLY[outcome] += 1
            TALLY["faults"] += self.proxy.injected.total()
        return found


@pytest.fixture
def company(company_file: Path, whole: Whole) -> Company:
    return Company(company_file, whole)


def comparable(snapshot: Snapshot) -> Snapshot:
    """Leave out the tags there are, too: without them the next reading only reads more."""
    return replace(snapshot, read_at="", server="", left_out=(), label_states=())


def same(found: Snapshot, expected: Snapshot) -> bool:
    return comparable(found) == comparable(expected)


def new_gaps(found: Snapshot, expected: Snapshot) -> set[Gap]:
    """Give the gaps that hide something and would not be there without faults."""
    return {gap for gap in set(found.gaps) - set(expected.gaps) if gap.hides_upstream}


def never(_asked: Asked) -> None:
    return None


def once(fault: Fault, *parts: str) -> Schedule:
    """Spoil the first try of every request whose path has one of the parts."""
    wanted = parts or ("/api/",)
    return lambda asked: (
        fault if asked.attempt == 1 and any(part in asked.path for part in wanted) else None
    )


def always(fault: Fault, *parts: str) -> Schedule:
    return lambda asked: fault if any(part in asked.path for part in parts) else None


def on_turn(fault: Fault, turn: int, part: str) -> Schedule:
    """Spoil one request: the first of whose path it is the given turn."""
    heard: list[Asked] = []

    def schedule(asked: Asked) -> Fault | None:
        if part not in asked.path:
            return None
        heard.append(asked)
        return fault if len(heard) == turn else None

    return schedule


def reasons(snapshot: Snapshot) -> str:
    return " | ".join(map(str, snapshot.gaps))


# Faults that go away: the snapshot is as if there had been none.


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_without_faults_changes_nothing(company: Company, whole: Whole, way: Way) -> None:
    assert same(company.read(never, way), whole.snapshots[way])
    assert company.proxy.injected.total() == 0


@pytest.mark.parametrize("way", WAYS)
def test_connections_dropped_before_the_reply_cost_nothing(
    company: Company, whole: Whole, way: Way
) -> None:
    assert same(company.read(once(dropped), way), whole.snapshots[way])
    assert company.proxy.injected["dropped"] > 15


@pytest.mark.parametrize("way", WAYS)
def test_connections_dropped_in_the_middle_of_the_body_cost_nothing(
    company: Company, whole: Whole, way: Way
) -> None:
    assert same(company.read(once(cut_short), way), whole.snapshots[way])
    assert company.proxy.injected["cut_short"] > 15


@pytest.mark.parametrize("way", WAYS)
def test_connections_that_are_reset_cost_nothing(company: Company, whole: Whole, way: Way) -> None:
    assert same(company.read(once(reset), way), whole.snapshots[way])
    assert company.proxy.injected["reset"] > 15


SOON = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)


@pytest.mark.parametrize(
    "retry_after",
    [
        None,
        "1",
        "0",
        "-3",
        "1.5",
        "soon",
        "",
        pytest.param("9" * 400, id="400 digits"),
        pytest.param(SOON, id="a date"),
    ],
)
def test_a_limit_on_requests_costs_nothing_however_patience_is_asked_for(
    company: Company, whole: Whole, retry_after: str | None
) -> None:
    assert same(company.read(once(limited(retry_after))), whole.snapshots["index"])


SKEWED = (
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Fri, 31 Dec 9999 23:59:59 -0000",
    "Mon, 01 Jan 0001 00:00:00 -0000",
    "Mon, 01 Jan 2024 00:00:00 +9999",
    "Mon, 32 Jan 2024 25:61:61 GMT",
)


@pytest.mark.parametrize("date", SKEWED)
def test_a_clock_that_is_far_off_costs_nothing(company: Company, whole: Whole, date: str) -> None:
    spoilt = answered(429, b"", JSON, Retry_After=date, Date=date)
    assert same(company.read(once(spoilt)), whole.snapshots["index"])
    assert same(company.read(once(with_headers(Date=date))), whole.snapshots["index"])


def test_a_server_whose_clock_is_behind_is_not_asked_again_at_once() -> None:
    assert Retry().wait(3, retry_after=SKEWED[0]) > 0


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_burst_of_gateway_errors_in_html_costs_nothing(
    company: Company, whole: Whole, status: int
) -> None:
    burst = range(4, 9)
    found = company.read(
        lambda asked: answered(status) if asked.ordinal in burst else None, tries=10
    )
    assert same(found, whole.snapshots["index"])
    assert company.proxy.injected.total() == len(burst)


@pytest.mark.parametrize("content_type", ["text/plain", "text/html; charset=klingon", "", "x"])
def test_json_under_a_wrong_content_type_is_read(
    company: Company, whole: Whole, content_type: str
) -> None:
    found = company.read(once(with_headers(Content_Type=content_type)))
    assert same(found, whole.snapshots["index"])


def test_a_reply_that_trickles_within_the_time_limit_is_read(
    company: Company, whole: Whole
) -> None:
    assert same(company.read(once(trickled(0.002))), whole.snapshots["index"])


@pytest.mark.slow
def test_a_reply_that_trickles_beyond_the_time_limit_is_asked_for_again(
    company: Company, whole: Whole
) -> None:
    slow = once(trickled(5.0), "/tables", "mlmodel")
    assert same(company.read(slow, timeout=0.3), whole.snapshots["index"])
    assert company.proxy.injected["trickling"] >= 2


def test_a_reply_that_trickles_on_and_on_is_cut_and_asked_for_again(
    company: Company, whole: Whole
) -> None:
    """Each byte comes in time, and all of them would take a minute."""
    slow = on_turn(trickled(0.05, 1200), 1, "/v1/tables?")
    assert same(company.read(slow, time_limit=0.5), whole.snapshots["index"])
    assert company.proxy.injected["trickling"] == 1


@pytest.mark.slow
def test_a_reply_that_always_trickles_on_and_on_is_a_gap(company: Company) -> None:
    found = company.read(always(trickled(0.05, 1200), "/v1/metrics"), time_limit=0.5)
    assert "list of metrics" in reasons(found)
    assert "did not answer in time" in reasons(found)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", [truncated, answered(200, HTML), answered(200, HTML, JSON)])
def test_a_success_that_is_no_json_at_first_costs_nothing(
    company: Company, whole: Whole, way: Way, fault: Fault
) -> None:
    assert same(company.read(once(fault), way), whole.snapshots[way])


@pytest.mark.parametrize(
    "fault",
    [
        answered(200, b'["no", "object"]', JSON),
        answered(200, HTML, JSON),
        answered(200, b'{"hits": {"hits": null}}', JSON),
        answered(500, b'["NullPointerException"]', JSON),
        answered(302, b"", Location="https://login.example.com/?next=x"),
        truncated,
        repeated,
        mixed_up,
    ],
)
def test_a_search_that_is_spoilt_is_made_up_for_by_the_graph_api(
    company: Company, whole: Whole, fault: Fault
) -> None:
    assert same(company.read(always(fault, "/search/")), whole.snapshots["index"])


# Faults that stay: a gap that names what is missing, or one clear error.


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (dropped, "connection failed"),
        (answered(429, b"", JSON), "429"),
        (answered(503), "503"),
        (answered(500, b'["NullPointerException"]', JSON), "500: Internal Server Error"),
        (answered(500, b"", JSON), "500"),
        (truncated, "not JSON"),
        (answered(200, HTML, JSON), "not JSON"),
        (answered(200, HTML), "login page"),
        (answered(302, HTML, Location="https://sso.example.com/in?next=secret"), "sso.example.com"),
        (answered(204, b""), "no page of a list"),
        (answered(200, b"[]", JSON), "no page of a list"),
        (answered(200, b"null", JSON), "no page of a list"),
        (answered(200, b'"text"', JSON), "no page of a list"),
        (answered(200, b'{"data": {}}', JSON), "no page of a list"),
    ],
)
def test_a_list_that_stays_spoilt_is_a_gap_with_its_reason(
    company: Company, fault: Fault, reason: str
) -> None:
    found = company.read(always(fault, "/v1/metrics", "/v1/topics"))
    assert [(gap.kind, gap.subject) for gap in found.gaps] == [
        (GapKind.ENTITIES_NOT_READ, None),
        (GapKind.ENTITIES_NOT_READ, None),
    ]
    assert reason in reasons(found)
    assert "list of topics" in reasons(found)
    assert "secret" not in reasons(found)


@pytest.mark.parametrize(
    "fault",
    [dropped, truncated, answered(503), answered(200, HTML), answered(200, b"[]", JSON)],
)
def test_edges_that_stay_spoilt_are_a_gap_at_their_entity(
    company: Company, whole: Whole, fault: Fault
) -> None:
    found = company.read(always(fault, "/lineage/", "/search/"))
    missed = {gap.subject for gap in found.gaps if gap.kind == GapKind.EDGES_NOT_READ}
    assert missed == set(carriers(whole.snapshots["index"]))


@pytest.mark.parametrize("way", ["index", "database"])
@pytest.mark.parametrize("fault", [dropped, truncated, answered(503), answered(200, HTML)])
def test_edges_that_are_spoilt_in_part_are_whole_wherever_there_is_no_gap(
    company: Company, whole: Whole, fault: Fault, way: Way
) -> None:
    found = company.read(always(fault, "/lineage/table/", "/search/"), way)
    assert new_gaps(found, whole.snapshots[way])
    assert_edges_where_no_gap(found, whole.snapshots[way])


@pytest.mark.parametrize("fault", [dropped, truncated, answered(503), answered(200, HTML)])
def test_what_cannot_be_read_upstream_of_a_model_is_a_gap(
    company: Company, whole: Whole, fault: Fault
) -> None:
    for part in ("/v1/tables/", "/lineage/table/"):
        found = company.read(always(fault, part), "upstream")
        assert new_gaps(found, whole.snapshots["upstream"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answered(401, b'{"code": 401, "message": "Token expired"}', JSON), AccessRefused),
        (answered(403, b"[]", JSON), AccessRefused),
        (answered(401, HTML), AccessRefused),
        (answered(200, HTML), NotOpenMetadata),
        (answered(302, b"", Location="/login"), NotOpenMetadata),
        (answered(200, b"{}", JSON), NotOpenMetadata),
        (answered(200, b"[]", JSON), NotOpenMetadata),
        (answered(204, b""), NotOpenMetadata),
        (answered(503), RequestFailed),
        (answered(404), RequestFailed),
        (dropped, ServerUnreachable),
        (reset, ServerUnreachable),
        (cut_short, ServerUnreachable),
        (truncated, NotOpenMetadata),
    ],
)
def test_a_fault_on_everything_is_one_clear_error(
    company: Company, way: Way, fault: Fault, error: type[LineageError]
) -> None:
    with pytest.raises(error) as raised:
        company.read(always(fault, "/"), way)
    assert "\n" not in str(raised.value)
    assert company.proxy.url in str(raised.value)


@pytest.mark.parametrize("part", ["/tables", "/mlmodels", "/search/"])
def test_a_token_that_is_refused_half_way_is_one_clear_error(company: Company, part: str) -> None:
    with pytest.raises(AccessRefused):
        company.read(always(answered(401, b"[]", JSON), part))


@pytest.mark.parametrize("part", ["/tables", "/mlmodels", "/lineage/"])
def test_what_a_token_may_not_see_is_a_gap(company: Company, part: str) -> None:
    schedule = always(answered(403, b"[]", JSON), part, "/search/")
    assert "the token may not do this" in reasons(company.read(schedule))


# Pages.


@pytest.mark.parametrize("way", ["index", "database"])
def test_small_pages_give_what_large_ones_give(company: Company, whole: Whole, way: Way) -> None:
    found = company.read(once(dropped), way, rewrite=pages_of(2))
    assert same(found, whole.snapshots[way])
    assert company.proxy.count("/v1/tables?") > 10


def test_an_empty_page_with_a_cursor_is_not_the_end(company: Company, whole: Whole) -> None:
    def empty_page(content: Any, asked: Asked) -> Any:
        if "after=" in asked.path:
            return content
        return {"data": [], "paging": {"after": cursor_after(" "), "total": 99}}

    found = company.read(always(edited(empty_page), "/v1/tables?"), rewrite=pages_of(2))
    assert same(found, whole.snapshots["index"])


def cursor_after(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def test_a_page_that_comes_twice_is_never_the_end_in_silence(
    company: Company, whole: Whole
) -> None:
    found = company.read(on_turn(repeated, 2, "/v1/tables?"), rewrite=pages_of(2))
    assert_whole_or_gaps(found, whole.snapshots["index"])


def test_a_cursor_that_never_advances_is_a_gap(company: Company, whole: Whole) -> None:
    found = company.read(always(edited(stuck), "/v1/tables?"), rewrite=pages_of(2))
    assert_whole_or_gaps(found, whole.snapshots["index"])


def stuck(content: Any, _asked: Asked) -> Any:
    """Give the same cursor for ever."""
    return content | {"paging": {"after": cursor_after(" ")}}


def test_cursors_that_go_in_a_circle_end_with_a_gap(company: Company) -> None:
    def circling(content: Any, asked: Asked) -> Any:
        place = " " if cursor_after("!") in asked.path.replace("%3D", "=") else "!"
        return content | {"paging": {"after": cursor_after(place)}}

    going_round = edited(circling)

    def schedule(asked: Asked) -> Fault | None:
        if "/v1/metrics?" not in asked.path:
            return None
        return going_round if asked.ordinal < 200 else answered(500)  # else it would never end

    found = company.read(schedule)
    assert found.gaps
    assert company.proxy.count("/v1/metrics?") < 10


def test_places_in_the_search_that_go_in_a_circle_come_to_an_end(
    company: Company, whole: Whole
) -> None:
    def circling(_content: Any, asked: Asked) -> Any:
        place = "b" if "search_after=a" in asked.path else "a"
        return {"hits": {"hits": [{"sort": [place]}] * 1000}}

    going_round = edited(circling)

    def schedule(asked: Asked) -> Fault | None:
        if "metric_search_index" not in asked.path:
            return None
        return going_round if asked.ordinal < 200 else answered(500)

    company.change(lambda client: client.put("/metrics", {"name": "revenue"}))
    found = company.read(schedule)
    assert len(found.entities) == len(whole.snapshots["index"].entities) + 1
    assert company.proxy.count("metric_search_index") < 10


def test_a_page_that_comes_without_its_items_is_a_gap(company: Company, whole: Whole) -> None:
    found = company.read(on_turn(emptied, 2, "/v1/tables?"), rewrite=pages_of(2))
    assert_whole_or_gaps(found, whole.snapshots["index"])


def without_items(content: Any, _asked: Asked) -> Any:
    return content | {"data": []} if isinstance(content, dict) and "data" in content else content


emptied = edited(without_items)


def test_a_page_without_a_readable_cursor_is_a_gap(company: Company) -> None:
    odd = answered(200, b'{"data": [], "paging": "none"}', JSON)
    assert "list of metrics" in reasons(company.read(always(odd, "/v1/metrics?")))


def test_items_with_nulls_and_missing_keys_are_read_by_themselves(
    company: Company, whole: Whole
) -> None:
    found = company.read(always(edited(holes), "/v1/tables?"))
    assert same(found, whole.snapshots["index"])


def test_items_that_nobody_else_shows_are_a_gap_and_the_others_are_kept(
    company: Company, whole: Whole
) -> None:
    schedule = always(edited(holes), "/v1/mlmodels?")
    found = company.read(lambda asked: dropped if "/search/" in asked.path else schedule(asked))
    kept = {item.reference for item in found.entities}
    lost = {item.reference for item in whole.snapshots["index"].entities} - kept
    assert lost
    assert None in {gap.subject for gap in found.gaps if gap.kind == GapKind.ENTITIES_NOT_READ}


def holes(content: Any, _asked: Asked) -> Any:
    """Spoil the first items of a page, of search hits, or of a neighbourhood."""
    for items in _lists_in(content):
        for number, spoilt in enumerate((None, "id", "fullyQualifiedName")):
            if number < len(items):
                items[number] = None if spoilt is None else _without(items[number], spoilt)
    return content


def _lists_in(content: Any) -> Iterator[list[Any]]:
    if isinstance(content, dict):
        hits = content.get("hits")
        named = [content.get(key) for key in ("data", "nodes", "upstreamEdges")]
        found = [*named, hits.get("hits") if isinstance(hits, dict) else None]
        yield from (items for items in found if isinstance(items, list))


def _without(item: Any, key: str) -> Any:
    if isinstance(item, dict) and "_source" in item:
        return item | {"_source": _without(item["_source"], key)}
    return {name: None if name == key else value for name, value in item.items()}


@pytest.mark.parametrize("missing", [{"columns": None}, {"tags": None}])
def test_fields_that_were_asked_for_and_do_not_come_are_a_gap(
    company: Company, whole: Whole, missing: dict[str, None]
) -> None:
    def bare(content: Any, _asked: Asked) -> Any:
        return content | {"data": [item | missing for item in content["data"]]}

    found = company.read(always(edited(bare), "/v1/tables?"))
    assert_whole_or_gaps(found, whole.snapshots["index"])


@pytest.mark.parametrize("way", ["index", "database"])
def test_a_list_in_place_of_another_is_not_believed(
    company: Company, whole: Whole, way: Way
) -> None:
    found = company.read(
        never, way, rewrite=lambda path: path.replace("/v1/charts?", "/v1/pipelines?")
    )
    assert_whole_or_gaps(found, whole.snapshots[way])
    assert {item.reference.kind for item in found.entities} >= {"chart", "pipeline"}


# Answers of the graph API that are not what was asked for.


@pytest.mark.parametrize("way", ["database", "upstream"])
def test_edges_to_entities_that_an_answer_does_not_name_are_gaps(
    company: Company, whole: Whole, way: Way
) -> None:
    def nodeless(content: Any, _asked: Asked) -> Any:
        return content | {"nodes": []} if "nodes" in content else content

    found = company.read(always(edited(nodeless), "/lineage/"), way)
    assert_whole_or_gaps(found, whole.snapshots[way])


@pytest.mark.parametrize("way", ["database", "upstream"])
def test_an_answer_of_the_graph_api_about_another_entity_is_a_gap(
    company: Company, whole: Whole, way: Way
) -> None:
    other = {"id": company.identity(ORDERS), "type": "table", "fullyQualifiedName": ORDERS}

    def about_another(content: Any, _asked: Asked) -> Any:
        return {"entity": other, "nodes": [content["entity"]], "upstreamEdges": []}

    found = company.read(always(edited(about_another), "/lineage/mlmodel/"), way)
    assert_whole_or_gaps(found, whole.snapshots[way])
    assert_edges_where_no_gap(found, whole.snapshots[way])


@pytest.mark.parametrize("way", ["database", "upstream"])
def test_an_answer_of_the_graph_api_without_its_edges_is_a_gap(
    company: Company, whole: Whole, way: Way
) -> None:
    def edgeless(content: Any, _asked: Asked) -> Any:
        return {key: item for key, item in content.items() if key != "upstreamEdges"}

    found = company.read(always(edited(edgeless), "/lineage/mlmodel/"), way)
    assert_edges_where_no_gap(found, whole.snapshots[way])


def test_an_entity_that_comes_in_place_of_another_is_a_gap(company: Company, whole: Whole) -> None:
    found = company.read(on_turn(edited(someone_else), 2, "/v1/tables/"), "upstream")
    assert_whole_or_gaps(found, whole.snapshots["upstream"])


def someone_else(content: Any, _asked: Asked) -> Any:
    return content | {"id": "0" * 8, "fullyQualifiedName": "some.one.else.here"}


@pytest.mark.parametrize("body", [b"[]", b"", b"null"])
def test_a_dashboard_that_is_not_reported_is_a_gap(
    company: Company, whole: Whole, body: bytes
) -> None:
    found = company.read(always(answered(200, body, JSON), "/v1/mlmodels/"), "database")
    assert_whole_or_gaps(found, whole.snapshots["database"])


@pytest.mark.parametrize(
    "way",
    ["index", "database", "upstream"],
)
def test_a_dashboard_that_cannot_be_understood_is_a_gap(
    company: Company, whole: Whole, way: Way
) -> None:
    def odd(content: Any, _asked: Asked) -> Any:
        for hit in content.get("hits", {}).get("hits", ()):
            hit["_source"]["dashboard"] = {"id": 7}
        return content | ({"dashboard": {"id": 7}} if "mlFeatures" in content else {})

    parts = ("mlmodel_search_index", "/v1/mlmodels/")
    assert_whole_or_gaps(company.read(always(edited(odd), *parts), way), whole.snapshots[way])


def test_another_model_in_place_of_the_start_is_an_error_or_a_gap(
    company: Company, whole: Whole
) -> None:
    try:
        found = company.read(
            never, "upstream", rewrite=lambda path: path.replace(CHURN.fqn, "mlflow.credit_risk")
        )
    except LineageError:
        return
    assert_whole_or_gaps(found, whole.snapshots["upstream"])


def test_tables_without_their_columns_are_gaps(company: Company, whole: Whole) -> None:
    def bare(content: Any, _asked: Asked) -> Any:
        for item in content["data"]:
            del item["columns"]  # which OpenMetadata's own schema of a table requires
        return content

    found = company.read(always(edited(bare), "/v1/tables?"))
    assert_whole_or_gaps(found, whole.snapshots["index"])


# Answers of others than OpenMetadata.


def test_entities_are_not_gone_where_a_gateway_finds_nothing(
    company: Company, whole: Whole
) -> None:
    schedule = always(answered(404), "/lineage/table/", "/search/", "/v1/tables/")
    assert_whole_or_gaps(company.read(schedule), whole.snapshots["index"])


def test_an_older_server_does_not_lack_tables_where_a_gateway_finds_nothing(
    company: Company,
) -> None:
    company.version = "1.5.0"
    assert "list of tables" in reasons(company.read(always(answered(404), "/v1/tables?")))


def test_a_redirect_to_no_address_is_a_gap(company: Company) -> None:
    found = company.read(always(answered(302, b"", Location="app:login"), "/v1/metrics"))
    assert "list of metrics" in reasons(found)


@pytest.mark.parametrize("status", [200, 500])
def test_json_that_is_nested_too_deeply_is_a_gap(company: Company, status: int) -> None:
    deep = answered(status, b"[" * 100_000, JSON)
    assert "list of metrics" in reasons(company.read(always(deep, "/v1/metrics")))


def test_a_retry_after_that_is_no_number_costs_nothing(company: Company, whole: Whole) -> None:
    assert same(company.read(once(limited("²"))), whole.snapshots["index"])


def test_a_version_that_is_no_number_is_one_clear_error(company: Company) -> None:
    odd = answered(200, '{"version": "2.0.²"}'.encode(), JSON)
    with pytest.raises(NotOpenMetadata):
        company.read(always(odd, "/system/version"))


# A server that changes while it is read.


def after_first(part: str, change: Callable[[], None]) -> Callable[[Asked], None]:
    """Change the catalog once, when the first reply to such a path is ready."""
    changed: list[Asked] = []

    def hook(asked: Asked) -> None:
        if part in asked.path and not changed:
            changed.append(asked)
            change()

    return hook


def delete(client: Client, fqn: str, *, hard: bool) -> None:
    identity = client.get(f"/tables/name/{fqn}")["id"]
    client.delete(f"/tables/{identity}", {"hardDelete": hard})


def add_table(client: Client) -> str:
    columns = [{"name": "x", "dataType": "INT"}]
    body = {"name": "aa", "databaseSchema": "warehouse.analytics.core", "columns": columns}
    return str(client.put("/tables", body)["id"])


def add_edge(client: Client) -> None:
    ends = {"fromEntity": {"id": add_table(client), "type": "table"}}
    ends["toEntity"] = {"id": client.get(f"/tables/name/{ORDERS}")["id"], "type": "table"}
    client.put("/lineage", {"edge": ends})


@pytest.mark.parametrize("way", ["index", "database"])
def test_a_table_deleted_for_good_while_reading_is_gone_or_leaves_gaps(
    company: Company, way: Way
) -> None:
    hook = after_first(
        "/v1/tables?", lambda: company.change(lambda c: delete(c, ORDERS, hard=True))
    )
    found = company.read(never, way, after=hook)
    assert_whole_or_gaps(found, company.now())
    assert Reference("table", ORDERS) not in {item.reference for item in found.entities}


@pytest.mark.parametrize("way", ["index", "database"])
def test_a_table_marked_as_deleted_while_reading_is_as_listed_and_loses_no_edge(
    company: Company, whole: Whole, way: Way
) -> None:
    hook = after_first(
        "/v1/mlmodels?", lambda: company.change(lambda c: delete(c, ORDERS, hard=False))
    )
    found = company.read(never, way, after=hook)
    assert_edges_where_no_gap(found, whole.snapshots[way])
    assert Reference("table", ORDERS) in {item.reference for item in found.entities}


@pytest.mark.parametrize("way", ["index", "database"])
def test_a_table_added_behind_the_page_just_read_leaves_the_others_as_they_are(
    company: Company, whole: Whole, way: Way
) -> None:
    hook = after_first("/v1/tables?", lambda: company.change(add_table))
    found = company.read(never, way, after=hook, rewrite=pages_of(2))
    added = Reference("table", "warehouse.analytics.core.aa")
    kept = tuple(item for item in found.entities if item.reference != added)
    assert same(replace(found, entities=kept), whole.snapshots[way])


@pytest.mark.parametrize("way", ["index", "database"])
def test_an_edge_added_from_a_table_that_was_not_listed_becomes_a_gap(
    company: Company, way: Way
) -> None:
    hook = after_first(
        "/search/" if way == "index" else "/lineage/", lambda: company.change(add_edge)
    )
    found = company.read(never, way, after=hook)
    added = Reference("table", "warehouse.analytics.core.aa")
    seen = any(edge.upstream == added for edge in found.edges)
    gaps = {gap.kind for gap in build_graph(found).gaps if gap.subject == added}
    assert gaps == ({GapKind.ENTITY_NOT_FOUND} if seen else set())


# Reading again.


@pytest.mark.parametrize(
    "fault",
    [
        answered(200, b'{"data": [{"id": {}}]}', JSON),
        answered(200, b'{"data": [7]}', JSON),
        answered(200, b'{"data": [{}]}', JSON),
        truncated,
        answered(503),
    ],
)
def test_lists_that_cannot_be_compared_are_read_whole(company_file: Path, fault: Fault) -> None:
    retry = Retry(tries=2, sleep=lambda _seconds: None)
    with ExitStack() as stack:
        catalog = stack.enter_context(Catalog(company_file))
        url = stack.enter_context(start(catalog))
        proxy = stack.enter_context(fault_proxy(url, once_of(fault, "/v1/tables?fields=owners")))
        client = stack.enter_context(Client(proxy.url, catalog.token, retry=retry))
        before = read(client)
        found, how = read_since(client, before)
    assert "could not be compared" in how
    assert same(found, before)


def once_of(fault: Fault, part: str) -> Schedule:
    return lambda asked: fault if part in asked.path else None


def test_another_entity_in_place_of_one_that_changed_is_a_gap(company: Company) -> None:
    before = company.now()
    company.change(lambda client: client.put("/metrics", {"name": "revenue"}))
    company.change(lambda client: client.put("/metrics", {"name": "cost"}))
    expected = company.now()
    retry = Retry(tries=2, sleep=lambda _seconds: None)
    with ExitStack() as stack:
        catalog = stack.enter_context(Catalog(company.path))
        url = stack.enter_context(start(catalog))
        proxy = stack.enter_context(fault_proxy(url, on_turn(mixed_up, 2, "/v1/metrics/")))
        client = stack.enter_context(Client(proxy.url, catalog.token, retry=retry))
        known = replace(before, server=client.host)
        found, _how = read_since(client, known, workers=1)
    assert_whole_or_gaps(found, expected)


# Any faults at all.

BROKEN: dict[str, Fault] = {
    "dropped": dropped,
    "cut short": cut_short,
    "reset": reset,
    "truncated": truncated,
    "limited": limited("0"),
    "limited till a date": limited(SKEWED[1]),
    "limited for ever": limited(None),
    "bad gateway": answered(502),
    "away": answered(503),
    "gateway timeout": answered(504),
    "not json": answered(200, HTML, JSON),
    "login page": answered(200, HTML),
    "redirect": answered(302, b"", Location="/login"),
    "mistyped": with_headers(Content_Type="text/html"),
    "skewed": with_headers(Date=SKEWED[0]),
    "refused": answered(401, HTML),
    "hidden": answered(403, b'{"code": 403, "message": "no"}', JSON),
    "error without object": answered(500, b'["NullPointerException"]', JSON),
    "trickle": trickled(0.001),
    "holes": edited(holes),
}
WRONG: dict[str, Fault] = {
    "no object": answered(200, b"[]", JSON),
    "empty": answered(204, b""),
    "repeated": repeated,
    "mixed up": mixed_up,
    "emptied": emptied,
    "stuck": edited(lambda content, asked: stuck(content, asked) if "data" in content else content),
    "not found": answered(404),
}
"""Replies that are well formed and wrong: no status and no syntax gives them away."""

FAULTS = BROKEN | WRONG


schedules = st.dictionaries(st.integers(1, 60), st.sampled_from(sorted(FAULTS)), max_size=8)


def assert_whole_or_gaps(found: Snapshot, expected: Snapshot) -> None:
    assert same(found, expected) or new_gaps(found, expected)


def assert_edges_where_no_gap(found: Snapshot, expected: Snapshot) -> None:
    """Compare the edges into every entity that was read and has no gap at it."""
    missed = {gap.subject for gap in new_gaps(found, expected)}
    kept = {item.reference for item in found.entities} - missed
    pairs, wanted = (
        {(edge.upstream, edge.downstream) for edge in snapshot.edges if edge.downstream in kept}
        for snapshot in (found, expected)
    )
    assert pairs == wanted


def assert_no_model_is_cleared(found: Snapshot, expected: Snapshot) -> None:
    sure = {item.target: item.verdict for item in audit(build_graph(expected)).models}
    for item in audit(build_graph(found)).models:
        if item.verdict == Verdict.NO_PATH:
            assert sure[item.target] == Verdict.NO_PATH


def check(path: Path, whole: Whole, schedule: dict[int, str], way: Way) -> None:
    company = Company(path, whole)

    def fault_of(asked: Asked) -> Fault | None:
        name = schedule.get(asked.ordinal)
        return None if name is None else FAULTS[name]

    try:
        found = company.read(fault_of, way, tries=2, rewrite=pages_of(3))
    except LineageError:
        return
    assert_whole_or_gaps(found, whole.snapshots[way])
    assert_edges_where_no_gap(found, whole.snapshots[way])
    assert_no_model_is_cleared(found, whole.snapshots[way])


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(schedules, st.sampled_from(WAYS))
@example({3: "empty", 4: "empty"}, "upstream")
@example(dict.fromkeys(range(3, 60, 3), "repeated"), "index")
@example(dict.fromkeys(range(3, 60, 3), "mixed up"), "upstream")
def test_under_any_faults_a_snapshot_is_whole_or_says_what_it_lacks(
    loaded: Path, whole: Whole, schedule: dict[int, str], way: Way
) -> None:
    check(loaded, whole, schedule, way)
