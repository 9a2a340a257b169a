"""``docsearch doctor``: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

from docsearch_cli.cli.options import BaseUrl, IndexDir, Json, ModelName, Quiet
from docsearch_cli.cli.output import Output, counted


def command(
    model: ModelName = "",
    base_url: BaseUrl = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Send the language model no request.")
    ] = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Check this installation: the index, its model, the cache, a language model.

    A language model that is named is sent one request of some forty tokens. No key is shown. Exit
    code 5 if something is wrong.

    \b
    Examples:
      docsearch doctor
      docsearch doctor --model openai:gpt-4o-mini
      docsearch doctor --model openai:qwen3 --base-url http://localhost:8080/v1
    """
    import os

    from rich.text import Text

    from docsearch_cli.errors import EXIT_CHECK_FAILED, EXIT_DONE
    from docsearch_cli.index.home import find_home
    from docsearch_cli.search.doctor import check_all

    output = Output("doctor", as_json, quiet)
    checks = check_all(
        lambda: find_home(None, index, note=output.note),
        os.environ,
        model=model or None,
        base_url=base_url,
        may_ask=not offline,
    )
    faults = sum(check.status == "fault" for check in checks)
    code = EXIT_CHECK_FAILED if faults else EXIT_DONE
    if as_json:
        data = {"checks": [check.to_dict() for check in checks], "faults": faults}
        output.result(data, partial=bool(faults), exit_code=code)
        return code
    for check in checks:
        status = "FAULT" if check.status == "fault" else check.status
        output.show(Text(f"{status:<6} {check.part:<11} {check.words}"))
        if check.hint and not quiet:
            output.show(Text(f"{'':<18} {check.hint}"))
    output.note(f"{counted(faults, 'fault')} found" if faults else "nothing is wrong")
    return code
