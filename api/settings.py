"""Settings: the only place that reads the environment.

Everything here says where things are and who runs them. What is traded, and within which limits, is policy.
What must hold before a server may start with them is said by `api.profiles`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from importlib.resources import files
from pathlib import Path
from typing import Any

from nodes.vocabulary.errors import EdgeError

PREFIX = "ASSAY_"
SHIPPED_POLICY = Path(str(files("policies"))) / "us-equities" / "v1.yaml"
"""Found beside the installed code, wherever one stands."""
SHIPPED_CONSOLE = SHIPPED_POLICY.parents[2] / "console" / "dist"
"""Where `make console` builds the web console."""
SHIPPED_ASSUMPTIONS = SHIPPED_POLICY.parents[1] / "backtest" / "us-equities" / "v1.yaml"


class Profile(Enum):
    """Which combinations of settings a server may start with."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class PolicyMode(Enum):
    """What a policy that comes in does: take effect at once, or wait for a second person."""

    DIRECT = "direct"
    APPROVED = "approved"


class BrokerKind(Enum):
    """Where orders go; all but the simulated one are somewhere else and trade for real."""

    SIMULATED = "simulated"
    ALPACA = "alpaca"
    IB = "ib"
    FIX = "fix"


class LogLevel(Enum):
    """How much the server says about its work."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs.

    Attributes:
        home: folder of the log, its tiles and its keys.
        origin: name of the decision log.
        policy: file of the policy that decides, which also names the strategy.
        assumptions: file of what the simulated market is taken to be like.
        account_id: the account that trades.
        opening_cash_usd: cash that a new account is opened with.
        first_on: first session of the main job.
        principal: who asks for decisions.
        profile: how strict a server is about the rest.
        database_url: where the log is when not in the home, e.g. "postgresql://assay@db/assay".
        policy_folder: the folder whose policies are taken up as they change; None watches none.
        policy_mode: what an incoming policy does; None leaves it to the profile.
        policy_needs_impact: whether an incoming policy must rest on a report of its impact.
        host: the address that the server listens on.
        port: its port.
        workers: how many processes serve.
        accounts: the accounts that orders may be placed for.
        market_on: the session that a new paper market begins with.
        rate_limit: requests that one principal may make, as "number/period", e.g. "6000/second".
        log_level: how much the server says.
        behind_tls_proxy: whether something in front of the server speaks TLS for it.
        tls_certificate: file of the server's own certificate chain; None without TLS of its own.
        tls_key: file of its private key.
        max_waiting: orders that may wait for a commit before more are refused.
        lake: folder of imported facts that take the place of the bundled data; None decides on the bundled ones.
        universe: the symbols of the lake that are traded.
        universe_on: the day on which these symbols name their securities; None is today.
        feeds: file that says which feeds are wanted, see docs/guides/feeds.md.
        finnhub_key: the key that Finnhub knows us by.
        fred_key: the key that FRED knows us by.
        x_bearer_token: the token that X knows us by.
        reddit_id: of the application that Reddit knows us by.
        reddit_secret: the secret of that application.
        edgar_identity: name and mail address, without which SEC answers nobody.
        risk_terms: file that says how risk is measured; None takes the terms that come with Assay.
        resilience: file that says how long others are waited for; None takes the terms that come with Assay.
        rate_limit_server: a Redis or Valkey server that machines share their rate limits through.
        alert_policy: file that says who is told of alerts, and when; None takes the policy that comes with Assay.
        alert_channels: file with the addresses and secrets that its channels stand for; None delivers nothing.
        slo_policy: file of the service level objectives; None takes those that come with Assay.
        retention_policy: file that says how long bodies are kept; None takes the policy that comes with Assay.
        sentiment_head: file of the trained head whose scores of texts are read; None reads those of the lexicon.
        console: folder of the built web console.
        broker: where orders go, see docs/brokers.md.
        broker_address: where the broker is: the address of Alpaca's API, host:port of IB's gateway.
        broker_file: file of the FIX session, as QuickFIX reads it.
        broker_account: the account's name at IB or at the FIX peer.
        broker_key: the key, or the user name, that the broker knows us by.
        broker_secret: its secret, or the password.
    """

    home: Path = Path("var")
    origin: str = "research/us-equities"
    policy: Path = SHIPPED_POLICY
    assumptions: Path = SHIPPED_ASSUMPTIONS
    account_id: str = "demo"
    opening_cash_usd: Decimal = Decimal(1_000_000)
    first_on: date = date(2005, 1, 3)
    principal: str = "assay"
    profile: Profile = Profile.DEVELOPMENT
    database_url: str | None = None
    policy_folder: Path | None = None
    policy_mode: PolicyMode | None = None
    policy_needs_impact: bool = False
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    accounts: tuple[str, ...] = ("paper",)
    market_on: date = date(2013, 1, 2)
    rate_limit: str = "6000/second"
    log_level: LogLevel = LogLevel.INFO
    behind_tls_proxy: bool = False
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    max_waiting: int = 4096
    lake: Path | None = None
    universe: tuple[str, ...] = ()
    universe_on: date | None = None
    feeds: Path | None = None
    finnhub_key: str | None = field(default=None, repr=False)
    fred_key: str | None = field(default=None, repr=False)
    x_bearer_token: str | None = field(default=None, repr=False)
    reddit_id: str | None = field(default=None, repr=False)
    reddit_secret: str | None = field(default=None, repr=False)
    edgar_identity: str | None = None
    risk_terms: Path | None = None
    resilience: Path | None = None
    rate_limit_server: str | None = field(default=None, repr=False)
    alert_policy: Path | None = None
    alert_channels: Path | None = None
    slo_policy: Path | None = None
    retention_policy: Path | None = None
    sentiment_head: Path | None = None
    console: Path = SHIPPED_CONSOLE
    broker: BrokerKind = BrokerKind.SIMULATED
    broker_address: str | None = None
    broker_file: Path | None = None
    broker_account: str | None = None
    broker_key: str | None = field(default=None, repr=False)
    broker_secret: str | None = field(default=None, repr=False)

    @property
    def mode(self) -> PolicyMode:
        """What an incoming policy does: as set, else at once in development and after approval in production."""
        if self.policy_mode is not None:
            return self.policy_mode
        return PolicyMode.DIRECT if self.profile is Profile.DEVELOPMENT else PolicyMode.APPROVED

    @property
    def has_tls(self) -> bool:
        """Whether the server speaks TLS itself."""
        return self.tls_certificate is not None


def settings(environ: Mapping[str, str]) -> Settings:
    """The settings that environment variables give, defaults for the rest.

    Raises:
        EdgeError: a variable starts with ASSAY_ and is none of ours, or cannot be read.
    """
    known = {f"{PREFIX}{name.upper()}": name for name in _READERS}
    given = {variable: text for variable, text in environ.items() if variable.startswith(PREFIX)}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        message = f"environment variable {unknown[0]} is unknown; use one of {', '.join(sorted(known))}"
        raise EdgeError(message)
    values = {known[variable]: _read(variable, text, _READERS[known[variable]]) for variable, text in given.items()}
    return Settings(**values)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or len(set(names)) != len(names):
        message = "expected different names with commas between them"
        raise ValueError(message)
    return names


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        message = "expected 1 or 0"
        raise ValueError(message)
    return text == "1"


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        message = "expected a whole number from 1"
        raise ValueError(message)
    return number


_READERS: Mapping[str, Callable[[str], Any]] = {
    "home": Path,
    "origin": str,
    "policy": Path,
    "assumptions": Path,
    "account_id": str,
    "opening_cash_usd": Decimal,
    "first_on": date.fromisoformat,
    "principal": str,
    "profile": Profile,
    "database_url": str,
    "policy_folder": Path,
    "policy_mode": PolicyMode,
    "policy_needs_impact": _switch,
    "host": str,
    "port": int,
    "workers": _count,
    "accounts": _names,
    "market_on": date.fromisoformat,
    "rate_limit": str,
    "log_level": LogLevel,
    "behind_tls_proxy": _switch,
    "tls_certificate": Path,
    "tls_key": Path,
    "max_waiting": _count,
    "lake": Path,
    "universe": _names,
    "universe_on": date.fromisoformat,
    "feeds": Path,
    "finnhub_key": str,
    "fred_key": str,
    "x_bearer_token": str,
    "reddit_id": str,
    "reddit_secret": str,
    "edgar_identity": str,
    "risk_terms": Path,
    "resilience": Path,
    "rate_limit_server": str,
    "alert_policy": Path,
    "alert_channels": Path,
    "slo_policy": Path,
    "retention_policy": Path,
    "sentiment_head": Path,
    "console": Path,
    "broker": BrokerKind,
    "broker_address": str,
    "broker_file": Path,
    "broker_account": str,
    "broker_key": str,
    "broker_secret": str,
}


def _read(variable: str, text: str, reader: Callable[[str], Any]) -> Any:  # noqa: ANN401  # each has its type
    if not text:
        message = f"environment variable {variable} is empty; give it a value or unset it"
        raise EdgeError(message)
    try:
        return reader(text)
    except (ValueError, InvalidOperation) as error:
        message = f"environment variable {variable}={text!r} cannot be read: {error}; correct or unset it"
        raise EdgeError(message) from error
