"""A real `assay serve` on a home of its own, its tokens, and what is asked of it beside orders."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from api.bootstrap import token_keys, tokens
from api.http.tokens import SCOPES, Grant
from api.settings import settings
from nodes.vocabulary.errors import EdgeError

HOST = "127.0.0.1"
ORDERS = "/api/v1/actions/execute"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. A client of an http:// address would else read 140 root certificates, some 40 ms of work."""
_START_S = 180.0
_TOKEN_S = 3600
_ASSAY = (sys.executable, "-c", "from api.cli.app import main; main()")


@dataclass(frozen=True)
class Place:
    """Where a server keeps its things, and how it is set.

    Attributes:
        home: folder of its log.
        policies: the folder whose policies it watches.
        accounts: the accounts that it serves.
        workers: how many processes serve.
        environment: further settings.
    """

    home: Path
    policies: Path
    accounts: tuple[str, ...] = ("paper",)
    workers: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The environment of its processes."""
        ours = {name: text for name, text in os.environ.items() if not name.startswith("ASSAY_")}
        return {
            **ours,
            "ASSAY_HOME": str(self.home),
            "ASSAY_ORIGIN": "paper",
            "ASSAY_POLICY": str(self.policies / "v1.yaml"),
            "ASSAY_POLICY_FOLDER": str(self.policies),
            "ASSAY_ACCOUNTS": ",".join(self.accounts),
            "ASSAY_WORKERS": str(self.workers),
            "ASSAY_RATE_LIMIT": "1000000/second",
            "PYTHONUNBUFFERED": "1",
            **self.environment,
        }

    def token(self, principal: str) -> str:
        """A token that lets a principal do everything, for every account."""
        ours = settings({name: text for name, text in self.variables.items() if name.startswith("ASSAY_")})
        if not token_keys(ours).ring().keys:
            token_keys(ours).rotated()
        return tokens(ours).issued(Grant(principal, tuple(SCOPES), ("*",), _TOKEN_S)).text

    def said(self, *arguments: str) -> str:
        """What `assay` prints. Raises EdgeError with its complaint when it fails."""
        done = subprocess.run(  # noqa: S603  # this Python, this repository
            [*_ASSAY, *arguments], env=self.variables, capture_output=True, text=True, check=False
        )
        if done.returncode:
            message = f"assay {' '.join(arguments)} ended with {done.returncode}: {done.stderr}"
            raise EdgeError(message)
        return done.stdout


class Server:
    """A running server.

    Attributes:
        place: where it keeps its things.
        port: where it listens.
        process: the process that was started; its workers are children of it.
        token: lets everything.
        printed: file of what it prints.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.port = free_port()
        self.token = place.token("operator")
        self.printed = place.home.parent / f"{place.home.name}.out"
        self._output = self.printed.open("ab")
        self.process = subprocess.Popen(  # noqa: S603  # this Python, this repository
            [*_ASSAY, "serve"],
            env={**place.variables, "ASSAY_PORT": str(self.port)},
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def http(self) -> httpx.Client:
        """A client with the operator's token."""
        return httpx.Client(
            base_url=f"http://{HOST}:{self.port}",
            headers={"authorization": f"Bearer {self.token}"},
            timeout=30,
            verify=NO_TLS,
        )

    def wait(self, path: str = "/readyz") -> None:
        """Wait until it serves. Raises EdgeError with what it printed when it does not."""
        until_s = time.monotonic() + _START_S
        with self.http as http:
            while time.monotonic() < until_s and self.process.poll() is None:
                try:
                    if http.get(path).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.05)
        message = f"server at port {self.port} does not serve {path}: {self.printed.read_text('utf-8')[-3000:]}"
        raise EdgeError(message)

    def ordered(self, key: str, account_id: str, symbol: str = "AAPL", qty: int = 6) -> httpx.Response:
        """The answer to one order."""
        body = {"symbol": symbol, "qty": str(qty), "side": "buy", "account_id": account_id}
        with self.http as http:
            return http.post(ORDERS, json=body, headers={"idempotency-key": key})

    def stop(self, kind: signal.Signals = signal.SIGTERM, within_s: float = 40.0) -> int:
        """End it with a signal to its main process. Returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(kind)
        try:
            return self.process.wait(within_s)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it and its workers at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._output.close()

    def workers(self) -> list[int]:
        """Process ids of its workers."""
        return [number for number in children(self.process.pid) if b"resource_tracker" not in _command(number)]


@contextmanager
def served(place: Place, path: str = "/readyz") -> Iterator[Server]:
    """A server that is ready, ended with its block."""
    server = Server(place)
    try:
        server.wait(path)
        yield server
    finally:
        server.kill()


def wait_for_orders(server: Server, within_s: float = 60.0) -> None:
    """Wait until an order is decided: the policy is in force and the day plan is there."""
    until_s = time.monotonic() + within_s
    number = 0
    while (answer := server.ordered(f"warm-{number}", server.place.accounts[0])).status_code != httpx.codes.OK:
        number += 1
        if time.monotonic() > until_s:
            message = f"no order was decided within {within_s} s: {answer.status_code} {answer.text}"
            raise EdgeError(message)
        time.sleep(0.2)


def warm(server: Server) -> None:
    """Have one order of each account decided: a process that has just begun reads each day plan from the log once."""
    with server.http as http:
        for account_id in server.place.accounts:
            body = {"symbol": "AAPL", "qty": "6", "side": "buy", "account_id": account_id}
            for number in range(server.place.workers):
                http.post(ORDERS, json=body, headers={"idempotency-key": f"first-{number}"}).raise_for_status()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def children(process_id: int) -> list[int]:
    """Process ids of a process's children; none of one that has ended."""
    try:
        found = Path(f"/proc/{process_id}/task/{process_id}/children").read_text("utf-8")
    except FileNotFoundError:
        return []
    return [int(each) for each in found.split()]


def cpu_s(process_id: int) -> float:
    """Processor seconds that a process has taken."""
    fields = Path(f"/proc/{process_id}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def verified(place: Place) -> dict[str, object]:
    """What `assay verify` says of the home's log."""
    found: dict[str, object] = json.loads(place.said("verify", "--json"))
    return found


def _command(process_id: int) -> bytes:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return b""
