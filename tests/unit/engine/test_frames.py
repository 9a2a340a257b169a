import contextlib
import os
import random
import socket
import struct
import threading
import time

import pytest

from docsearch_cli.engine.frames import Channel, FrameError, join_frames, read_frame

MOST = 1_000_000


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    channel = Channel(ours, MOST)
    yield channel, theirs
    channel.close()
    theirs.close()


@pytest.fixture
def stream(pair):
    with pair[1].makefile("rb") as opened:
        yield opened


def frame(data):
    return struct.pack("!i", len(data)) + data


def test_frames_come_whole_whatever_pieces_they_are_sent_in(pair):
    channel, theirs = pair
    draw = random.Random(1)
    sent = [os.urandom(draw.choice((0, 1, 100, 70_000))) for _ in range(30)]
    stream = b"".join(map(frame, sent))
    found = []
    while stream:
        count = draw.randint(1, 50_000)
        theirs.sendall(stream[:count])
        stream = stream[count:]
        found += channel.receive()

    assert found == sent


def test_half_a_frame_is_nothing_yet(pair):
    channel, theirs = pair
    theirs.sendall(frame(b"whole")[:6])
    assert channel.receive() == []
    theirs.sendall(frame(b"whole")[6:])

    assert channel.receive() == [b"whole"]


def test_nothing_to_read_is_no_wait(pair):
    channel, _ = pair
    started = time.monotonic()

    assert channel.receive() == []
    assert not channel.is_closed
    assert time.monotonic() - started < 5


def test_what_came_before_the_end_is_read(pair):
    channel, theirs = pair
    theirs.sendall(frame(b"last"))
    theirs.close()

    assert channel.receive() == [b"last"]
    channel.receive()
    assert channel.is_closed


def test_nothing_more_comes_once_it_is_closed(pair):
    channel, theirs = pair
    theirs.close()
    assert channel.receive() == []
    assert channel.is_closed

    assert channel.receive() == []


def test_a_connection_that_is_reset_is_closed(pair):
    channel, theirs = pair
    channel.send(b"nobody reads this")
    theirs.close()

    assert channel.receive() == []
    assert channel.is_closed


def test_the_largest_frame_may_come_and_no_larger(pair):
    channel, theirs = pair
    writer = threading.Thread(target=theirs.sendall, args=(frame(b"x" * MOST),))
    writer.start()
    found = []
    while not found:
        found = channel.receive()
    writer.join()
    theirs.sendall(struct.pack("!i", MOST + 1))

    assert [len(data) for data in found] == [MOST]
    with pytest.raises(FrameError, match="a message of 1,000,001 bytes"):
        channel.receive()


@pytest.mark.parametrize("head", [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"])
def test_a_length_that_cannot_be_is_an_error_and_no_memory(pair, head):
    channel, theirs = pair
    theirs.sendall(head)

    with pytest.raises(FrameError, match="a message of"):
        channel.receive()


def test_what_nobody_reads_waits_here(pair):
    channel, theirs = pair
    data = os.urandom(900_000)
    channel.send(data, b"second")
    assert channel.has_to_write

    found = bytearray()
    while channel.has_to_write:
        found += theirs.recv(1 << 20)
        channel.flush()
    while len(found) < len(data) + 8 + 6:
        found += theirs.recv(1 << 20)
    assert bytes(found) == frame(data) + frame(b"second")


def test_writing_to_one_who_is_gone_is_an_error(pair):
    channel, theirs = pair
    theirs.close()

    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        channel.send(b"x" * 100_000, b"y" * 100_000)


def test_one_who_never_stops_writing_is_read_one_turn_at_a_time(pair):
    channel, theirs = pair
    is_over = threading.Event()

    def write():
        with contextlib.suppress(OSError):
            while not is_over.is_set():
                theirs.sendall(frame(b"x" * 100) * 100)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        turns = [channel.receive() for _ in range(20)]
    finally:
        is_over.set()
        channel.close()
        writer.join()

    assert all(len(turn) < 1_000 for turn in turns)


def test_the_other_end_reads_the_same_frames(pair, stream):
    channel, _ = pair
    channel.send(b"first", b"", b"third")

    assert [read_frame(stream) for _ in range(3)] == [b"first", b"", b"third"]


def test_the_other_end_learns_of_a_frame_that_is_cut_off(pair, stream):
    channel, _ = pair
    channel._socket.sendall(join_frames(b"whole")[:-1])
    channel.close()

    with pytest.raises(EOFError):
        read_frame(stream)
