from xml.etree import ElementTree

import pytest

from docsearch_cli.evaluation.plot import CurvePoint, draw_curve

POINTS = [CurvePoint(5, 5.0, 0.7, 0.69), CurvePoint(10, 7.4, 0.97, 0.72)]
SPACE = "{http://www.w3.org/2000/svg}"


def texts(svg):
    return ["".join(item.itertext()) for item in ElementTree.fromstring(svg).iter(f"{SPACE}text")]


def places(svg, kind):
    """Where the markers of a line stand, top and bottom of the picture being 0 and 420."""
    root = ElementTree.fromstring(svg)
    names = {"explored": ("circle", "cy"), "keyword": ("rect", "y")}
    tag, name = names[kind]
    found = [item for item in root.iter(SPACE + tag) if item.get("class") == f"{kind} dot"]
    return [float(item.get(name)) for item in found[1:]]  # the first one is the legend's


def test_it_says_what_was_measured():
    found = texts(draw_curve("q.jsonl", 559, POINTS))

    assert found[0] == "q.jsonl"
    assert found[1].startswith("559 questions")
    assert {"exploring", "BM25 reading as many"} <= set(found)


def test_each_budget_is_labelled_with_the_documents_it_opened():
    found = texts(draw_curve("q.jsonl", 2, POINTS))

    assert {"5", "5.0", "10", "7.4"} <= set(found)


def test_each_line_has_a_marker_a_budget_and_more_is_higher():
    svg = draw_curve("q.jsonl", 2, POINTS)

    assert len(places(svg, "explored")) == len(places(svg, "keyword")) == 2
    assert places(svg, "explored")[1] < places(svg, "explored")[0]


def test_the_lines_end_with_their_values():
    found = texts(draw_curve("q.jsonl", 2, POINTS))

    assert found[-2:] == ["97.0%", "72.0%"]


@pytest.mark.parametrize("keyword", [0.5, 0.49, 0.51, 1.0, 0.0])
def test_the_values_at_the_end_never_overlap(keyword):
    svg = draw_curve("q.jsonl", 2, [CurvePoint(5, 5.0, 0.5, keyword)])
    ends = [float(item.get("y")) for item in ElementTree.fromstring(svg).iter(f"{SPACE}text")][-2:]

    assert abs(ends[0] - ends[1]) >= 14


def test_the_same_points_give_the_same_bytes():
    assert draw_curve("q.jsonl", 2, POINTS) == draw_curve("q.jsonl", 2, list(POINTS))


@pytest.mark.parametrize("name", ["<b>&amp;\"'.jsonl", "]]>.jsonl", "\x1b[31m\x00.jsonl", "\udcff"])
def test_no_name_breaks_the_picture(name):
    svg = draw_curve(name, 2, POINTS)

    assert len(texts(svg)[0]) == len(name)
    assert svg.encode("utf-8")


def test_a_long_name_is_cut_in_the_middle():
    shown = texts(draw_curve("a" * 100 + ".jsonl", 2, POINTS))[0]

    assert len(shown) < 70
    assert shown.endswith(".jsonl")


def test_labels_that_would_overlap_are_left_out_the_largest_never():
    points = [CurvePoint(budget, 1.0, 0.5, 0.5) for budget in (1, 2, 3, 1000)]
    found = texts(draw_curve("q.jsonl", 2, points))

    assert "1,000" in found
    assert "3" in found
    assert not {"1", "2"} & set(found)


def test_nothing_is_loaded_from_elsewhere():
    svg = draw_curve("q.jsonl", 2, POINTS)

    assert svg.count("http") == 1  # the name of the format
    assert "url(" not in svg
    assert "script" not in svg


def test_one_budget_is_enough():
    assert len(places(draw_curve("q.jsonl", 1, POINTS[:1]), "explored")) == 1
