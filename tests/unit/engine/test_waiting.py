"""Steps that wait for a scripted model in one event loop, within what they may ask."""

import asyncio
import time
from dataclasses import replace

import pytest

from docsearch_cli.engine.exchanges import Exchange, is_from_cache, reply_key, total_of
from docsearch_cli.engine.model_gate import MOST_FAILURES_IN_A_ROW, ModelGate
from docsearch_cli.engine.protocol import StepCall, StepOutcome
from docsearch_cli.engine.waiting import WaitingEngine
from docsearch_cli.errors import ModelError
from docsearch_cli.llm.accounting import Price, charge, encode_reply, encode_request, reserve
from docsearch_cli.llm.exchange import Message, ModelBusyError, ModelReply, ModelRequest
from docsearch_cli.steps import NOTHING, Amount

PRICE = Price(1_000_000, 2_000_000)
GRANT = Amount(10, 100_000, 1_000_000)


def request(text="what?"):
    return ModelRequest("m", (Message("user", text),), {}, 300, "toy@1")


def replied(text="yes"):
    return ModelReply(text, 40, 10, "m-1", "stop")


class Model:
    """Does with each request what the script says: a reply, an error, or seconds to wait."""

    def __init__(self, *script):
        self.script = list(script)
        self.sent = []
        self.closed = 0

    async def send(self, request, timeout_s):
        self.sent.append((request, timeout_s))
        step = self.script.pop(0) if self.script else replied()
        if isinstance(step, float):
            await asyncio.sleep(step)
            return replied()
        if isinstance(step, Exception):
            raise step
        return step

    async def close(self):
        self.closed += 1


class Journal:
    def __init__(self):
        self.events = []

    def asked(self, step, exchange):
        self.events.append(("asked", step, exchange))
        return sum(kind == "asked" for kind, _, _ in self.events)

    def replied(self, step, exchange):
        self.events.append(("replied", step, exchange))


class Cache:
    def __init__(self, values=()):
        self.values = dict(values)

    def get(self, key):
        return self.values.get(key)


class Others:
    """An engine for what does not wait, with one slot."""

    name = "others"

    def __init__(self):
        self.started = self.closed = self.idle_polls = 0
        self.calls = []

    def start(self):
        self.started += 1

    def free_slots(self):
        return 1 - len(self.calls)

    def submit(self, call):
        self.calls.append(call)

    def poll(self, timeout_s):
        if self.idle_polls:
            self.idle_polls -= 1
            return []
        calls, self.calls = self.calls, []
        return [StepOutcome(call.number, "ok", b"other") for call in calls]

    def close(self):
        self.closed += 1


async def ask_once(payload, asker):
    return (await asker.ask(request(payload.decode()))).text.encode()


async def ask_twice(payload, asker):
    first = await asker.ask(request(payload.decode()))
    return (first.text + (await asker.ask(request("more"))).text).encode()


async def fail(payload, asker):
    raise KeyError("a bug")


FUNCTIONS = {"once@1": ask_once, "twice@1": ask_twice, "bug@1": fail}


class Made:
    def __init__(self, *script, slots=4, cache=None):
        self.model = Model(*script)
        self.journal = Journal()
        self.others = Others()
        self.gate = ModelGate(lambda _: self.model, {"m": PRICE}, self.journal, cache)
        self.engine = WaitingEngine(FUNCTIONS, self.gate, slots, self.others)

    def run(self, function="once@1", **given):
        """Run one call to its end."""
        self.engine.submit(call(function=function, **given))
        return self.wait(1)[0]

    def wait(self, count):
        found = []
        until = time.monotonic() + 5
        while len(found) < count and time.monotonic() < until:
            found += self.engine.poll(0.2)
        return found


def call(number=1, function="once@1", payload=b"what?", timeout_s=5.0, grant=GRANT, **given):
    return StepCall(number, function, payload, timeout_s, grant=grant, **given)


@pytest.fixture
def make():
    made = []

    def make_one(*script, **options):
        made.append(Made(*script, **options))
        return made[-1]

    yield make_one
    for item in made:
        item.engine.close()


def test_a_step_gets_the_reply_and_the_outcome_says_what_it_cost(make):
    made = make()
    outcome = made.run()

    assert (outcome.status, outcome.output) == ("ok", b"yes")
    (exchange,) = outcome.exchanges
    assert exchange.charged == charge(request(), replied(), PRICE)
    assert exchange.reserved == reserve(request(), PRICE)
    assert (exchange.number, exchange.attempt, exchange.origin) == (1, 1, "sent")
    assert exchange.reply == encode_reply(replied())
    assert outcome.elapsed_ms > 0 and outcome.worker > 0


def test_a_request_is_written_down_before_it_is_sent(make):
    made = make()
    seen = []

    async def send(_request, _timeout_s):
        seen.extend(kind for kind, _, _ in made.journal.events)
        return replied()

    made.model.send = send
    made.run()

    assert seen == ["asked"]
    assert [kind for kind, _, _ in made.journal.events] == ["asked", "replied"]
    assert made.journal.events[0][2].charged == reserve(request(), PRICE)


def test_steps_wait_side_by_side_up_to_the_slots(make):
    made = make(*[1.0] * 4)
    started = time.monotonic()
    for number in range(1, 5):
        made.engine.submit(call(number))

    assert made.engine.free_slots() == 0
    assert [outcome.number for outcome in made.wait(4)] == [1, 2, 3, 4]
    assert time.monotonic() - started < 3.5  # one after the other they take four
    assert made.engine.free_slots() == 4


def test_without_anything_to_run_a_poll_waits(make):
    made = make()
    started = time.monotonic()

    assert made.engine.poll(0.05) == []
    assert time.monotonic() - started >= 0.05


def test_a_step_that_asks_nothing_runs_on_the_other_engine_which_starts_when_needed(make):
    made = make(0.1)
    made.engine.start()
    assert made.others.started == 0
    for number in (1, 2):
        made.engine.submit(call(number, "local@1"))
    made.engine.submit(call(3))

    assert made.engine.free_slots() == 1
    assert [outcome.output for outcome in made.wait(3)] == [b"other", b"other", b"yes"]
    assert made.others.started == 1
    assert made.engine.free_slots() == 4


@pytest.mark.parametrize("waiting", [0, 1])
def test_what_computes_elsewhere_is_waited_for(make, waiting):
    made = make(*[0.3] * waiting)
    made.others.idle_polls = 3
    for number in range(2, 2 + waiting):
        made.engine.submit(call(number))
    made.engine.submit(call(1, "local@1"))

    assert [outcome.number for outcome in made.engine.poll(2)] == [1]


@pytest.mark.parametrize(
    ("error", "wait_s", "charged"),
    [
        (ModelBusyError("429", retry_after_s=7), 7, Amount(1)),
        (ModelBusyError("503"), 0, Amount(1)),
        (ModelBusyError("reset", may_be_billed=True), 0, reserve(request(), PRICE)),
    ],
)
def test_what_may_pass_by_itself_is_transient_and_paid_for_if_it_may_be(
    make, error, wait_s, charged
):
    outcome = make(error).run()

    assert (outcome.status, outcome.wait_s) == ("transient", wait_s)
    (exchange,) = outcome.exchanges
    assert (exchange.reply, exchange.charged) == (None, charged)
    assert exchange.error == f"ModelBusyError: {error}"


def test_a_step_that_takes_too_long_is_a_timeout_and_costs_all_that_was_reserved(make):
    made = make(9.0)
    outcome = made.run(timeout_s=0.1)

    assert outcome.status == "timeout"
    assert "0.1 s" in outcome.error.message
    assert total_of(outcome.exchanges) == reserve(request(), PRICE)
    assert made.gate.failures == 1
    assert made.model.sent[0][1] <= 0.1


def test_a_bug_is_an_error(make):
    outcome = make().run("bug@1")

    assert outcome.status == "error"
    assert outcome.error.kind == "KeyError"


def test_a_refusal_for_good_ends_the_run(make):
    made = make(ModelError("no key"), ModelError("no key"), 5.0)
    for number in (1, 2, 3):
        made.engine.submit(call(number))

    with pytest.raises(ModelError, match="no key"):
        made.wait(1)


def test_what_is_left_of_the_grant_bounds_each_request(make):
    most = reserve(request(), PRICE)
    made = make(replied("first"))
    outcome = made.run("twice@1", grant=replace(GRANT, requests=1))

    assert outcome.status == "declined"
    assert "BudgetSpentError" in outcome.error.kind
    assert len(made.model.sent) == 1
    assert total_of(outcome.exchanges).fits(most)


def test_a_reply_is_cut_at_what_is_left_to_pay_for_it(make):
    made = make()
    outcome = made.run(grant=reserve(request(), PRICE) - Amount(tokens=100))

    assert outcome.status == "ok"
    assert made.model.sent[0][0].max_output_tokens == 200


def test_earlier_attempts_of_a_step_count_against_its_grant(make):
    earlier = Exchange(1, b"{}", Amount(1, 50, 50), Amount(1, 50, 50))
    made = make()
    outcome = made.run(grant=replace(GRANT, requests=1), attempt=2, exchanges=(earlier,))

    assert outcome.status == "declined"
    assert made.model.sent == []


def test_what_was_asked_before_a_run_was_interrupted_is_not_asked_again(make):
    cut = replace(request(), max_output_tokens=200)
    earlier = Exchange(
        1, encode_request(cut), GRANT, Amount(1, 9, 9), reply=encode_reply(replied("known"))
    )
    lost = Exchange(1, encode_request(request("lost")), GRANT, Amount(1, 9, 9))
    other = replace(earlier, request=encode_request(request("other")))
    made = make()
    outcome = made.run("twice@1", exchanges=(lost, other, earlier))

    assert outcome.output == b"knownyes"
    assert [item.origin for item in outcome.exchanges] == ["resume", "sent"]
    assert outcome.exchanges[0].charged == NOTHING
    assert len(made.model.sent) == 1


def test_another_attempt_asks_anew(make):
    earlier = Exchange(
        1, encode_request(request()), GRANT, Amount(1, 9, 9), reply=encode_reply(replied("bad"))
    )
    made = make()

    assert made.run(attempt=2, exchanges=(earlier,)).output == b"yes"


def test_a_cached_reply_is_not_asked_for_and_counts_as_if_it_were(make):
    key = reply_key(encode_request(request()))
    made = make(cache=Cache({key: encode_reply(replied("cached"))}))
    outcome = made.run()

    assert outcome.output == b"cached"
    assert made.model.sent == []
    assert outcome.exchanges[0].charged == charge(request(), replied(), PRICE)
    assert is_from_cache(outcome.exchanges)
    assert not is_from_cache(())


@pytest.mark.parametrize("found", [b"{", b'{"text": 1}', b"[]"])
def test_what_the_cache_holds_and_is_no_reply_is_a_miss(make, found):
    made = make(cache=Cache({reply_key(encode_request(request())): found}))

    assert made.run().output == b"yes"


def test_after_failures_in_a_row_nothing_more_is_sent(make):
    made = make(*[ModelBusyError("503")] * MOST_FAILURES_IN_A_ROW)
    statuses = [made.run(number=number).status for number in range(1, 8)]

    assert statuses == ["transient"] * 5 + ["declined"] * 2
    assert len(made.model.sent) == 5


def test_a_reply_between_failures_closes_the_circuit(make):
    busy = [ModelBusyError("503")] * (MOST_FAILURES_IN_A_ROW - 1)
    made = make(*busy, replied(), *busy)
    for number in range(1, 10):
        made.run(number=number)

    assert made.run(number=11).status == "ok"


def test_a_model_without_a_price_costs_nothing_that_is_known(make):
    made = make()
    made.gate.prices = {}
    (exchange,) = made.run().exchanges

    assert exchange.charged == Amount(1, 50, 0)


def test_closing_cancels_what_waits_and_closes_the_connections(make):
    made = make(0.0, 60.0)
    made.run()
    made.engine.submit(call(2))
    made.engine.poll(0.01)
    started = time.monotonic()
    made.engine.close()
    made.engine.close()

    assert time.monotonic() - started < 20
    assert (made.model.closed, made.others.closed) == (1, 2)


def test_closing_does_not_wait_for_a_client_that_does_not_close(make):
    made = make()
    made.run()

    async def hang():
        await asyncio.sleep(60)

    made.model.close = hang
    started = time.monotonic()
    made.engine.close()

    assert time.monotonic() - started < 20
