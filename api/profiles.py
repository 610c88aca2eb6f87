"""What must hold before a server may start: every unsafe combination of settings is refused, all at once.

Development is for one person on one machine, so it listens on the loopback only. Production refuses what would let a
stranger in or a single person change the limits without saying so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from api.settings import BrokerKind, Profile, Settings
from nodes.vocabulary.errors import EdgeError

RESEARCH = "research/"
_MAX_PORT = 65_535


def require_safe(settings: Settings, *, has_token_keys: bool, is_read_only: bool) -> None:
    """Raises EdgeError that names every setting which a server may not start with.

    Args:
        settings: how the server is to run.
        has_token_keys: whether the home has keys that tokens can be verified with.
        is_read_only: whether the server refuses orders.
    """
    faults = [*_faults(settings, is_read_only=is_read_only)]
    if settings.profile is Profile.PRODUCTION:
        faults += _production_faults(settings, has_token_keys=has_token_keys)
    if faults:
        raise EdgeError(f"profile {settings.profile.value} does not start: " + "; ".join(faults))


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _faults(settings: Settings, *, is_read_only: bool) -> Iterator[str]:
    if settings.profile is Profile.DEVELOPMENT and not is_loopback(settings.host):
        yield f"ASSAY_HOST={settings.host} can be reached from outside, use 127.0.0.1 or ASSAY_PROFILE=production"
    if not 0 < settings.port <= _MAX_PORT:
        yield f"ASSAY_PORT={settings.port} is no port, use 1 to {_MAX_PORT}"
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        yield "ASSAY_TLS_CERTIFICATE and ASSAY_TLS_KEY go together, set both or neither"
    if settings.broker is not BrokerKind.SIMULATED and not is_read_only:
        yield from _broker_faults(settings)
    if not is_read_only and settings.origin.startswith(RESEARCH):
        yield f"log {settings.origin!r} is research and takes no orders, serve it with --read-only"


def _broker_faults(settings: Settings) -> Iterator[str]:
    """What keeps orders from a broker that trades for real."""
    named = f"broker {settings.broker.value}"
    if settings.workers > 1:
        yield f"ASSAY_WORKERS={settings.workers} with {named}, which one process may talk to, use 1"
    if len(settings.accounts) > 1:
        yield f"ASSAY_ACCOUNTS={','.join(settings.accounts)} with {named}, where there is one, name one"
    if settings.broker is BrokerKind.ALPACA and not (settings.broker_key and settings.broker_secret):
        yield f"{named} without a key, set ASSAY_BROKER_KEY and ASSAY_BROKER_SECRET"
    if settings.broker is BrokerKind.FIX and settings.broker_file is None:
        yield f"{named} without a session, set ASSAY_BROKER_FILE"


def _production_faults(settings: Settings, *, has_token_keys: bool) -> Iterator[str]:
    if not is_loopback(settings.host) and not (settings.has_tls or settings.behind_tls_proxy):
        yield (
            f"ASSAY_HOST={settings.host} without TLS, set ASSAY_TLS_CERTIFICATE and ASSAY_TLS_KEY, "
            "or ASSAY_BEHIND_TLS_PROXY=1"
        )
    if not has_token_keys:
        yield "the home has no keys for tokens, make some with `assay token keys rotate`"
