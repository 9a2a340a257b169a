"""Every error a user can cause, as one family.

An error names the thing, the reason and the next command. ``exit_code`` and ``code`` are part of
the command line's contract; ``hint`` is what to try next. Core code raises, only ``cli/app.py``
prints and exits.
"""

from __future__ import annotations

from typing import Any, ClassVar

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_INPUT = 3
EXIT_RUN_FAILED = 4
EXIT_CHECK_FAILED = 5
EXIT_REPLAY_DIFFERS = 6
EXIT_INTERRUPTED = 130


# Longer messages are somebody's text, which was meant to be named and not to be shown.
_MOST_SAID = 1_000
_MOST_END = 200
_CUT = " ... "


def bounded(message: str) -> str:
    """Return a message for a person, of a very long one its beginning and its end.

    Args:
        message: Any text that may hold what somebody typed.

    Returns:
        At most a thousand characters.
    """
    if len(message) <= _MOST_SAID:
        return message
    begins = _MOST_SAID - _MOST_END - len(_CUT)
    return message[:begins] + _CUT + message[-_MOST_END:]


class DocsearchError(Exception):
    """Root of the family; raise a subclass.

    Attributes are kept through pickling, whatever a subclass's ``__init__`` takes, because an
    error may be raised in one process and shown in another.
    """

    exit_code: ClassVar[int] = EXIT_INPUT
    """What the command ends with."""
    code: ClassVar[str] = "error"
    """Its name for programs, which stays."""
    message: str
    """What is wrong with which thing."""
    hint: str | None
    """What to try next."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        message = bounded(message)
        super().__init__(message)
        self.message = message
        self.hint = bounded(hint) if hint is not None else None

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.args, dict(self.__dict__)))


def _rebuild(
    kind: type[DocsearchError], args: tuple[Any, ...], state: dict[str, Any]
) -> DocsearchError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class UsageError(DocsearchError):
    """A command cannot be used like this: an unknown option, a value out of range, no question."""

    exit_code: ClassVar[int] = EXIT_USAGE
    code: ClassVar[str] = "usage"


class InputError(DocsearchError):
    """A path given by the user is missing or cannot be read."""

    code: ClassVar[str] = "input"


class AccessError(InputError):
    """The operating system does not let this user read or write something."""

    code: ClassVar[str] = "no_access"


class ResourceError(InputError):
    """The machine has run out of something: memory, open files, processes, room on the disk."""

    code: ClassVar[str] = "no_resources"


class ConfigError(DocsearchError):
    """A configuration file or variable holds something that is not a setting."""

    code: ClassVar[str] = "config"


class ModelError(DocsearchError):
    """An embedding model cannot be loaded, or is not the one that the index was made with."""

    code: ClassVar[str] = "model"


class IndexMissingError(DocsearchError):
    """There is no index in the folder that was given, or in this one and those above it."""

    code: ClassVar[str] = "index_missing"


class IndexCorruptError(DocsearchError):
    """An index file is damaged, truncated or of another schema version."""

    code: ClassVar[str] = "index_corrupt"


class CorpusVanishedError(DocsearchError):
    """A folder that held documents when it was indexed holds none any more."""

    code: ClassVar[str] = "corpus_vanished"


class DocumentsRemovedError(DocsearchError):
    """Most documents of an index would be removed, which was not allowed."""

    code: ClassVar[str] = "documents_removed"


class IndexLockedError(DocsearchError):
    """Another process is building this index."""

    code: ClassVar[str] = "index_locked"


class RunNotFoundError(DocsearchError):
    """No recorded run has this id, or several share the prefix."""

    code: ClassVar[str] = "run_not_found"


class StepNotFoundError(DocsearchError):
    """The run has no such step, or several share the prefix."""

    code: ClassVar[str] = "step_not_found"


class RunCorruptError(DocsearchError):
    """A run's record is damaged, or of a schema version that this docsearch does not read."""

    code: ClassVar[str] = "run_corrupt"
    other_version: int | None = None
    """The schema version of a whole record that is not read; None for a damaged one."""


class RunBusyError(DocsearchError):
    """Another process is writing this run's record."""

    code: ClassVar[str] = "run_busy"


class RunDriftError(DocsearchError):
    """A run cannot continue: the code, the index or a limit differs from what it began with."""

    code: ClassVar[str] = "run_drift"


class RunFailedError(DocsearchError):
    """A run ended without an answer."""

    exit_code: ClassVar[int] = EXIT_RUN_FAILED
    code: ClassVar[str] = "run_failed"


class ClusterError(DocsearchError):
    """A cluster was lost; a run that it carried can be continued."""

    exit_code: ClassVar[int] = EXIT_RUN_FAILED
    code: ClassVar[str] = "cluster"


class ClusterMissingError(ClusterError):
    """There is no cluster, or none of its workers can be used: nothing was begun."""

    exit_code: ClassVar[int] = EXIT_INPUT
    code: ClassVar[str] = "cluster_missing"


class InterruptedByUserError(DocsearchError):
    """Ctrl-C, SIGTERM or SIGHUP before there was a result."""

    exit_code: ClassVar[int] = EXIT_INTERRUPTED
    code: ClassVar[str] = "interrupted"
