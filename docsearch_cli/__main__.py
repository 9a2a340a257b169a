"""The entry of the command, also as ``python -m docsearch_cli``.

Small, so that Ctrl-C is met with an exit code from the first moment on, imports included.
"""

from __future__ import annotations

import sys

from docsearch_cli.errors import EXIT_INTERRUPTED


def main() -> None:
    """Run the command line."""
    try:
        from docsearch_cli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("docsearch: interrupted\n")
        raise SystemExit(EXIT_INTERRUPTED) from None


if __name__ == "__main__":
    main()
