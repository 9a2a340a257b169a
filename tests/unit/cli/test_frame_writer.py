import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.text import Text

from docsearch_cli.cli import frame_writer, signals
from docsearch_cli.cli.frame_writer import ERASE, FrameWriter, takes_frames
from tests.screen_emulator import Screen


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    """A writer, and a function that gives what it has sent since the last call."""
    stream = (tmp_path / "terminal").open("w", encoding="utf-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    place = 0

    def sent():
        nonlocal place
        text = (tmp_path / "terminal").read_bytes()[place:]
        place += len(text)
        return text.decode()

    yield FrameWriter(stream), sent
    stream.close()
    signals.erase_first(b"")


def texts(*lines):
    return [Text(line) for line in lines]


def test_only_lines_that_have_changed_are_written(terminal):
    writer, sent = terminal
    screen = Screen(40, 10)
    writer.draw(texts("one", "two", "three"), 40)
    screen.feed(sent())
    writer.draw(texts("one", "TWO", "three"), 40)
    screen.feed(sent())

    assert screen.lines == ["one", "TWO", "three"]
    assert screen.frames[1].written == [1]
    assert screen.frames[1].cleared == []
    assert screen.frames[0].cleared == []


def test_nothing_is_sent_where_nothing_has_changed(terminal):
    writer, sent = terminal
    writer.draw(texts("one"), 40)
    sent()
    writer.draw(texts("one"), 40)

    assert sent() == ""


def test_a_shorter_line_leaves_nothing_behind(terminal):
    writer, sent = terminal
    screen = Screen(40, 10)
    writer.draw(texts("a long line", "b"), 40)
    writer.draw(texts("short", "b"), 40)
    screen.feed(sent())

    assert screen.lines == ["short", "b"]


def test_a_frame_is_one_write(terminal, monkeypatch):
    writer, _ = terminal
    writes = []
    monkeypatch.setattr(frame_writer.os, "write", lambda _, data: writes.append(data) or len(data))
    writer.draw(texts(*map(str, range(30))), 40)

    assert len(writes) == 1
    assert writes[0].startswith(b"\x1b[?2026h")
    assert writes[0].endswith(b"\x1b[?2026l")


def test_between_frames_one_sequence_clears_it(terminal):
    writer, sent = terminal
    screen = Screen(40, 6)
    screen.feed("$ docsearch ask\r\n")
    writer.draw(texts("one", "two", "three"), 40)
    screen.feed(sent())
    screen.feed(ERASE + "docsearch: interrupted\r\n")

    assert screen.lines == ["$ docsearch ask", "docsearch: interrupted"]


def test_a_process_that_is_ended_as_it_stands_clears_it(terminal):
    writer, _ = terminal
    writer.draw(texts("one"), 40)

    assert signals._request.erasing == ERASE.encode()
    writer.erase()
    assert signals._request.erasing == b""


def test_a_terminal_that_is_gone_is_no_error(terminal, monkeypatch):
    writer, _ = terminal

    def refuse(*_):
        raise OSError(5, "gone")

    monkeypatch.setattr(frame_writer.os, "write", refuse)
    writer.draw(texts("one"), 40)
    writer.draw(texts("two"), 40)
    writer.erase()


def test_no_colour_where_none_is_wanted(terminal, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    writer, sent = terminal
    FrameWriter(writer._terminal).draw([Text("red", style="red"), Text("bold", style="bold")], 40)
    screen = Screen(40, 6)
    screen.feed(sent())

    assert screen.lines == ["red", "bold"]
    assert screen.colours == 0


@pytest.mark.parametrize("name", ["dumb", "unknown", ""])
def test_a_terminal_whose_cursor_cannot_be_moved_takes_no_frames(monkeypatch, name):
    class Stream:
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")

    assert takes_frames(Stream())
    monkeypatch.setenv("TERM", name)
    assert not takes_frames(Stream())


# Without joiners: how wide what they join is differs from terminal to terminal.
lines = st.lists(
    st.text(st.sampled_from("ab 漢e\u0301👩\u202e"), max_size=25), min_size=1, max_size=9
)
events = st.lists(
    st.one_of(lines, st.tuples(st.integers(5, 60), st.integers(12, 20), st.booleans())),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=events, above=st.integers(0, 14))
def test_the_screen_shows_each_frame_whatever_came_before(terminal, events, above):
    writer, sent = terminal
    writer.erase()
    writer._columns = 0
    sent()
    screen = Screen(60, 14)
    screen.feed("before\r\n" * above)
    for event in events:
        if isinstance(event, tuple):
            screen.resize(event[0], event[1], reflow=event[2])
            continue
        made = texts(*event)
        for line in made:
            line.truncate(screen.columns - 1)
        writer.draw(made, screen.columns)
        screen.feed(sent())
        shown = [*screen.lines, *[""] * 20]
        top = screen.row

        assert [shown[top + row].rstrip() for row in range(len(made))] == [
            cells(line.plain).rstrip() for line in made
        ]
        assert not any(shown[top + len(made) :])
    writer.erase()
    screen.feed(sent())
    assert set(screen.lines) <= {"before"[a:b] for a in range(6) for b in range(a + 1, 7)}


def cells(text):
    """Return a text as the emulator keeps it: without what takes no cell."""
    from tests.screen_emulator import width_of

    return "".join(character for character in text if width_of(character))
