"""Lets ``python -m docsearch_cli`` be the command."""

from docsearch_cli.cli.app import main

if __name__ == "__main__":
    main()
