"""Documents of several sources stand in the order of their paths, and rows follow them."""

from types import SimpleNamespace

import numpy as np

from docsearch_cli.index.merge import arrange
from docsearch_cli.index.sources import Sources


class Source:
    """Documents with so many sections and nodes each."""

    def __init__(self, **documents):
        self.documents = [
            SimpleNamespace(path=path, section_count=sections, node_starts=range(nodes))
            for path, (sections, nodes) in documents.items()
        ]
        self.section_starts = np.cumsum([0, *(row.section_count for row in self.documents)])
        self.node_starts = np.cumsum([0, *(len(row.node_starts) for row in self.documents)])


EARLIER = Source(a=(2, 1), c=(3, 2), d=(1, 1), f=(4, 1))
READ = Source(b=(1, 1), e=(2, 2), g=(1, 1))


def arranged(kept=(True, True, False, True)):
    return arrange(Sources(EARLIER, (READ,)), np.array(kept))


def test_documents_stand_by_path():
    arrangement = arranged()

    assert [row.path for row in arrangement.documents] == ["a", "b", "c", "e", "f", "g"]
    assert arrangement.row_of == {"a": 0, "b": 1, "c": 2, "e": 3, "f": 4, "g": 5}
    assert arrangement.section_starts.tolist() == [0, 2, 3, 6, 8, 12, 13]
    assert arrangement.node_starts.tolist() == [0, 1, 2, 4, 6, 7, 8]


def test_consecutive_documents_of_a_source_are_one_stretch():
    stretches = arrange(Sources(EARLIER, ()), np.array([True, True, False, True])).stretches

    assert [(s.first, s.end, s.row) for s in stretches] == [(0, 2, 0), (3, 4, 2)]
    assert all(stretch.source is EARLIER for stretch in stretches)


def test_each_document_section_and_node_has_its_row():
    arrangement = arranged()

    assert arrangement.rows_of(EARLIER).tolist() == [0, 2, -1, 4]
    assert arrangement.rows_of(READ).tolist() == [1, 3, 5]
    assert arrangement.sections_of(EARLIER).tolist() == [0, 1, 3, 4, 5, -1, 8, 9, 10, 11]
    assert arrangement.sections_of(READ).tolist() == [2, 6, 7, 12]
    assert arrangement.nodes_of(EARLIER).tolist() == [0, 2, 3, -1, 6]
    assert arrangement.nodes_of(READ).tolist() == [1, 4, 5, 7]


def test_a_source_of_which_nothing_stays_has_no_rows():
    arrangement = arranged(kept=(False,) * 4)

    assert arrangement.rows_of(EARLIER).tolist() == [-1] * 4
    assert [row.path for row in arrangement.documents] == ["b", "e", "g"]


def test_without_sources_there_is_nothing():
    arrangement = arrange(Sources(None, ()), np.zeros(0, np.bool_))

    assert (arrangement.documents, arrangement.stretches) == ((), ())
    assert arrangement.section_starts.tolist() == [0]


def test_everything_comes_from_the_earlier_index_first():
    assert list(Sources(EARLIER, (READ,))) == [EARLIER, READ]
    assert list(Sources(None, (READ,))) == [READ]
