"""A run that is cut off anywhere, resumed, stopped or cut off again, and resumed again."""

import shutil

import pytest

from docsearch_cli.runs.catalog import DATABASE, opened_run, run_folder
from docsearch_cli.runs.events import blobs_named
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.verify import verify_run
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.resume import resume_run
from tests.searching import ask_deep, digests, make_world

LIMITS = {"max_agents": 8, "max_depth": 3, "fan_out": 2, "seeds": 3, "window": 3}


class StopAt(SearchObserver):
    """Cancels after so many questions whether to stop."""

    def __init__(self, questions):
        self.left = questions

    def stop_reason(self):
        self.left -= 1
        return "cancelled" if self.left < 0 else None


class Killed(BaseException):
    """The process ends here."""


class Resumable:
    """A finished run of several steps, which can be put back to any of its events."""

    def __init__(self, folder, engine=None):
        self.world = make_world(folder, 55, LIMITS)
        self.run_id = ask_deep(self.world, engine).run_id
        self.path = run_folder(self.world.home, self.run_id) / DATABASE
        self.whole = folder / "whole.db"
        shutil.copyfile(self.path, self.whole)
        with opened_run(self.world.home, self.run_id) as store:
            self.events = len(store.events())
            self.digests = digests(store)

    def cut_whole(self, events):
        shutil.copyfile(self.whole, self.path)
        self.cut(events)

    def cut(self, events):
        for rest in ("-wal", "-shm"):
            self.path.with_name(DATABASE + rest).unlink(missing_ok=True)
        store = RunStore(self.path, "append")
        store.connection.execute("delete from events where seq > ?", (events,))
        named = {name for event in store.events() for name in blobs_named(event.data)}
        for name in store.blob_names() - named:
            store.connection.execute("delete from blobs where hash = ?", (name,))
        store.close()

    def resume(self, observer=None):
        options = AskOptions(settings=self.world.settings, engine="inline", use_cache=False)
        with opened_run(self.world.home, self.run_id) as store:
            return resume_run(
                self.world.home,
                self.world.index,
                store,
                options=options,
                observer=observer or SearchObserver(),
            )

    def verified(self):
        with opened_run(self.world.home, self.run_id) as store:
            return verify_run(store)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Resumable(tmp_path_factory.mktemp("resumed"))


def test_a_run_cut_at_any_event_and_stopped_while_resuming_goes_on_to_the_same_result(run):
    for cut in range(1, run.events):
        for questions in (0, 4):
            run.cut_whole(cut)
            stopped = run.resume(StopAt(questions))
            found = run.verified()
            counted = stopped.budget["agents_used"], stopped.budget["tokens_read"]
            if not stopped.complete:
                run.resume()
            ended = run.verified()

            where = f"cut after event {cut}, stopped after {questions}"
            recorded = {line.name: line.used for line in found.certificate}
            assert counted == (recorded["max_agents"], recorded["max_tokens"]), where
            assert (ended.dag, ended.answer) == run.digests, where


def test_a_resume_that_is_cut_at_any_event_is_resumed_to_the_same_result(run, monkeypatch):
    append = RunStore.append
    for cut in (2, 7, run.events - 2):
        for more in range(run.events):
            left = [more]

            def append_or_die(self, kind, data, left=left):
                if left[0] == 0:
                    raise Killed
                left[0] -= 1
                append(self, kind, data)

            run.cut_whole(cut)
            monkeypatch.setattr(RunStore, "append", append_or_die)
            try:
                run.resume()
            except Killed:
                pass
            else:
                break
            finally:
                monkeypatch.setattr(RunStore, "append", append)
            run.verified()
            stopped = run.resume(StopAt(2))
            run.verified()
            if not stopped.complete:
                run.resume()
            ended = run.verified()

            assert (ended.dag, ended.answer) == run.digests, f"cut after {cut}, {more} more"
