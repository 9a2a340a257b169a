"""What strangers on the same machine can take of a server on a port."""

import asyncio
import resource
from contextlib import asynccontextmanager

import pytest

from docsearch_cli.service import loopback, patient_protocol
from docsearch_cli.service.loopback import make_server, most_connections, open_socket

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(patient_protocol, "REQUEST_WAIT_S", 0.3)


async def app(scope, receive, send):
    """Answers at once, to ``/slow`` after three times the patience; reads no body."""
    if scope["path"] == "/slow":
        await asyncio.sleep(0.9)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


@asynccontextmanager
async def served():
    """Serve on a port, and hand out what connects to it."""
    opened = open_socket(0)
    server = make_server(app, has_lifespan=False)
    serving = asyncio.create_task(server.serve(sockets=[opened]))
    clients = []

    async def connect():
        reader, writer = await asyncio.open_connection(*opened.getsockname())
        clients.append(writer)
        return reader, writer

    try:
        yield connect
    finally:
        for writer in clients:
            writer.close()
        server.should_exit = True
        await serving


async def status_of(connect, request=GET):
    reader, writer = await connect()
    writer.write(request)
    return (await asyncio.wait_for(reader.readline(), 5)).decode().strip()


async def is_closed(reader, seconds=3):
    """Tell whether the server closes a connection, after whatever it sends."""
    try:
        while await asyncio.wait_for(reader.read(1000), seconds):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", GET + b"GET /", b"POST / HTTP/1.1\r\nHost: x\r\n"],
)
def test_a_client_without_a_whole_request_is_closed_however_slowly_it_drips(beginning):
    async def main():
        async with served() as connect:
            reader, writer = await connect()
            writer.write(beginning)

            async def drip():
                while beginning:
                    await asyncio.sleep(0.05)
                    writer.write(b"x")

            dripping = asyncio.create_task(drip())
            closed = await is_closed(reader)
            dripping.cancel()
            return closed

    assert asyncio.run(main())


def test_a_body_that_never_ends_does_not_keep_an_answered_connection():
    async def main():
        async with served() as connect:
            reader, writer = await connect()
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n")

            async def drip():
                while True:
                    writer.write(b"x")
                    await asyncio.sleep(0.05)

            dripping = asyncio.create_task(drip())
            closed = await is_closed(reader)
            dripping.cancel()
            return closed

    assert asyncio.run(main())


def test_an_answer_may_take_longer_than_a_request():
    async def main():
        async with served() as connect:
            return await status_of(connect, GET.replace(b"/ ", b"/slow "))

    assert asyncio.run(main()) == "HTTP/1.1 200 OK"


def test_silent_connections_shut_nobody_out(monkeypatch):
    monkeypatch.setattr(patient_protocol, "REQUEST_WAIT_S", 60)
    monkeypatch.setattr(loopback, "_MOST_CONNECTIONS", 5)

    async def main():
        async with served() as connect:
            silent = [await connect() for _ in range(20)]
            said = [await status_of(connect) for _ in range(3)]
            return said, await is_closed(silent[0][0]), await is_closed(silent[-1][0], 0.2)

    assert asyncio.run(main()) == (["HTTP/1.1 200 OK"] * 3, True, False)


def test_those_that_are_being_answered_are_not_closed_for_others(monkeypatch):
    monkeypatch.setattr(loopback, "_MOST_CONNECTIONS", 2)

    async def main():
        async with served() as connect:
            slow = [
                asyncio.create_task(status_of(connect, GET.replace(b"/ ", b"/slow ")))
                for _ in range(2)
            ]
            await asyncio.sleep(0.2)
            reader, _ = await connect()
            return await is_closed(reader, 0.5), await asyncio.gather(*slow)

    assert asyncio.run(main()) == (True, ["HTTP/1.1 200 OK"] * 2)


@pytest.mark.parametrize(
    ("files", "most"), [(128, 32), (3, 1), (1024, 100), (resource.RLIM_INFINITY, 100)]
)
def test_connections_leave_files_for_the_rest(monkeypatch, files, most):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))

    assert most_connections() == most
