"""Where gold documents are lost, in words: the stages and reasons of ``losses.py``."""

from __future__ import annotations

from docsearch_cli.evaluation.losses import LossReason, Stage

STAGE_WORDS: dict[Stage, str] = {
    "found": "found: among the first five",
    "not_quoted": "not quoted: ranked, its answer in no quote",
    "not_ranked": "not ranked: opened, ranked below five",
    "not_seeded": "not seeded: in keyword top 20, not opened",
    "not_reached": "not reached: further down, not opened",
    "not_indexed": "not in the index",
}
"""Each stage, in the order in which they are listed."""
_PLACES: dict[LossReason, str] = {
    "near_quote": "answer within 6 lines of a quote",
    "read": "answer elsewhere in what was read",
    "not_read": "answer in a part that was not read",
    "not_opened": "answer on a page that was not opened",
}
_WAYS: dict[LossReason, str] = {
    "not_proposed": "edge seen, its agent did not want it",
    "fan_out": "edge seen, fan_out used up by better ones",
    "proposals": "edge seen, proposals used up by better ones",
    "depth": "edge seen, deeper than max_depth",
    "frontier_full": "edge seen, the worst of a full frontier",
    "not_a_neighbour": "edge seen, the agent named another page",
    "visited": "edge seen, its page opened already",
    "queued": "edge seen, another way as good",
    "better_way": "edge seen, another way better",
    "seeds": "edge seen, other seeds better",
    "budget": "edge seen, waited when the budget was spent",
    "no_gain": "edge seen, waited when nothing new came",
    "answered": "edge seen, waited when a page answered",
    "look": "edge seen, waited when only a look was taken",
    "frontier_empty": "edge seen, waited at the end",
    "deadline": "edge seen, waited at the deadline",
    "cancelled": "edge seen, waited when stopped",
    "failures": "edge seen, waited when too many steps failed",
    "failed": "opening it failed",
    "no_edge": "no edge to it seen",
}
REASON_WORDS: dict[Stage, dict[LossReason, str]] = {"not_quoted": _PLACES, "not_reached": _WAYS}
"""Each reason of the stages that have some."""
