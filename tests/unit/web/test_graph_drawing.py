from docsearch_cli.graph.neighbourhood import NearEdge, NearNode, Neighbourhood
from docsearch_cli.web.graph_drawing import BOX_WIDTH, draw

NODES = (
    NearNode(0, 0, "centre", 0.5),
    NearNode(1, 1, "before", 1.0),
    NearNode(2, 1, "after", 0.0),
    NearNode(3, 1, "after", 0.2),
    NearNode(4, 2, "after", 0.0),
    NearNode(5, 2, "after", 0.0),
)
EDGES = tuple(
    NearEdge(source, target, 0, 1, "", 1.0)
    for source, target in [(1, 0), (0, 2), (0, 3), (2, 5), (3, 4), (2, 3)]
)


def test_boxes_stand_in_columns_and_never_on_each_other():
    drawn = draw(Neighbourhood(NODES, EDGES, (0, 0)))
    boxes = {box.node.node: box for box in drawn.boxes}

    assert boxes[1].x < boxes[0].x < boxes[2].x == boxes[3].x < boxes[4].x
    for one in drawn.boxes:
        assert 0 <= one.x <= drawn.width - BOX_WIDTH
        assert 0 <= one.y <= drawn.height - one.height
        for other in drawn.boxes:
            if one is not other and one.x == other.x:
                assert one.y + one.height <= other.y or other.y + other.height <= one.y


def test_what_is_central_is_higher():
    boxes = {box.node.node: box for box in draw(Neighbourhood(NODES, EDGES, (0, 0))).boxes}

    assert boxes[1].height > boxes[0].height > boxes[3].height > boxes[2].height


def test_a_page_two_hops_away_stands_beside_what_it_is_joined_with():
    boxes = {box.node.node: box for box in draw(Neighbourhood(NODES, EDGES, (0, 0))).boxes}

    assert boxes[2].y < boxes[3].y
    assert boxes[5].y < boxes[4].y


def test_lines_say_whether_they_touch_the_page_itself():
    lines = draw(Neighbourhood(NODES, EDGES, (0, 0))).lines

    assert [line.touches_centre for line in lines] == [True, True, True, False, False, False]


def test_a_page_alone_is_drawn():
    drawn = draw(Neighbourhood(NODES[:1], (), (0, 0)))

    assert len(drawn.boxes) == 1
    assert drawn.lines == ()
