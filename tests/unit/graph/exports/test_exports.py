"""Every format gives back what was put in, whatever the titles hold."""

import base64
import hashlib
import html
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from shutil import which
from xml.etree import ElementTree

import networkx
import pydot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.graph.edges import Edge
from docsearch_cli.graph.exports.layout import MOST_DRAWN, lay_out
from docsearch_cli.graph.exports.page import write_page
from docsearch_cli.graph.exports.table import EXPORT_FORMATS
from docsearch_cli.graph.exports.xml_text import distinct_ids, shown_text, xml_allowed, xml_escape
from tests.unit.graph.excerpts import excerpt_of

HOSTILE = (
    'a "quoted" <title>',
    "two\nlines\tand\r\none",
    "]]> <![CDATA[ --> <!--",
    "null \x00 bell \x07 escape \x1b[31m",
    "lone \ud800 surrogate",
    "</script><script>alert(1)</script>",
    "back\\slash \\N \\l at the end\\",
    "&amp; &lt; &#65;",
    "\u202egnp.exe \u2066",
    "ideograph 漢字 emoji 👩‍👩‍👧 \ufffe",
    "  spaces  ",
    "",
)
NAMES = [f"{number} {text}.md" for number, text in enumerate(HOSTILE)]
EDGES = [
    Edge(number, (number + 1) % len(HOSTILE), "mention", line=number, text=text)
    for number, text in enumerate(HOSTILE)
]
# What comes out of a stored graph: its texts are UTF-8, without lone surrogates.
TEXTS = [text.encode("utf-8", "replace").decode() for text in HOSTILE]


def hostile():
    return excerpt_of(EDGES, NAMES, list(HOSTILE))


def written(excerpt, layout):
    return "".join(EXPORT_FORMATS[layout].write(excerpt))


def xml_of(text):
    return ElementTree.fromstring(text.encode("utf-8"))


def test_graphml_is_read_back_by_networkx():
    graph = networkx.parse_graphml(written(hostile(), "graphml"))

    assert list(graph.nodes) == [xml_allowed(name) for name in NAMES]
    assert [graph.nodes[node]["label"] for node in graph] == [xml_allowed(t) for t in HOSTILE]
    assert [data["text"] for _, _, data in graph.edges(data=True)] == [
        xml_allowed(text) for text in TEXTS
    ]
    assert {data["kind"] for _, _, data in graph.edges(data=True)} == {"mention"}
    assert graph.edges[xml_allowed(NAMES[3]), xml_allowed(NAMES[4])]["line"] == 3


def test_json_is_read_back_by_networkx_as_it_was():
    data = json.loads(written(hostile(), "json").encode("utf-8"))
    graph = networkx.node_link_graph(data, edges="edges")

    assert list(graph.nodes) == NAMES
    assert [graph.nodes[node]["title"] for node in graph] == list(HOSTILE)
    assert [data["text"] for _, _, data in graph.edges(data=True)] == TEXTS
    assert graph.is_directed()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the parser's own parser
def test_dot_is_read_back_by_a_parser():
    (graph,) = pydot.graph_from_dot_data(written(hostile(), "dot"))
    nodes = {node.get_name(): node.get_attributes() for node in graph.get_nodes()}
    edges = graph.get_edges()

    assert unquoted(nodes["n2"]["path"]) == NAMES[2]
    assert [unquoted(nodes[f"n{number}"]["path"]) for number in range(len(NAMES))] == [
        xml_allowed(name) for name in NAMES
    ]
    assert [html.unescape(unquoted(nodes[f"n{n}"]["label"])) for n in range(len(NAMES))] == [
        shown_text(title) for title in HOSTILE
    ]
    assert sorted((edge.get_source(), edge.get_destination()) for edge in edges) == sorted(
        (f"n{edge.source}", f"n{edge.target}") for edge in EDGES
    )


def unquoted(text):
    assert text[0] == text[-1] == '"'
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")


@pytest.mark.skipif(which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_draws_what_dot_says():
    done = subprocess.run(
        ["dot", "-Tsvg"], input=written(hostile(), "dot").encode(), capture_output=True, check=True
    )
    shown = [text for element in xml_of(done.stdout.decode()).iter() for text in [element.text]]

    assert b"rror" not in done.stderr
    assert "</script><script>alert(1)</script>" in shown
    assert "&amp; &lt; &#65;" in shown
    assert "back\\slash \\N \\l at the end\\" in shown


def test_svg_is_xml_and_shows_every_title():
    root = xml_of(written(hostile(), "svg"))
    titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]

    for title, name in zip(HOSTILE, NAMES, strict=True):
        assert shown_text(f"{title} ({name})") in titles
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


class Page(HTMLParser):
    """What a parser of HTML finds in a page."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.words = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append(dict(attrs))

    def handle_data(self, data):
        self.words.append(data)


def test_html_has_one_script_and_loads_nothing():
    page = Page(written(hostile(), "html"))
    policy = next(a["content"] for a in page.attributes if "http-equiv" in a)

    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not [name for found in page.attributes for name in found if name.startswith("on")]
    assert all(a["href"].startswith("#p") for a in page.attributes if "href" in a)
    assert not [a for a in page.attributes if "src" in a or "style" in a]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_html_shows_every_title_as_text():
    words = "".join(Page(written(hostile(), "html")).words)

    for title in HOSTILE:
        assert shown_text(title) in words


def test_the_policy_allows_what_the_page_has():
    text = "".join(write_page(hostile()))
    for tag in ("style", "script"):
        inner = re.search(f"<{tag}>(.*?)</{tag}>", text, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()

        assert f"{tag}-src 'sha256-{digest}'" in text


def test_every_link_of_a_page_has_its_place():
    page = Page(written(hostile(), "html"))
    places = {a["id"] for a in page.attributes if "id" in a}

    assert {a["href"][1:] for a in page.attributes if "href" in a} <= places


@pytest.mark.parametrize("layout", EXPORT_FORMATS)
def test_the_same_graph_gives_the_same_bytes(layout):
    assert written(hostile(), layout) == written(hostile(), layout)


@pytest.mark.parametrize("layout", EXPORT_FORMATS)
def test_an_empty_graph_is_a_document(layout):
    text = written(excerpt_of([], []), layout)

    if layout == "json":
        assert json.loads(text)["nodes"] == []
    elif layout == "graphml":
        assert len(networkx.parse_graphml(text)) == 0
    elif layout == "svg":
        xml_of(text)


@pytest.mark.parametrize("layout", ["graphml", "svg"])
@settings(max_examples=30, deadline=None)
@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=8), max_size=4))
def test_no_text_breaks_xml(layout, texts):
    names = [f"{number}{text}" for number, text in enumerate(texts)]
    xml_of(written(excerpt_of([], names, texts), layout))


@settings(deadline=None)
@given(text=st.text(max_size=30))
def test_what_xml_allows_survives(text):
    read = ElementTree.fromstring(f'<a b="{xml_escape(text)}">{xml_escape(text)}</a>'.encode())

    assert read.get("b") == (read.text or "") == xml_allowed(text)


def test_ids_that_xml_would_make_one_stay_distinct():
    assert distinct_ids(["a\x01", "a\u2401", "a\x01#2", "b"]) == [
        "a\u2401#2", "a\u2401", "a\u2401#2#2", "b",
    ]  # fmt: skip


def test_parts_that_nothing_joins_stand_apart():
    layout = lay_out(excerpt_of([(0, 1), (1, 2), (3, 4)]))

    assert len(set(layout.places)) == 6
    assert all(0 < x < layout.width and 0 < y < layout.height for x, y in layout.places)


def test_the_largest_picture_needs_no_scipy():
    ring = [(number, (number + 1) % MOST_DRAWN) for number in range(MOST_DRAWN)]
    code = """if True:
        import sys
        sys.modules["scipy"] = None
        from docsearch_cli.graph.exports.layout import lay_out
        from tests.unit.graph.excerpts import excerpt_of
        lay_out(excerpt_of(%r, [str(number) for number in range(%d)]))
    """
    done = subprocess.run(
        [sys.executable, "-c", code % (ring, MOST_DRAWN)], capture_output=True,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr.decode()
