"""``docsearch runs verify``, ``runs replay`` and ``runs diff``: runs held against something.

Against their own rules, against the present code, against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.completion import complete_runs
from docsearch_cli.cli.options import (
    IndexDir,
    Json,
    Quiet,
    Run,
    home_of_runs,
    index_if_here,
)
from docsearch_cli.cli.output import Output, Reported, counted, envelope, print_json
from docsearch_cli.cli.shell_paths import ShellPaths, paths_of_runs
from docsearch_cli.config import LIMIT_OF, dollars
from docsearch_cli.errors import EXIT_DONE, EXIT_REPLAY_DIFFERS, UsageError

if TYPE_CHECKING:
    from docsearch_cli.runs.certificate import CertificateLine
    from docsearch_cli.runs.diff import RunDiff
    from docsearch_cli.runs.replay_table import RunCheck
    from docsearch_cli.runs.verify import VerifiedRun


def verify(
    run: Run,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="Also check the signature, by this public key."),
    ] = None,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check a run against its own rules: hashes, budget, every input, step and decision.

    All that follows from something else is made again, from the record and, if it is here, from the
    index that the run was recorded on. What is taken on trust is named.

    \b
    Examples:
      docsearch runs verify 7f3a2c10
      docsearch runs verify ./7f3a2c10.docsearch-run --key signer.pub
    """
    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.signature import check_signature
    from docsearch_cli.runs.verify import verify_run

    output = Output("runs verify", as_json, quiet)
    home = home_of_runs(index, output, run=run)
    with opened_run(home, run) as store:
        signer = check_signature(store, Path(run), key) if key is not None else ""
        verified = verify_run(store, index_if_here(home), signer)
    if as_json:
        output.result(_verified_to_dict(verified))
    else:
        _show_verified(output, verified)


def _verified_to_dict(verified: VerifiedRun) -> dict[str, Any]:
    from docsearch_cli.runs.certificate import certificate_to_dict

    return {
        "run_id": verified.trace.run_id,
        "status": verified.trace.status,
        "certificate": certificate_to_dict(verified.certificate),
        "dag": verified.dag,
        "answer": verified.answer,
        "hashes_checked": verified.checked,
        "steps_replanned": len(verified.trace.steps),
        "steps_rerun": verified.rerun,
        "inputs_rebuilt": verified.rebuilt,
        "signed_by": verified.signer or None,
        "trusted": [asdict(item) for item in verified.trusted],
    }


def plain_amount(amount: float) -> str:
    """Return an amount for a reader: a whole number with all its digits, another one in short."""
    return f"{int(amount):,}" if amount == int(amount) else f"{amount:,.3f}"


def _amount(name: str, amount: float) -> str:
    limit = LIMIT_OF.get(name)
    is_money = limit is not None and limit.is_money
    return dollars(int(amount)) if is_money else plain_amount(amount)


def _line_in_words(line: CertificateLine) -> str:
    """Return a line of the certificate: what was used of the limit that was set.

    A run is held to a little more than its deadline, see ``LATE_S``; that is said beside it.
    """
    used, asked = (_amount(line.name, amount) for amount in (line.used, line.asked))
    rest = f" (+ {plain_amount(line.grace)} to end)" if line.grace else ""
    return f"{line.name:<16}{used:>12} of {asked}{rest}"


def _show_verified(output: Output, verified: VerifiedRun) -> None:
    from rich.text import Text

    for line in verified.certificate:
        output.show(_line_in_words(line))
    count = len(verified.trace.steps)
    ended = "" if verified.trace.ending else f", and it never ended: {count} steps"
    output.show(Text(f"VERIFIED{ended}", style="bold green"))
    output.note(
        f"{verified.checked:,} hashes recomputed, {counted(count, 'step')} planned again, "
        f"{verified.rerun:,} run again, {counted(verified.rebuilt, 'input')} built again from the "
        f"index; dag {verified.dag[:12]}, answer {verified.answer[:12]}"
    )
    if verified.signer:
        output.note(f"signed by {verified.signer}")
    for item in verified.trusted:
        output.note(f"taken on trust: {item.what} ({item.why})")


def replay(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN...]",
            help="Ids, starts of them, or exported files.",
            autocompletion=complete_runs,
        ),
    ] = None,
    all_runs: Annotated[bool, typer.Option("--all", help="Every run that is stored.")] = False,
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run every step of recorded runs again, and show which give what is recorded.

    Exit code 6 if a step gives something else and no change of the code explains it, or if a
    record is damaged.

    \b
    Examples:
      docsearch runs replay --all
      docsearch runs replay 7f3a ./91bb04e2.docsearch-run --json
    """
    from docsearch_cli.runs.catalog import is_export, run_ids
    from docsearch_cli.runs.replay_table import check_replays

    output = Output("runs replay", as_json, quiet)
    named = list(runs or ())
    if not named and not all_runs:
        raise UsageError("no run is named", hint="docsearch runs replay --all takes every one")
    if all_runs or not all(is_export(run) for run in named):
        home = home_of_runs(index, output)
    else:
        home = home_of_runs(index, output, run=named[0])
    stored = run_ids(home) if all_runs else []
    checks = check_replays(home, list(dict.fromkeys([*stored, *named])))
    unexplained = [check.run for check in checks if check.is_unexplained]
    if as_json:
        _print_replays(checks, unexplained)
    else:
        _show_replays(output, checks)
    if unexplained:
        raise Reported(EXIT_REPLAY_DIFFERS)


def _print_replays(checks: Sequence[RunCheck], unexplained: Sequence[str]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "run": check.run,
            "problem": check.problem or None,
            "damaged": check.is_damaged,
            "steps": len(check.steps),
            "reproduced": check.count("reproduced"),
            "differs": check.count("differs"),
            "not_replayed": check.count("not_replayed"),
            "reasons": check.reasons(),
            "unexplained": [step.step for step in check.steps if step.is_unexplained],
            "details": [asdict(step) for step in check.steps if step.verdict != "reproduced"],
        }
        for check in checks
    ]
    code = EXIT_REPLAY_DIFFERS if unexplained else EXIT_DONE
    faults = []
    if unexplained:
        message = f"what differs is not explained: {', '.join(unexplained)}"
        faults = [{"code": "replay_differs", "message": message, "hint": None}]
    status = "error" if unexplained else "success"
    print_json(envelope("runs replay", status, code, {"runs": rows}, faults))


def _show_replays(output: Output, checks: Sequence[RunCheck]) -> None:
    from rich.text import Text

    width = max((len(check.run) for check in checks), default=3)
    output.show(
        Text(f"{'run':<{width}}  {'steps':>5}  reproduced  differs  not replayed", style="bold")
    )
    for check in checks:
        if check.problem:
            mark = "DAMAGED: " if check.is_damaged else "not replayed: "
            output.show(Text(f"{check.run:<{width}}  {mark}{check.problem}"))
            continue
        output.show(
            Text(
                f"{check.run:<{width}}  {len(check.steps):>5}  {check.count('reproduced'):>10}  "
                f"{check.count('differs'):>7}  {check.count('not_replayed'):>12}"
            )
        )
        for reason, count in check.reasons().items():
            output.show(Text(f"   {counted(count, 'step')}: {reason}"))
        for step in check.steps:
            if step.is_unexplained:
                output.show(Text(f"   DIFFERS {step.step}: {', '.join(step.fields)}"))
    steps = [step for check in checks for step in check.steps]
    reproduced = sum(step.verdict == "reproduced" for step in steps)
    output.note(
        f"{counted(len(checks), 'run')}, {counted(len(steps), 'step')}, {reproduced:,} reproduced"
    )


def diff(
    left: Annotated[
        str, typer.Argument(metavar="RUN", help="A run.", autocompletion=complete_runs)
    ],
    right: Annotated[
        str,
        typer.Argument(
            metavar="OTHER", help="The run to compare it with.", autocompletion=complete_runs
        ),
    ],
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare two runs: where they part, which documents were gained and lost, what each cost.

    \b
    Examples:
      docsearch runs diff 7f3a2c10 91bb04e2
      docsearch runs diff 7f3a 91bb --json
    """
    from docsearch_cli.runs.catalog import opened_run
    from docsearch_cli.runs.diff import diff_runs

    output = Output("runs diff", as_json, quiet)
    home = home_of_runs(index, output, run=left)
    with (
        opened_run(home, left) as one,
        opened_run(home_of_runs(index, output, run=right), right) as other,
    ):
        found = diff_runs(one, other)
    if as_json:
        output.result(asdict(found))
        return
    _show_diff(output, found, paths_of_runs(home, left, right))


def _cost_words(amount: int | None) -> str:
    return dollars(amount) if amount is not None else "not known"


def _show_diff(output: Output, found: RunDiff, paths: ShellPaths) -> None:
    from rich.text import Text

    output.show(Text(f"{found.left} beside {found.right}", style="bold"))
    for item in found.settings:
        output.show(Text(f"   {item.field}: {item.recorded} -> {item.now}"))
    if found.divergence is None:
        output.show("the same steps")
    else:
        at = found.divergence
        output.show(Text(f"part at step {at.number}, {at.what}: {at.left} -> {at.right}"))
    output.show(f"{found.shared_steps} steps in common")
    for name, documents in (
        ("opened no more", found.opened_only_left),
        ("opened now", found.opened_only_right),
        ("documents lost", found.lost),
        ("documents gained", found.gained),
    ):
        if documents:
            output.show(Text(f"{name}: {', '.join(map(paths.node, documents))}"))
    for name, (before, after) in found.cost.items():
        if name == "cost_micro_usd":
            name = "cost"
            before, after = (_cost_words(amount) for amount in (before, after))
        output.show(Text(f"{name.replace('_', ' ')}: {before} -> {after}"))
    before, after = found.stop_words
    output.show(Text(f"stopped: {before} -> {after}"))
