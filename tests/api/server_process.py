"""A server that runs as a process of its own, for tests of the whole of it. Starting one takes seconds: share it."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx

from api.bootstrap import token_keys, tokens
from api.http.tokens import SCOPES, Grant
from api.settings import Settings
from tests.api.http.serving import paper_settings, policy_in_force

START_S = 180.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. For clients of http:// addresses: each would else read 140 root certificates, some 40 ms of work."""
ACCOUNTS = tuple(f"account-{n}" for n in range(12))


@dataclass
class Reached:
    """A server that listens on this machine.

    Attributes:
        settings: of its home.
        port: where it listens.
    """

    settings: Settings
    port: int

    @property
    def home(self) -> Path:
        return self.settings.home

    @cached_property
    def token(self) -> str:
        return self.token_for(*SCOPES)

    def token_for(self, *scopes: str, principal: str = "trader", lifetime_s: int = 3600) -> str:
        """A token that the server takes, of certain scopes."""
        return tokens(self.settings).issued(Grant(principal, scopes, ("*",), lifetime_s)).text

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=NO_TLS)

    def is_alive(self) -> bool:
        try:
            return httpx.get(f"{self.url}/livez", timeout=1, verify=NO_TLS).status_code == 200
        except httpx.TransportError:
            return False


@dataclass
class Running(Reached):
    """A server that runs as a process of its own."""

    process: subprocess.Popen[bytes]

    def stop(self) -> int:
        """End it, and say how it ended."""
        self.process.terminate()
        return self.process.wait(60)

    def wait(self, *, until_alive: bool) -> None:
        end_s = time.monotonic() + START_S
        while self.is_alive() is not until_alive:
            assert time.monotonic() < end_s, (self.home / "output").read_text()
            assert not until_alive or self.process.poll() is None, (self.home / "output").read_text()
            time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(home: Path, *options: str, accounts: Sequence[str] = ACCOUNTS, **environment: str) -> Running:
    """A server of a paper home with a watched policy folder."""
    settings = paper_settings(home)
    token_keys(settings).rotated()
    watched = policy_in_force(home / "watched").parent
    port = free_port()
    given = {
        "ASSAY_POLICY": str(settings.policy),
        "ASSAY_POLICY_FOLDER": str(watched),
        "ASSAY_ACCOUNTS": ",".join(accounts),
        **environment,
    }
    command = [
        str(Path(sys.executable).with_name("assay")),
        "serve",
        "--home",
        str(home),
        "--port",
        str(port),
        *options,
    ]
    with (home / "output").open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **given}, stdout=output, stderr=output)  # noqa: S603
    found = Running(settings, port, process)
    with ExitStack() as undone:
        undone.callback(found.stop)
        found.wait(until_alive=True)
        undone.pop_all()
    return found
