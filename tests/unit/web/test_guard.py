import asyncio

import pytest

from docsearch_cli.web import guard
from docsearch_cli.web.access import Access
from docsearch_cli.web.guard import MOST_BODY_BYTES
from tests.local_page import FROM_OUR_PAGE, ORIGIN, PORT, client_of, form

OTHER = "https://elsewhere.example"
PAGES = ["/", "/runs", "/doc/start.md", "/graph/start.md", "/live/1", "/live/1/events", "/nowhere"]
CHANGES = ["/ask", "/live/1/stop", "/runs/1/fork", "/runs/1/resume", "/runs/1/steps/1/replay"]


@pytest.mark.parametrize("path", [*PAGES, "/static/page.css", "/static/nothing"])
def test_every_answer_says_what_a_browser_may_do_with_it(client, path):
    headers = client.get(path).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", [*PAGES, "/static/page.css"])
@pytest.mark.parametrize(
    "host",
    ["elsewhere.example", f"elsewhere.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", ""],
)
def test_another_host_is_not_served(client, path, host):
    answer = client.get(path, headers={"host": host})

    assert answer.status_code == 421
    assert "mill" not in answer.text


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_this_machine_is_served_by_each_of_its_names(client, name):
    assert client.get("/runs", headers={"host": f"{name}:{PORT}"}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_without_the_cookie_no_page_is_shown(site, path):
    answer = client_of(site, is_let_in=False).get(path)

    assert answer.status_code == 403
    assert "docsearch serve printed" in answer.text
    assert site.access.csrf not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", CHANGES)
def test_without_the_cookie_nothing_is_changed(site, path):
    client = client_of(site, is_let_in=False)

    answer = client.post(path, data=form(site), headers=FROM_OUR_PAGE)

    assert answer.status_code == 403


@pytest.mark.parametrize("value", ["", "x", "é", "x" * 5000])
def test_a_wrong_cookie_is_none(site, value):
    client = client_of(site, is_let_in=False)
    header = f"{site.access.cookie_name}={value}".encode("latin-1")

    assert client.get("/", headers={"cookie": header}).status_code == 403


def test_the_cookie_of_another_server_is_none(site):
    client = client_of(site, is_let_in=False)
    client.cookies.set(site.access.cookie_name, Access(PORT).session)

    assert client.get("/").status_code == 403


@pytest.mark.parametrize("other", ['a={"b":1}', "a=b c", 'x="', "=", "ü=é", "docsearch-1=x"])
def test_a_cookie_of_another_program_does_not_shut_us_out(site, other):
    ours = f"{site.access.cookie_name}={site.access.session}"

    assert site.access.has_cookie(f"{other}; {ours}")
    assert site.access.has_cookie(f"{ours};{other}")
    assert not site.access.has_cookie(f"{other}; not-{ours}")


def test_the_address_that_is_printed_gives_a_cookie_that_no_script_and_no_other_site_gets(site):
    client = client_of(site, is_let_in=False)

    answer = client.get(site.access.address)

    # From a page of ours, so that the browser sends the cookie.
    assert '<meta http-equiv="refresh" content="0; url=/">' in answer.text
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert site.access.token not in cookie + answer.text
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "\u00e9", "a" * 43])
def test_a_wrong_token_gives_no_cookie(site, token):
    answer = client_of(site, is_let_in=False).get("/", params={"token": token})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": OTHER, "sec-fetch-site": "cross-site"},
        {"origin": OTHER},
        {"origin": f"http://127.0.0.1:{PORT + 1}", "sec-fetch-site": "same-site"},
        {"origin": f"http://localhost:{PORT}"},  # the page is at 127.0.0.1
        {"origin": "null"},  # a sandboxed frame
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {},
    ],
)
def test_a_form_of_another_origin_changes_nothing(site, client, path, headers):
    answer = client.post(path, data=form(site), headers=headers)

    assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{}, {"origin": "null"}])
def test_a_form_that_does_not_say_where_it_comes_from_is_told_so(site, client, headers):
    answer = client.post("/ask", data=form(site), headers=headers)

    assert "neither Origin nor Sec-Fetch-Site says" in answer.text


@pytest.mark.parametrize(
    "headers", [FROM_OUR_PAGE, {"origin": "null", "sec-fetch-site": "same-origin"}]
)
def test_a_form_of_our_own_page_is_read(site, client, headers):
    answer = client.post("/ask", data=form(site, q="mill", mode="simple"), headers=headers)

    assert answer.status_code == 303


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("csrf", [None, "", "x", "é"])
def test_a_form_without_our_secret_changes_nothing(client, path, csrf):
    data = {} if csrf is None else {"csrf": csrf}

    assert client.post(path, data=data, headers=FROM_OUR_PAGE).status_code in (403, 415)


@pytest.mark.parametrize("path", CHANGES)
def test_a_change_is_no_address(client, path):
    assert client.get(path).status_code in (404, 405)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_other_methods_are_refused(client, method):
    assert client.request(method, "/ask").status_code == 405


@pytest.mark.parametrize("site_word", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/", "/doc/start.md", "/static/page.css"])
def test_nothing_is_sent_to_be_a_part_of_another_page(client, path, site_word):
    headers = {"sec-fetch-site": site_word, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}

    assert client.get(path, headers=headers).status_code == 403


def test_a_link_on_another_page_may_be_followed(client):
    headers = {
        "sec-fetch-site": "same-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
    }

    assert client.get("/doc/start.md", headers=headers).status_code == 200


def test_a_form_that_is_too_long_is_refused_whatever_it_says_of_its_length(site, client):
    long = form(site, q="x" * MOST_BODY_BYTES)

    def portions():
        yield f"csrf={site.access.csrf}&q=".encode()
        for _ in range(100):
            yield b"x" * 1000

    type_ = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/ask", data=long, headers=FROM_OUR_PAGE).status_code == 413
    answer = client.post("/ask", content=portions(), headers={**FROM_OUR_PAGE, **type_})
    assert answer.status_code == 413


def test_a_form_of_another_kind_is_refused(site, client):
    answer = client.post("/ask", json={"csrf": site.access.csrf}, headers=FROM_OUR_PAGE)

    assert answer.status_code == 415


def test_too_many_fields_are_refused(site, client):
    data = {"csrf": site.access.csrf, **{f"f{n}": "x" for n in range(100)}}

    assert client.post("/ask", data=data, headers=FROM_OUR_PAGE).status_code == 400


def test_a_form_that_never_ends_is_given_up(site, monkeypatch):
    monkeypatch.setattr(guard, "_BODY_WAIT_S", 0.05)
    sent = []

    async def receive():
        await asyncio.sleep(10)

    async def send(message):
        sent.append(message)

    client = client_of(site)
    headers = {
        **FROM_OUR_PAGE,
        "host": f"127.0.0.1:{PORT}",
        "content-type": "application/x-www-form-urlencoded",
        "cookie": f"{site.access.cookie_name}={site.access.session}",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/ask",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(client.app(scope, receive, send))

    assert sent[0]["status"] == 408


def test_every_server_has_secrets_of_its_own(tmp_path):
    one, other = Access(PORT), Access(PORT)

    secrets = {one.token, one.session, one.csrf, other.token, other.session, other.csrf}
    assert len(secrets) == 6
    assert one.token not in repr(one)


def test_the_pages_of_a_site_hold_its_form_secret_and_no_other(site, client):
    page = client.get("/").text

    assert site.access.csrf in page
    assert site.access.session not in page
    assert site.access.token not in page
