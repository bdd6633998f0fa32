"""The code of docs/how-to/web-handler.md, called as a WSGI server calls it."""

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from recipes import pages

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOST = 64 * 1024
ENDED = {"wsgi.input_terminated": True}
"""What servers say that end the stream where the body ends, however it was sent."""


class Bounded(BytesIO):
    """A stream of which nobody reads without a bound."""

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 <= size <= MOST + 1
        return super().read(size)


class Site:
    """The application of the page, with one customer and a clock that stands still."""

    def __init__(self) -> None:
        self.web: dict[str, Any] = {"__name__": "web"}
        exec(compile(pages.module("web-handler"), "web.py", "exec"), self.web)  # noqa: S102
        self.now = NOW
        self.store = self.web["Store"]()
        self.enroll("ann")
        self.app = self.web["make_app"](self.store, lambda: self.now)

    def enroll(self, who: str) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        self.store.customers[who] = self.web["club"].enroll(who, at=start)

    def call(
        self, method: str, path: str, body: bytes = b"", *, validated: bool = True, **environ: Any
    ) -> tuple[int, Any]:
        given: dict[str, Any] = {}
        setup_testing_defaults(given)
        given |= {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": ""}
        given |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": Bounded(body), **environ}
        heard: list[str] = []
        app = validator(self.app) if validated else self.app
        answer = app(given, lambda status, _headers, *_: heard.append(status))
        text = b"".join(answer)
        if validated:
            answer.close()
        return int(heard[0][:3]), json.loads(text)

    def post(self, what: str, data: object) -> tuple[int, Any]:
        return self.call("POST", f"/customers/ann/{what}", json.dumps(data).encode())

    def fact(self, name: str, at: datetime, key: object, **more: object) -> tuple[int, Any]:
        return self.post("events", {"name": name, "at": at.isoformat(), "id": key, **more})

    def command(self, name: str, key: str) -> tuple[int, Any]:
        return self.post("commands", {"name": name, "id": key})

    def permitted(self) -> list[str]:
        status, found = self.call("GET", "/customers/ann")
        assert status == 200
        names: list[str] = found["permitted"]
        return names

    def check(self) -> None:
        """Check that what is stored is what a replay of the stored events says."""
        customer, events = self.store.customers["ann"], self.store.events["ann"]
        journey = self.web["club"].replay(customer.enrollment, events.values(), until=customer.seen)
        assert journey.customer == customer
        assert Counter(self.store.changes["ann"]) == Counter(journey.changes)


@pytest.fixture
def site() -> Site:
    return Site()


FACT = '{"name": "visit", "at": "2026-02-01T10:00:00+00:00", "id": "v", %s}'


@pytest.mark.parametrize(
    "number",
    ["1e99999999999999999999", "-1e-99999999999999999999", "1E+99999999999999999999", "9" * 5000],
)
@pytest.mark.parametrize("key", ["value", "attributes", "sequence", "valu"])
def test_a_number_that_does_not_fit_is_a_wrong_request(site: Site, number: str, key: str) -> None:
    data = f'{{"x": {number}}}' if key == "attributes" else number
    body = (FACT % f'"{key}": {data}').encode()
    status, found = site.call("POST", "/customers/ann/events", body)
    assert status == 422
    assert found["errors"][0]["message"].startswith("numbers of the body")
    site.check()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"[" * 60_000, b'{"a":' * 10_000, b"nul", FACT.encode()],
)
def test_what_is_no_json_is_a_bad_request(site: Site, body: bytes) -> None:
    status, found = site.call("POST", "/customers/ann/events", body)
    assert status == 400
    assert found["errors"][0]["message"].startswith("body must be JSON")


@pytest.mark.parametrize(
    "data",
    [
        *('"value": NaN', '"value": -Infinity', '"value": "1"', '"value": true', '"sets": [1]'),
        *('"attributes": null', '"attributes": {"a": NaN}', '"sequence": -1', '"sequence": 1.5'),
        *('"at": null', '"at": "0001-01-01T00:00:00+14:00"', '"at": "9999-12-31T23:59:59-14:00"'),
        *('"at": "2026-02-01"', '"at": "2026-02-01T10:00:00"', '"at": "2025-12-31T23:59:59+00:00"'),
        *('"at": "2026-02-01T10:00:00+00:00[../passwd]"', '"at": "2026-03-01T12:05:01+00:00"'),
        *('"id": null', '"id": ""', '"id": " "', '"id": 1.0', '"id": true', '"id": []'),
        *('"name": null', '"name": "join "', '"name": "vist"', '"type": "customer"'),
    ],
)
def test_a_wrong_fact_is_a_wrong_request_and_changes_nothing(site: Site, data: str) -> None:
    body = (FACT % data).encode()
    status, found = site.call("POST", "/customers/ann/events", body)
    assert status == 422
    assert all(error["message"] for error in found["errors"])
    assert site.store.events["ann"] == {}
    site.check()


@pytest.mark.parametrize("length", ["-5", "abc", "+5", "1_0", "0x10", "5.0", "\u0665", "1 "])
@pytest.mark.parametrize("size", [2, 300_000])
def test_a_length_that_is_no_number_of_bytes_is_a_bad_request(
    site: Site, length: str, size: int
) -> None:
    status, found = site.call(
        "POST", "/customers/ann/events", b"x" * size, validated=False, CONTENT_LENGTH=length
    )
    assert status == 400
    message = f"Content-Length must be a number of bytes, got {length!r}"
    assert found["errors"] == [{"message": message}]


@pytest.mark.parametrize(
    ("length", "more", "size"),
    [
        (str(MOST + 1), {}, MOST + 1),
        ("300000", {}, 2),
        ("9" * 5000, {}, 2),
        ("", ENDED, MOST + 1),
        ("5", ENDED, 300_000),
        ("300000", ENDED, 300_000),
    ],
)
def test_a_body_that_is_too_long_is_refused_whatever_its_stated_length(
    site: Site, length: str, more: dict[str, bool], size: int
) -> None:
    given = {"CONTENT_LENGTH": length, **more}
    status, found = site.call(
        "POST", "/customers/ann/events", b" " * size, validated=False, **given
    )
    assert status == 413
    assert found["errors"] == [{"message": f"body must be at most {MOST} bytes"}]


@pytest.mark.parametrize("more", [{}, {"CONTENT_LENGTH": "", **ENDED}])
def test_a_body_may_be_as_long_as_is_allowed(site: Site, more: dict[str, Any]) -> None:
    fact = {"name": "visit", "at": "2026-02-01T10:00:00+00:00", "id": "v"}
    body = json.dumps(fact).encode().ljust(MOST)
    assert site.call("POST", "/customers/ann/events", body, validated=False, **more)[0] == 201


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(microseconds=1), timedelta(minutes=5)])
def test_a_fact_ahead_of_the_clock_does_not_stop_commands(site: Site, ahead: timedelta) -> None:
    assert site.fact("join", NOW + ahead, "crm")[0] == 201
    assert "cancel" in site.permitted()
    status, found = site.command("cancel", "click")
    assert (status, found["stage"]) == (201, "left")
    assert site.permitted() == ["join"]
    assert site.command("join", "click-2")[0] == 201
    assert site.command("cancel", "click")[0] == 200
    site.check()


def test_what_is_shown_as_permitted_is_what_is_permitted(site: Site) -> None:
    chance = random.Random(5)
    days = [NOW - timedelta(days=chance.randrange(60)) for _ in range(60)]
    for n, day in enumerate(days):
        at = min(NOW + timedelta(minutes=4), chance.choice((day, NOW, NOW + timedelta(minutes=n))))
        name = chance.choice(("join", "visit", "visit", "visit", "cancel"))
        assert site.fact(name, at, f"door-{n}", sets={"verified": n > 5})[0] == 201
        site.check()
        permitted = site.permitted()
        wish = chance.choice(("join", "upgrade", "cancel", "visit"))
        status, _ = site.command(wish, f"click-{n}")
        assert status == (201 if wish in permitted else 409)
        site.check()
    assert {change.target for change in site.store.changes["ann"]} >= {"gold", "left"}


def test_a_late_fact_is_corrected_at_once_and_says_what_is_taken_back(site: Site) -> None:
    site.fact("join", datetime(2026, 1, 5, tzinfo=UTC), "crm")
    site.fact("visit", datetime(2026, 2, 25, tzinfo=UTC), "door")
    site.now = datetime(2026, 7, 1, tzinfo=UTC)
    assert site.fact("visit", site.now, "door-2")[0] == 201
    moves = [(change.source, change.target) for change in site.store.changes["ann"]]
    assert moves == [("guest", "member"), ("member", "lapsed"), ("lapsed", "member")]
    status, found = site.fact("visit", datetime(2026, 5, 1, tzinfo=UTC), "door-1")
    assert (status, found["stage"], found["changes"]) == (201, "member", [])
    assert [text.split(": ")[1] for text in found["retracted"]] == [
        "member -> lapsed (lapse, timeout)",
        "lapsed -> member (reactivation, event)",
    ]
    site.check()


def test_a_late_fact_keeps_how_a_customer_began(site: Site) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    began = {"stage": "gold", "attributes": {"plan": "pro"}, "referred_by": "bob"}
    site.store.customers["ann"] = site.web["club"].enroll("ann", at=start, **began)
    for day, key in ((20, "door-2"), (10, "door-1")):
        assert site.fact("visit", datetime(2026, 2, day, tzinfo=UTC), key)[0] == 201
    ann = site.store.customers["ann"]
    assert (ann.stage, dict(ann.attributes), ann.referred_by) == ("gold", {"plan": "pro"}, "bob")
    site.check()


def test_the_path_is_read_as_utf_8(site: Site) -> None:
    site.enroll("josé")
    assert site.call("GET", "/customers/jos\u00c3\u00a9")[0] == 200
    assert site.call("GET", "/customers/jos\u00e9")[0] == 404
    assert site.call("PUT", "/customers/ann")[0] == 405


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
@pytest.mark.parametrize("field", ["id", "name", "attributes", "sets"])
def test_text_that_databases_cannot_store_is_a_wrong_request(
    site: Site, text: str, field: str
) -> None:
    value: object = text if field in {"id", "name"} else {"note": text}
    fact = {"name": "visit", "at": NOW.isoformat(), "id": "v", field: value}
    assert site.post("events", fact)[0] == 422
    site.check()
