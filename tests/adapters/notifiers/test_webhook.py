"""Signed webhooks, as the Standard Webhooks specification has them (SGN-10)."""

from __future__ import annotations

import base64
import socket
import time

import pytest

from adapters.notifiers.messages import DeliveryError, Message
from adapters.notifiers.webhook import SignedWebhook, is_genuine, secret_key, signature
from nodes.vocabulary.errors import EdgeError
from tests.adapters.notifiers.sinks import posts_received

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # the one of the specification's example
NOW_S = 1_614_265_330.0
MESSAGE = Message("alert-1", "page", "wide spread", "AAPL", {"alert_id": "alert-1"})


def test_a_signature_is_the_one_of_the_specification() -> None:
    """The example of github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md."""
    found = signature(secret_key(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_verifies_what_was_sent() -> None:
    with posts_received() as posts:
        SignedWebhook(posts.url, SECRET, lambda: NOW_S).send(MESSAGE, 5.0)
    (headers,), (body,) = posts.headers, posts.bodies
    assert headers["webhook-id"] == "alert-1"
    key = secret_key(SECRET)
    assert is_genuine(key, headers, body, NOW_S + 299)
    assert not is_genuine(key, headers, body + b" ", NOW_S), "the body was changed"
    assert not is_genuine(key, {**headers, "webhook-id": "alert-2"}, body, NOW_S), "it was put under another name"
    assert not is_genuine(key, headers, body, NOW_S + 301), "it was recorded and sent again"
    assert not is_genuine(secret_key(base64.b64encode(b"x" * 24).decode()), headers, body, NOW_S)
    assert is_genuine(key, {**headers, "webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}, body, NOW_S)


@pytest.mark.parametrize("at", ["", "-1", "1e9", "soon", "9" * 400, "9" * 5000])
def test_a_timestamp_that_is_none_is_refused_and_breaks_nothing(at: str) -> None:
    """It comes from whoever posts: an unsigned header must not end a receiver in an error of its own."""
    assert not is_genuine(secret_key(SECRET), {"webhook-timestamp": at, "webhook-signature": "v1,AAAA"}, b"", NOW_S)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_only_a_success_is_one(status: int) -> None:
    """A redirection is none: what was signed for one address does not go to another."""
    with posts_received() as posts:
        posts.answers.append(status)
        with pytest.raises(DeliveryError, match=f"receiver answered {status}"):
            SignedWebhook(posts.url, SECRET, time.time).send(MESSAGE, 5.0)
    assert len(posts.bodies) == 1


def test_a_receiver_that_is_not_there_is_said_without_its_address() -> None:
    with pytest.raises(DeliveryError, match="did not answer: ConnectionError") as caught:
        SignedWebhook("http://127.0.0.1:9/secret-path", SECRET, time.time).send(MESSAGE, 1.0)
    assert "secret-path" not in str(caught.value)


def test_a_receiver_that_says_nothing_is_not_waited_for_longer_than_the_patience() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        began_s = time.monotonic()
        with pytest.raises(DeliveryError, match="did not answer: ReadTimeout"):
            SignedWebhook(url, SECRET, time.time).send(MESSAGE, 0.2)
    assert time.monotonic() - began_s < 5.0


@pytest.mark.parametrize(
    "url", ["http://example.com/hook", "ftp://example.com", "https://", "https://u:p@example.com/"]
)
def test_alerts_go_to_no_address_that_others_could_read(url: str) -> None:
    with pytest.raises(EdgeError, match="is no address to send alerts to") as caught:
        SignedWebhook(url, SECRET, time.time)
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    "secret", ["whsec_not base64", "whsec_c2hvcnQ=", "whsec_" + base64.b64encode(b"x" * 65).decode()]
)
def test_a_secret_that_is_none_is_refused_without_being_said(secret: str) -> None:
    with pytest.raises(EdgeError, match="webhook secret") as caught:
        secret_key(secret)
    assert secret.removeprefix("whsec_") not in str(caught.value)
