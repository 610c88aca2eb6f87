"""The operator's file of channels: what the names in the alert policy stand for, with addresses and secrets.

    channels:
      desk-mail: {apprise: "mailtos://USER:PASSWORD@smtp.example.com?to=desk@example.com"}
      desk-chat: {apprise: "slack://TOKEN_A/TOKEN_B/TOKEN_C/#desk"}
      desk-hook: {webhook: "https://example.com/assay", secret: "whsec_..."}

It is no policy: a policy is published with every decision, and this must not be. Others may not read the file.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from adapters.notifiers.messages import Notifier
from adapters.notifiers.services import AppriseService
from adapters.notifiers.webhook import SignedWebhook
from nodes.vocabulary.errors import EdgeError

_FORMS = ({"apprise"}, {"webhook", "secret"})
_MEND = "write `apprise: ADDRESS`, or `webhook: URL` and `secret: whsec_...`"


def channels_of(path: Path, wanted: Collection[str], clock_s: Callable[[], float]) -> dict[str, Notifier]:
    """The channels of a file by name.

    Args:
        path: the file.
        wanted: names that the policy uses.
        clock_s: now, in seconds since 1970.

    Raises:
        EdgeError: the file cannot be read, others may read it, or a channel is missing or is none.
    """
    said = _said(path)
    missing = sorted(set(wanted) - said.keys())
    if missing:
        message = f"{path} has no channel {', '.join(missing)}, which the alert policy names"
        raise EdgeError(f"{message}; add it, or take it out of the policy")
    return {name: _channel(path, name, form, clock_s) for name, form in said.items()}


def _said(path: Path) -> Mapping[str, Any]:
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise EdgeError(f"channels in {path} cannot be read: {type(error).__name__}; name another file") from error
    except yaml.YAMLError as error:
        place = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise EdgeError(f"{path}:{place} is no YAML; correct it") from None  # the cause would quote secrets
    if mode & stat.S_IROTH:
        raise EdgeError(f"{path} can be read by everybody, and holds secrets; chmod o-r it")
    channels = content.get("channels") if isinstance(content, dict) and content.keys() == {"channels"} else None
    if not isinstance(channels, dict) or not all(isinstance(name, str) for name in channels):
        raise EdgeError(f"{path} has no `channels:` with a name for each; {_MEND}")
    return channels


def _channel(path: Path, name: str, form: Any, clock_s: Callable[[], float]) -> Notifier:  # noqa: ANN401  # of a file
    is_form = isinstance(form, dict) and set(form) in _FORMS and all(isinstance(each, str) for each in form.values())
    if not is_form:
        raise EdgeError(f"channel {name!r} of {path} is none; {_MEND}")
    if "apprise" in form:
        return AppriseService(name, form["apprise"])
    return SignedWebhook(form["webhook"], form["secret"], clock_s)
