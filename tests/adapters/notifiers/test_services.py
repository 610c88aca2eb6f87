"""Mail and Slack through apprise, to receivers on this machine (SGN-10)."""

from __future__ import annotations

import pytest
from apprise.plugins.slack import NotifySlack

from adapters.notifiers.messages import DeliveryError, Message
from adapters.notifiers.services import AppriseService
from nodes.vocabulary.errors import EdgeError
from tests.adapters.notifiers.sinks import mails_received, posts_received

MESSAGE = Message("alert-1", "page", "[page] wide spread", "spread_bps > 1 holds for AAPL & <IBM>", {})
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#desk"


def mail(port: int) -> str:
    return f"mailto://127.0.0.1:{port}/?from=assay@example.com&to=desk@example.com&mode=insecure"


def test_a_mail_arrives_with_title_and_text() -> None:
    with mails_received() as found:
        AppriseService("desk-mail", mail(found.port)).send(MESSAGE, 5.0)
    (taken,) = found.mails
    assert (taken["subject"], taken["to"]) == ("[page] wide spread", "desk@example.com")
    parts = [part.get_payload(decode=True) for part in taken.walk() if not part.is_multipart()]
    assert any(b"holds for AAPL" in part for part in parts if isinstance(part, bytes))


def test_a_mail_that_is_refused_is_an_error_that_says_why() -> None:
    with mails_received() as found:
        found.reply = "451 come back later"
        with pytest.raises(DeliveryError, match=r"did not take it: .*; look at channel 'desk-mail'"):
            AppriseService("desk-mail", mail(found.port)).send(MESSAGE, 5.0)


def test_slack_is_sent_what_its_incoming_webhooks_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack itself is out of reach: a receiver stands in for it and the payload is held to what Slack documents."""
    with posts_received() as posts:
        monkeypatch.setattr(NotifySlack, "webhook_url", posts.url)
        AppriseService("desk-chat", SLACK).send(MESSAGE, 5.0)
    (content,) = posts.contents
    assert content["channel"] == "#desk"
    (attachment,) = content["attachments"]
    assert attachment["title"] == "[page] wide spread"
    assert "AAPL &amp; &lt;IBM&gt;" in attachment["text"], "what Slack would take for markup is escaped"
    assert attachment["color"].startswith("#")


def test_what_slack_refuses_is_said_without_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with posts_received() as posts:
        posts.answers.append(403)
        monkeypatch.setattr(NotifySlack, "webhook_url", posts.url)
        with pytest.raises(DeliveryError, match="Slack did not take it") as caught:
            AppriseService("desk-chat", SLACK).send(MESSAGE, 5.0)
    assert "TIiajkdnlazkcOXrIdevi7FQ" not in str(caught.value)


@pytest.mark.parametrize("address", ["nothing", "warp://a-secret-host/x", "slack://short"])
def test_an_address_that_is_none_is_refused_without_being_said(address: str) -> None:
    with pytest.raises(EdgeError, match="address of channel 'desk' is none that apprise knows") as caught:
        AppriseService("desk", address)
    assert "a-secret-host" not in str(caught.value)
