"""Makes the dask engine from what a person asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.installation import install_hint
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from docsearch_cli.cluster.engine import DaskEngine
    from docsearch_cli.index.reader import IndexReader

LOCAL = "local"
_SCHEMES = ("tcp://", "tls://", "ws://", "wss://", "ucx://")


def make_dask_engine(
    scheduler: str,
    registry: str,
    workers: int,
    tell: Callable[[str], None],
    *,
    index: IndexReader | None = None,
    is_direct: bool = False,
) -> DaskEngine:
    """Return an engine on a cluster, not started.

    Args:
        scheduler: The scheduler's address; ``local`` to start one here, with its workers.
        registry: The module that holds the functions; see ``engine/worker.py``.
        workers: How many workers are started here.
        tell: Told what a person should know.
        index: The index that the functions read; None if they read none.
        is_direct: Whether calls go past the scheduler where a worker can be reached from here.

    Returns:
        The engine.

    Raises:
        UsageError: If no scheduler is named, or by no address.
        ConfigError: If ``distributed`` is not installed.
        ClusterMissingError: If no cluster starts here.
    """
    if not scheduler:
        raise UsageError(
            "the engine 'dask' needs a scheduler",
            hint="--scheduler tcp://HOST:8786, or --scheduler local to start one here",
        )
    if scheduler != LOCAL and not scheduler.startswith(_SCHEMES):
        raise UsageError(
            f"{brief(scheduler)} is no address of a scheduler",
            hint="as dask scheduler prints it: tcp://HOST:8786, or tls://HOST:8786",
        )
    if find_spec("distributed") is None:
        raise ConfigError("the engine 'dask' needs distributed", hint=install_hint("dask"))
    _silence_dask()
    from docsearch_cli.cluster.connection import Cluster
    from docsearch_cli.cluster.engine import DaskEngine
    from docsearch_cli.cluster.index_copies import IndexCopies

    own = None
    if scheduler == LOCAL:
        from docsearch_cli.cluster.local_processes import LocalCluster

        own = LocalCluster(workers, tell)
        cluster = Cluster(own.address, tell, security=own.security, is_direct=is_direct)
    else:
        cluster = Cluster(scheduler, tell, is_direct=is_direct)
    copies = IndexCopies(cluster, index, tell) if index is not None else None
    return DaskEngine(cluster, registry, owns=own, copies=copies)


def _silence_dask() -> None:
    """Keep what Dask logs off stderr: what a person should know is said by docsearch."""
    import dask

    dask.config.set({"logging": {"distributed": "critical", "tornado": "critical"}})
