"""The server as a process: its address, its errors, and its end."""

import http.client
import re
import signal
import socket
import time
from urllib.parse import urlencode

import psutil
import pytest

from docsearch_cli.index.build import build_index
from tests.serving import SLOW_STEPS, serving
from tests.support import is_gone, wait_until, write_files

# Two seconds are promised. On a busy machine the process itself has to wait for its turn.
MOST_S = 6
DOCS = {
    f"docs/{name}.md": f"# {name.title()}\n\nThe {name} turns the wheel of the {other}.\n"
    f"See [{other}]({other}.md).\n"
    for name, other in zip(
        ("mill", "sluice", "weir", "race", "flume", "gate"),
        ("sluice", "weir", "race", "flume", "gate", "mill"),
        strict=True,
    )
}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    folder = write_files(tmp_path_factory.mktemp("served"), DOCS)
    build_index(folder / ".docsearch", [folder / "docs"], workers=1)
    return folder


class Browser:
    """Sends what a browser sends."""

    def __init__(self, server):
        self.host = server.origin.removeprefix("http://")
        self.headers = {}
        answer, page = self.get(server.address.removeprefix(server.origin))
        assert answer.status == 200
        self.headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
        _, page = self.get("/")
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]

    def get(self, path):
        return self._send("GET", path, None, {})

    def post(self, path, **fields):
        body = urlencode({"csrf": self.csrf, **fields})
        own = {
            "Origin": f"http://{self.host}",
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._send("POST", path, body, own)

    def _send(self, method, path, body, headers):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        connection.request(method, path, body, {**self.headers, **headers})
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        return answer, page

    def begin(self, **fields):
        """Begin a deep search and return the path of its live page."""
        answer, page = self.post("/ask", mode="deep", **fields)
        assert answer.status == 303, page
        return answer.headers["Location"]


def test_the_port_is_on_this_machine_alone(indexed):
    with serving(indexed) as server:
        open_now = psutil.Process(server.process.pid).net_connections()

    (connection,) = [item for item in open_now if item.status == "LISTEN"]

    assert connection.laddr.ip == "127.0.0.1"


def test_a_port_that_is_taken_is_an_error_with_a_way_out(inline):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = inline("serve", "--port", str(port))

    assert ended.code == 3
    assert f"port {port} is taken" in ended.stderr
    assert "--port 0" in ended.stderr


def test_without_an_index_nothing_is_served(inline):
    ended = inline("serve", "--port", "0")

    assert ended.code == 3
    assert "there is no index" in ended.stderr
    assert ended.stdout == ""


def test_a_missing_library_is_an_error_that_says_how_to_install_it(inline, monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "uvicorn" else real(name)
    )
    ended = inline("serve")

    assert ended.code == 3
    assert "uvicorn" in ended.stderr
    assert "web]" in ended.stderr


@pytest.mark.parametrize("words", [["--port", "70000"], ["--port", "x"], ["--max-agents", "0"]])
def test_an_option_that_makes_no_sense_is_refused(inline, words):
    assert inline("serve", *words).code == 2


def test_a_cap_above_the_most_that_there_is_is_refused(inline, indexed):
    ended = inline("serve", "--port", "0", "--index", str(indexed), "--max-agents", "5000")

    assert ended.code == 2
    assert "2,000" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_and_its_workers(indexed, number):
    with serving(indexed, "--workers", "2") as server:
        browser = Browser(server)
        live = browser.begin(q="what turns the wheel of the race and the gate")
        assert wait_until(lambda: browser.get(live)[0].status == 303, 20)
        workers = [child.pid for child in server.children()]
        began = time.monotonic()
        code, said = server.end(number)
        took = time.monotonic() - began

    assert workers
    assert code == 130
    assert took < MOST_S
    assert wait_until(lambda: all(map(is_gone, workers)))
    assert "Traceback" not in said


def test_a_search_under_way_is_stopped_in_order_and_continues_later(docsearch, indexed):
    runs = indexed / ".docsearch" / "runs"
    before = {path.name for path in runs.iterdir()} if runs.is_dir() else set()
    with serving(indexed, "--engine", "inline", script=SLOW_STEPS) as server, server.holding():
        browser = Browser(server)
        # No other test asks this: none of its steps is in the cache.
        live = browser.begin(q="which flume and weir and sluice turn the wheel of the mill")
        assert wait_until(lambda: 'id="step-1"' in browser.get(live)[1], 20)
        watching = http.client.HTTPConnection(browser.host, timeout=20)
        watching.request("GET", f"{live}/events", headers=browser.headers)
        watching.getresponse()  # a page that follows it keeps nobody from ending
        began = time.monotonic()
        code, said = server.end()
        took = time.monotonic() - began
        watching.close()
    (run_id,) = {path.name for path in runs.iterdir()} - before
    resumed = docsearch("resume", run_id, "--json", cwd=indexed)

    assert (code, took < MOST_S) == (130, True)
    assert "resume" in said
    assert resumed.data["stop_reason"] != "cancelled"
    assert resumed.data["complete"]


def test_slow_clients_keep_nobody_waiting(indexed):
    with serving(indexed) as server:
        browser = Browser(server)
        port = int(browser.host.rpartition(":")[2])
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for number, connection in enumerate(slow):
            half = b"GET / HTTP/1.1\r\nHost: x\r\n" if number % 2 else b"POST /ask HTTP/1.1\r\n"
            connection.sendall(half)
        began = time.monotonic()
        answer, _ = browser.get("/runs")
        took = time.monotonic() - began
        for connection in slow:
            connection.close()

    assert answer.status == 200
    assert took < MOST_S


def test_an_index_that_is_made_anew_is_taken_over(tmp_path, monkeypatch):
    """And the token stands in no program's arguments, which every user of the machine may read."""
    monkeypatch.setenv("BROWSER", "true")
    write_files(tmp_path, DOCS)
    build_index(tmp_path / ".docsearch", [tmp_path / "docs"], workers=1)
    with serving(tmp_path, "--open") as server:
        lines = [" ".join(child.cmdline()) for child in server.children()]
        browser = Browser(server)
        before = browser.get("/doc/new.md")[0].status
        write_files(tmp_path, {"docs/new.md": "# New\n\nA pond.\n"})
        build_index(tmp_path / ".docsearch", [tmp_path / "docs"], workers=1)
        answer, page = browser.get("/doc/new.md")

    assert (before, answer.status) == (404, 200)
    assert "A pond." in page
    assert not [line for line in lines if server.address.partition("token=")[2] in line]
