"""The audit pack as its readers meet it: a parser, a browser, another program."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lineage.governance.audit.audit import audit
from lineage.governance.audit.protected_attributes import audit_protected, find_protected
from lineage.governance.bias.bias import bias
from lineage.governance.pack.make import make_pack
from lineage.governance.pack.values import Reading
from lineage.model.edges import ColumnEdge, Evidence, Influence
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from lineage.model.reference import Reference
from lineage.model.register import Attribute, Proxy, Register
from lineage.model.snapshot import Gap, GapKind
from lineage.views.pack.pack_files import file_name, write_pack
from tests.builders import edge, graph_of, model, table

HOSTILE = (
    '<img src="http://evil.invalid/a.png"><script>fetch("http://evil.invalid/b")</script>'
    '" onload="x | `y` \u202e\n# z &amp;'
)
READING = Reading(server="https://s", server_version="2.0", read_at="2026-01-01", digest="ab12")


class Page(HTMLParser):
    """What a browser would make of a page: its elements, ids, links, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.tags.append(tag)
        self.ids += [str(found["id"])] if "id" in found else []
        self.links += [str(found["href"])] if "href" in found else []
        self.sources += [str(found["src"])] if "src" in found else []

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile_pack(folder: Path) -> tuple[Path, ...]:
    source = Reference("table", HOSTILE)
    mail = Column(name=HOSTILE, fqn=f"{HOSTILE}.x", tags=(Tag(fqn="PII.Sensitive"),))
    sources = (FeatureSource(name=HOSTILE, entity=source),)
    feature = Feature(name=HOSTILE, fqn=f"m.{HOSTILE}", sources=sources, description=HOSTILE)
    learned = MlModel(
        reference=Reference("mlmodel", f"m{HOSTILE}"), features=(feature,), target=HOSTILE
    )
    gap = Gap(GapKind.EDGES_NOT_READ, source, HOSTILE)
    graph = graph_of(Entity(reference=source, columns=(mail,)), learned, gap)
    answer = audit(graph)
    pack = make_pack(graph, answer, learned.reference, reading=READING)
    assert pack.findings
    return write_pack(pack, graph, answer, folder)


def plain_pack(folder: Path) -> tuple[Path, ...]:
    graph = graph_of(
        table("raw", "email:PII.Sensitive city"),
        table("core", "email city"),
        model("m", f="core.email", g="core.city"),
        edge("raw>core", "email>email:sha256(email)", "city>city", sql="select 1"),
    )
    answer = audit(graph)
    return write_pack(
        make_pack(graph, answer, Reference("mlmodel", "m"), reading=READING), graph, answer, folder
    )


def test_every_link_of_the_page_leads_to_a_place_in_it(tmp_path: Path) -> None:
    _, _, html = plain_pack(tmp_path)
    page = Page(html.read_text(encoding="utf-8"))
    assert "content=\"default-src 'none'; style-src 'sha256-" in html.read_text(encoding="utf-8")
    assert page.links
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert all(source.startswith("data:image/svg+xml;base64,") for source in page.sources)


def test_the_page_says_what_the_json_says(tmp_path: Path) -> None:
    data, markdown, html = plain_pack(tmp_path)
    content = json.loads(data.read_text(encoding="utf-8"))
    assert content["verdict"] == "reaches-masked"
    assert content["findings"][0]["masked_by"] == ["digest"]
    assert content["findings"][0]["path"][0]["edge"] in content["edges"]
    text = Page(html.read_text(encoding="utf-8")).text
    for said in (
        "reaches-masked",
        "raw.email",
        "ab12",
        *content["edges"],
        *content["not_knowable"],
    ):
        assert said in text
        assert said in markdown.read_text(encoding="utf-8").replace("\\", "")


def attribute_pack(folder: Path) -> tuple[Path, ...]:
    """Write a pack about gender: a proxy of it arrives, and it decides which rows there are."""
    area = Proxy(
        name="area",
        attribute="gender",
        reason="districts differ",
        reviewer="ann",
        columns=("postcode",),
        evidence="report 7",
        expires=date(2026, 1, 1),
    )
    register = Register(attributes=(Attribute(name="gender", columns=("sex",)),), proxies=(area,))
    kept = replace(edge("raw>core", "postcode>area"), evidence=Evidence(influences_known=True))
    chosen = ColumnEdge(
        upstream=("raw.sex",),
        downstream="core",
        influence=Influence.FILTER,
        evidence_source="some SQL",
    )
    graph = graph_of(
        table("raw", "sex postcode"),
        table("core", "area"),
        model("m", f="core.area"),
        replace(kept, column_edges=(*kept.column_edges, chosen)),
    )
    protected = find_protected(graph, register, "gender")
    answer, churn = audit_protected(graph, protected), Reference("mlmodel", "m")
    asked = bias(graph, churn, protected, on=date(2026, 6, 1))
    pack = make_pack(graph, answer, churn, reading=READING, bias=asked)
    return write_pack(pack, graph, answer, folder)


def test_a_pack_about_an_attribute_answers_nine_questions_and_names_the_proxy(
    tmp_path: Path,
) -> None:
    data, markdown, html = attribute_pack(tmp_path)
    content = json.loads(data.read_text(encoding="utf-8"))
    assert len(content["bias"]) == 9
    proxy = next(item["proxy"] for item in content["findings"] if item["proxy"])
    assert (proxy["expires"], proxy["reviewer"]) == ("2026-01-01", "ann")
    assert content["trust"]["evidence_source"] == [["some SQL", 1]]
    for text in (Page(html.read_text(encoding="utf-8")).text, markdown.read_text(encoding="utf-8")):
        for said in (
            "Nine questions about gender",
            "Declared a proxy of gender: districts differ; shown in report 7; reviewed by ann",
            "influence, by filter",
            "from some SQL",
            "raw.sex decides by filter what core holds",
        ):
            assert said in text


def test_a_pack_says_why_a_rule_masks_and_what_it_does_not_hide(tmp_path: Path) -> None:
    for path in plain_pack(tmp_path):
        text = path.read_text(encoding="utf-8")
        assert (
            "the value cannot be computed from its digest; but a value that can be guessed" in text
        )


def test_a_long_table_is_whole_on_paper_and_findings_do_not_swamp_the_contents(
    tmp_path: Path,
) -> None:
    names = [f"c{number}" for number in range(60)]
    graph = graph_of(
        table("raw", " ".join(f"{name}:PII.Sensitive" for name in names)),
        model("m", **{name: f"raw.{name}" for name in names}),
    )
    answer = audit(graph)
    pack = make_pack(graph, answer, Reference("mlmodel", "m"), reading=READING)
    _, _, html = write_pack(pack, graph, answer, tmp_path)
    page = Page(html.read_text(encoding="utf-8"))
    assert "details" not in page.tags
    assert page.tags.count("li") < 30
    assert page.tags.count("h3") == len(pack.findings) == 60
    assert {f"finding-{number}" for number in range(1, 61)} <= set(page.ids)


def test_whatever_a_name_holds_stays_text(tmp_path: Path) -> None:
    data, markdown, html = hostile_pack(tmp_path)
    page = Page(html.read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert page.tags.count("img") == len(page.sources)
    assert "http://evil.invalid/b" in page.text
    assert "\u202e" not in html.read_text(encoding="utf-8")
    assert "\n# z" not in markdown.read_text(encoding="utf-8")
    assert json.loads(data.read_text(encoding="utf-8"))["model"]["target"] == HOSTILE


def test_every_row_of_a_markdown_table_has_the_cells_of_its_header(tmp_path: Path) -> None:
    _, markdown, _ = hostile_pack(tmp_path)
    width = 0
    for line in markdown.read_text(encoding="utf-8").splitlines():
        bars = line.replace("\\|", "").count("|")
        width = 0 if not line.startswith("|") else width or bars
        assert bars == width or not line.startswith("|")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "🙂", "a" * 500, HOSTILE])
def test_a_file_is_named_so_that_it_stays_in_its_folder(name: str) -> None:
    plain = file_name(Reference("mlmodel", name))
    assert plain.isascii()
    assert len(plain) < 120
    assert "/" not in plain
    assert not plain.startswith(".")


def requested(page: Path, folder: Path) -> str:
    """Open a page in a browser and give the log of its network."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium on the PATH to open the page in")
    log = folder / "network.json"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    closed = "--host-resolver-rules=MAP * ~NOTFOUND"
    subprocess.run(
        [browser, *flags, closed, f"--log-net-log={log}", "--dump-dom", page.as_uri()],
        capture_output=True,
        check=True,
        timeout=100,
    )
    return log.read_text(encoding="utf-8")


def test_no_request_leaves_the_page_in_a_browser(tmp_path: Path) -> None:
    _, _, html = hostile_pack(tmp_path)
    tempting = tmp_path / "tempting.html"
    tempting.write_text('<img src="http://evil.invalid/a.png">', encoding="utf-8")
    assert "evil.invalid" in requested(tempting, tmp_path)  # else the log would prove nothing
    assert "http://evil.invalid" not in requested(html, tmp_path)
