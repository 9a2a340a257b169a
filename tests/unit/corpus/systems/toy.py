"""A documentation system of the tests: ``x_page.md`` is served as ``x``."""

from docsearch_cli.corpus.systems.table import System


def served_path(path: str) -> str:
    """Return the path at which a page is served."""
    return path.removesuffix("_page")


ROW = System(name="toy", markers=("toy.cfg",), served_path=served_path)
