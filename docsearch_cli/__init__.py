"""Budgeted exploration of a document graph: index a folder, ask it, replay any step.

What a program may use is named here and described in docs/python.md; the rest may change. A name is
loaded when it is first asked for.
"""

__all__ = [
    "Answer",
    "DocsearchError",
    "Exploration",
    "Index",
    "Run",
    "__version__",
    "open_index",
    "open_run",
]

__version__ = "0.1.0"

TYPE_CHECKING = False  # that of typing would load typing for every command
if TYPE_CHECKING:
    from docsearch_cli.api import Index, open_index, open_run
    from docsearch_cli.api_results import Answer, Run
    from docsearch_cli.errors import DocsearchError
    from docsearch_cli.exploration import Exploration

_ELSEWHERE = {
    "Answer": "api_results",
    "DocsearchError": "errors",
    "Exploration": "exploration",
    "Run": "api_results",
}


def __getattr__(name: str) -> object:
    """Return a public name."""
    if name not in __all__:
        raise AttributeError(f"module 'docsearch_cli' has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"docsearch_cli.{_ELSEWHERE.get(name, 'api')}"), name)
    return found


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted({*globals(), *__all__})
