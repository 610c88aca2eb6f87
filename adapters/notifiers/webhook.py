"""Signed webhooks in the form of the Standard Webhooks specification 1.0.0.

Any of its libraries verifies them: `webhook-id` is the alert, the same in every attempt; `webhook-timestamp` is that of
the attempt; `webhook-signature` is HMAC-SHA256 over both and the body.

apprise posts JSON, but makes the bytes itself, so that nothing could sign them before they leave: this is our own.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
from collections.abc import Callable
from urllib.parse import urlsplit

import requests

from adapters.notifiers.messages import DeliveryError, Message
from nodes.vocabulary.errors import EdgeError

SECRET_PREFIX = "whsec_"  # noqa: S105  # what the specification begins secrets with
MIN_SECRET_BYTES, MAX_SECRET_BYTES = 24, 64
"""As the specification has it."""
_MAX_DIGITS = 15
TOLERANCE_S = 300
"""How far a receiver lets the timestamp be from its own clock: what is older was recorded and sent again."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_OK = range(200, 300)


class SignedWebhook:
    """A receiver of signed webhooks.

    Args:
        url: where it listens: https, or http on this machine.
        secret: what it shares with us, as the specification writes it: whsec_ and base64.
        clock_s: now, in seconds since 1970.
    """

    def __init__(self, url: str, secret: str, clock_s: Callable[[], float]) -> None:
        parts = urlsplit(url)
        is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not (parts.scheme == "https" or is_local) or not parts.hostname or "@" in parts.netloc:
            message = f"webhook {parts.scheme}://{parts.hostname} is no address to send alerts to"
            raise EdgeError(f"{message}; write https://HOST/PATH, without a user")
        self._url, self._key, self._clock_s = url, secret_key(secret), clock_s

    def send(self, message: Message, patience_s: float) -> None:
        """Post a message; only a 2xx is a success, and a redirection is none."""
        body, at_s = message.json, math.floor(self._clock_s())
        headers = {
            "content-type": "application/json",
            "webhook-id": message.alert_id,
            "webhook-timestamp": str(at_s),
            "webhook-signature": signature(self._key, message.alert_id, at_s, body),
        }
        try:
            with requests.post(
                self._url,
                data=body,
                headers=headers,
                timeout=(patience_s, patience_s),
                allow_redirects=False,
                stream=True,  # the status says it all: a body without end is not read
            ) as response:
                status = response.status_code
        except requests.RequestException as error:
            raise DeliveryError(
                f"receiver did not answer: {type(error).__name__}; look at it and its network"
            ) from error
        if status not in _OK:
            raise DeliveryError(f"receiver answered {status}, expected 200 to 299; look at its own log")


def secret_key(secret: str) -> bytes:
    """The key in a secret. Raises EdgeError for one that is none, without saying it."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise EdgeError("webhook secret is no base64; write whsec_ and the base64 of 24 to 64 bytes") from error
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        message = f"webhook secret has {len(key)} bytes, expected {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES}"
        raise EdgeError(f"{message}; make one with `openssl rand -base64 32`")
    return key


def signature(key: bytes, message_id: str, at_s: int, body: bytes) -> str:
    """The signature of a message, as its header says it."""
    signed = f"{message_id}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def is_genuine(key: bytes, headers: dict[str, str], body: bytes, now_s: float) -> bool:
    """Whether a receiver should believe a webhook: signed with the key, and not long ago."""
    at = headers.get("webhook-timestamp", "")
    if not at.isascii() or not at.isdigit() or len(at) > _MAX_DIGITS or abs(now_s - int(at)) > TOLERANCE_S:
        return False
    wanted = signature(key, headers.get("webhook-id", ""), int(at), body)
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted.encode(), each.encode()) for each in given)
