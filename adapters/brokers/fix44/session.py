"""One FIX 4.4 session as initiator, by QuickFIX: its settings, its logon, and what arrives.

Sequence numbers are kept over restarts, messages that we sent are not: whatever the peer missed of ours is filled with
a gap, and the outbox sends an order again after asking whether it is there. A stale order can so never come by resend.
The logon's password is in the memory of the process alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from adapters.brokers.extra import broker_library
from nodes.vocabulary.errors import EdgeError

EXTRA = "fix"
CONFIG = "session.cfg"
REVIVE_S = 3.0
"""How long nobody is logged on before the engine is begun anew."""
_WANTED = ("SenderCompID", "TargetCompID", "SocketConnectHost", "SocketConnectPort")
_ASSUMED = {"HeartBtInt": "30", "ReconnectInterval": "1", "StartTime": "00:00:00", "EndTime": "00:00:00"}
_USERNAME, _PASSWORD, _MSG_TYPE, _MSG_SEQ_NUM, _LOGON = 553, 554, 35, 34, "A"


def session_text(file: Path, folder: Path) -> str:
    """QuickFIX's settings of the one session that a file names, with what we insist on.

    Raises:
        EdgeError: the file cannot be read, or names no session of FIX 4.4 whole.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EdgeError(f"{file}: {error}; name the file of the FIX session in ASSAY_BROKER_FILE") from error
    given = [line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#")]
    said = {name.strip(): value.strip() for name, _, value in given}
    missing = [name for name in _WANTED if not said.get(name)]
    if missing or said.get("BeginString", "FIX.4.4") != "FIX.4.4":
        message = f"{file} names no session of FIX.4.4: it lacks {', '.join(missing) or 'BeginString=FIX.4.4'}"
        raise EdgeError(f"{message}; see docs/brokers.md for one that is whole")
    ours = {
        "BeginString": "FIX.4.4",
        "ConnectionType": "initiator",
        "PersistMessages": "N",
        "FileStorePath": str(folder / "store"),
        "UseDataDictionary": "Y",
        "DataDictionary": said.get("DataDictionary", str(Path(sys.prefix) / "share" / "quickfix" / "FIX44.xml")),
    }
    found = {**_ASSUMED, **said, **ours}
    return "[DEFAULT]\n\n[SESSION]\n" + "".join(f"{name}={value}\n" for name, value in found.items())


class FixSession:
    """The session. Connects by itself, again and again, until it is closed.

    Args:
        file: what the peer is called and where it is, as QuickFIX reads it.
        folder: of the sequence numbers.
        heard: called in the engine's thread with each message of the application and each reject, and its text; must
            not raise.
        name: user name of the logon; None without one.
        password: its password.
    """

    def __init__(
        self, file: Path, folder: Path, heard: Callable[[str], None], name: str | None, password: str | None
    ) -> None:
        quickfix = broker_library("quickfix", EXTRA)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = folder / CONFIG
        config.write_text(session_text(file, folder), encoding="utf-8")
        self._quickfix = quickfix
        self._application = _application(quickfix, heard, name, password)
        self._settings = quickfix.SessionSettings(str(config))
        self._stores = quickfix.FileStoreFactory(self._settings)
        self._file = file
        self._initiator: Any = None
        self._start()

    @property
    def is_on(self) -> bool:
        """Whether both sides are logged on."""
        return self._initiator is not None and bool(self._initiator.isLoggedOn())

    def revive(self) -> None:
        """Begin anew, where nobody has been logged on for a while.

        After its peer has logged out, QuickFIX 1.15 takes itself to be logging on, and connects no more.
        """
        if self.is_on:
            self._began_s = time.monotonic()
        elif time.monotonic() - self._began_s > REVIVE_S:
            self._end(is_forced=True)
            self._start()

    def send(self, kind: str, said: Mapping[int, str]) -> int:
        """Send a message. Returns its MsgSeqNum (34). Raises EdgeError while nobody is logged on."""
        quickfix, session_id = self._quickfix, self._application.session_id
        if session_id is None or not self.is_on:
            message = "the FIX session is not logged on; check the peer, the session's hours and its sequence numbers"
            raise EdgeError(message, reason="unavailable")
        message_out = quickfix.Message()
        message_out.getHeader().setField(quickfix.MsgType(kind))
        for tag, value in said.items():
            message_out.setField(tag, value)
        quickfix.Session.sendToTarget(message_out, session_id)
        number: int = self._application.number
        return number

    def close(self) -> None:
        """Log out and end. The engine knows a session by its name: it forgets this one, so that another may begin."""
        self._end(is_forced=False)

    def _start(self) -> None:
        quickfix, self._began_s = self._quickfix, time.monotonic()
        try:
            self._initiator = quickfix.SocketInitiator(self._application, self._stores, self._settings)
            self._initiator.start()
        except (quickfix.FIXException, RuntimeError) as error:
            message = f"the FIX session of {self._file} does not start: {error}; correct its settings"
            raise EdgeError(message) from error

    def _end(self, *, is_forced: bool) -> None:
        if self._initiator is not None:
            self._initiator.stop(is_forced)
            self._initiator = None


def _application(quickfix: Any, heard: Callable[[str], None], name: str | None, password: str | None) -> Any:  # noqa: ANN401  # the library's classes
    class _Application(quickfix.Application):  # type: ignore[misc]  # known when the extra is there
        """What the engine calls."""

        session_id: Any = None
        number = 0

        def onCreate(self, session_id: Any) -> None:  # noqa: ANN401, N802  # QuickFIX's name
            """The session is there."""
            self.session_id = quickfix.SessionID(
                session_id.getBeginString().getString(),
                session_id.getSenderCompID().getString(),
                session_id.getTargetCompID().getString(),
            )

        def onLogon(self, session_id: Any) -> None:  # noqa: ANN401, N802  # QuickFIX's name
            """Both sides are there."""

        def onLogout(self, session_id: Any) -> None:  # noqa: ANN401, N802  # QuickFIX's name
            """The other side is gone."""

        def toAdmin(self, message: Any, session_id: Any) -> None:  # noqa: ANN401, ARG002, N802  # QuickFIX's name
            """A message of the session goes out; the logon with who we are."""
            if name and message.getHeader().getField(_MSG_TYPE) == _LOGON:
                message.setField(_USERNAME, name)
                message.setField(_PASSWORD, password or "")

        def fromAdmin(self, message: Any, session_id: Any) -> None:  # noqa: ANN401, ARG002, N802  # QuickFIX's name
            """A message of the session came."""
            heard(message.toString())

        def toApp(self, message: Any, session_id: Any) -> None:  # noqa: ANN401, ARG002, N802  # QuickFIX's name
            """A message of ours goes out, in the thread that sends it."""
            self.number = int(message.getHeader().getField(_MSG_SEQ_NUM))

        def fromApp(self, message: Any, session_id: Any) -> None:  # noqa: ANN401, ARG002, N802  # QuickFIX's name
            """A message of the peer came."""
            heard(message.toString())

    return _Application()
