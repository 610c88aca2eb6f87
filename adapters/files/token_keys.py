"""The keys that tokens are signed with, and the tokens that were revoked: one file, readable by its owner only.

The file is replaced whole, so a reader sees one state or the next. A server that lets a token in asks for the ring
(`TokenKeys.ring`), which asks the system at most ten times a second whether the file changed: what is revoked or
retired ends within a tenth of a second.

The newest key signs; those before it still verify until they are retired. What was revoked is kept until it would
have expired by itself.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import math
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.files.keys import PRIVATE_MODE
from adapters.files.writing import synced_folder, translated, write_whole
from nodes.vocabulary.errors import EdgeError

LOOK_EVERY_S = 0.1
_KID_BYTES = 8
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class JsonWebKey(msgspec.Struct, frozen=True):
    """A public Ed25519 key, in the words of RFC 8037."""

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    alg: str = "EdDSA"
    use: str = "sig"


class JsonWebKeySet(msgspec.Struct, frozen=True):
    """Public keys, RFC 7517."""

    keys: tuple[JsonWebKey, ...]


class TokenKey(msgspec.Struct, frozen=True, dict=True):
    """One Ed25519 key, in the words of RFC 8037.

    Attributes:
        kid: its name.
        d: the private key, base64url.
        made_at_s: when it was made, in seconds since 1970.
    """

    kid: str
    d: str
    made_at_s: int

    def __repr__(self) -> str:
        return f"TokenKey(kid={self.kid!r})"

    @cached_property
    def private(self) -> Ed25519PrivateKey:
        """What signs."""
        return Ed25519PrivateKey.from_private_bytes(_from_base64url(self.d))

    @cached_property
    def public(self) -> Ed25519PublicKey:
        """What verifies."""
        return self.private.public_key()

    @cached_property
    def jwk(self) -> JsonWebKey:
        """The public key, for others."""
        return JsonWebKey(self.kid, _base64url(self.public.public_bytes_raw()))


class TokenRing(msgspec.Struct, frozen=True, dict=True):
    """Everything in the file.

    Attributes:
        keys: oldest first; the last one signs.
        revoked: tokens that are no longer valid, with the second of their expiry.
    """

    keys: tuple[TokenKey, ...] = ()
    revoked: Mapping[str, int] = msgspec.field(default_factory=dict)

    @cached_property
    def by_kid(self) -> Mapping[str, TokenKey]:
        """The keys by their names."""
        return {key.kid: key for key in self.keys}


@dataclass
class TokenKeys:
    """The file of token keys at a path, which need not exist yet.

    Attributes:
        path: the file.
        now_s: the clock, in seconds since 1970.
        ticks_s: a clock that never goes back.
    """

    path: Path
    now_s: Callable[[], float]
    ticks_s: Callable[[], float] = time.monotonic
    _looked_s: float = field(default=-math.inf, init=False)
    _seen: tuple[int, int, int] = field(default=(0, 0, 0), init=False)
    _ring: TokenRing = field(default_factory=TokenRing, init=False)

    def ring(self) -> TokenRing:
        """What the file holds, or held a moment ago. Raises EdgeError when others may read it or it cannot be read."""
        ticks_s = self.ticks_s()
        if ticks_s - self._looked_s >= LOOK_EVERY_S:
            self._ring = self._present()
            self._looked_s = ticks_s
        return self._ring

    def _present(self) -> TokenRing:
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            self._seen = (0, 0, 0)
            return TokenRing()
        state = (found.st_ino, found.st_mtime_ns, found.st_size)
        if state == self._seen:
            return self._ring
        ring = self._read(found.st_mode)
        self._seen = state
        return ring

    def rotated(self) -> TokenKey:
        """A new key, which signs from now on."""
        key = _new_key(int(self.now_s()))
        with self._locked():
            ring = self._present()
            self._write(TokenRing((*ring.keys, key), ring.revoked))
        return key

    def retire(self, kid: str) -> None:
        """Forget a key: tokens signed with it are refused from now on. Raises EdgeError when there is none such."""
        with self._locked():
            ring = self._present()
            if kid not in ring.by_kid:
                known = ", ".join(ring.by_kid) or "none"
                raise EdgeError(f"{self.path} holds no key {kid!r}; name one of {known}", reason="not-found")
            self._write(TokenRing(tuple(key for key in ring.keys if key.kid != kid), ring.revoked))

    def revoke(self, token_id: str, until_s: int) -> None:
        """Refuse a token from now on; it is forgotten once it would have expired anyway."""
        with self._locked():
            ring, now_s = self._present(), self.now_s()
            kept = {each: expiry_s for each, expiry_s in ring.revoked.items() if expiry_s >= now_s}
            self._write(TokenRing(ring.keys, {**kept, token_id: until_s}))

    def _read(self, mode: int) -> TokenRing:
        if stat.S_IMODE(mode) & _OTHERS:
            raise EdgeError(
                f"{self.path} has mode {stat.S_IMODE(mode):04o}, others can read the private keys; "
                f"chmod {PRIVATE_MODE:04o} {self.path}"
            )
        with translated(self.path):
            content = self.path.read_bytes()
        try:
            return _checked(msgspec.json.decode(content, type=TokenRing))
        except (msgspec.DecodeError, ValueError, binascii.Error) as error:
            raise EdgeError(f"{self.path} holds no token keys: {error}; restore it from a copy") from error

    def _write(self, ring: TokenRing) -> None:
        content = msgspec.json.format(msgspec.json.encode(ring), indent=1)
        with translated(self.path):
            write_whole(self.path, content, PRIVATE_MODE)
        synced_folder(self.path.parent)
        self._looked_s = -math.inf

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, in whichever process."""
        lock = self.path.with_name(f".{self.path.name}.lock")
        with translated(lock):
            lock.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(lock, os.O_RDWR | os.O_CREAT, PRIVATE_MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def key_set(ring: TokenRing) -> JsonWebKeySet:
    """The public keys of a ring."""
    return JsonWebKeySet(tuple(key.jwk for key in ring.keys))


def _checked(ring: TokenRing) -> TokenRing:
    """The ring, once each of its keys is known to be one. Raises ValueError."""
    for key in ring.keys:
        key.jwk  # noqa: B018  # made once here, so that no request finds out
    return ring


def _new_key(made_s: int) -> TokenKey:
    """A key whose name a command line does not take for an option."""
    while True:
        private = Ed25519PrivateKey.generate()
        kid = _base64url(private.public_key().public_bytes_raw()[:_KID_BYTES])
        if not kid.startswith("-"):
            return TokenKey(kid, _base64url(private.private_bytes_raw()), made_s)


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
