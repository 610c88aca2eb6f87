"""What must hold before a server may start: every unsafe combination of settings is refused, all at once.

Development is for one person on one machine, so it listens on the loopback only. Production refuses what would let a
stranger in or a single person change the limits without saying so.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from api.settings import Profile, Settings
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
    if not is_read_only and settings.origin.startswith(RESEARCH):
        yield f"log {settings.origin!r} is research and takes no orders, serve it with --read-only"


def _production_faults(settings: Settings, *, has_token_keys: bool) -> Iterator[str]:
    if not is_loopback(settings.host) and not (settings.has_tls or settings.behind_tls_proxy):
        yield (
            f"ASSAY_HOST={settings.host} without TLS, set ASSAY_TLS_CERTIFICATE and ASSAY_TLS_KEY, "
            "or ASSAY_BEHIND_TLS_PROXY=1"
        )
    if not has_token_keys:
        yield "the home has no keys for tokens, make some with `assay token keys rotate`"
