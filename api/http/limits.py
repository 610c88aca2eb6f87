"""Rate limits in the words of HTTP: what a principal has left, and the refusal when that is nothing.

Fields as in the IETF draft "RateLimit header fields for HTTP": the policy once, and what is left of it.
"""

from __future__ import annotations

from functools import lru_cache

from adapters.rate_limits import Allowance
from api.http.problems import RequestError
from api.http.replies import Headers

POLICY_NAME = "principal"
_NAME = POLICY_NAME.encode()


def limit_headers(allowance: Allowance) -> Headers:
    """The headers that tell a principal how much is left."""
    left = b'"%b";r=%d;t=%d' % (_NAME, allowance.remaining, allowance.reset_s)
    return [_policy(allowance.limit), (b"ratelimit", left)]


@lru_cache(maxsize=16)
def _policy(limit: int) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", b'"%b";q=%d' % (_NAME, limit)


def require_allowed(principal: str, allowance: Allowance) -> None:
    """Raises RequestError for a principal that has used up its requests."""
    if not allowance.is_allowed:
        raise RequestError(
            f"principal {principal!r} has used its {allowance.limit} requests; wait {allowance.retry_after_s} s",
            reason="rate-limited",
            headers={
                "retry-after": str(allowance.retry_after_s),
                **{name.decode(): value.decode() for name, value in limit_headers(allowance)},
            },
        )
