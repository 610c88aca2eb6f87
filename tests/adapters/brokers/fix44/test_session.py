"""The settings of a FIX session: what an operator names, and what is insisted on."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.brokers.fix44.session import session_text
from nodes.vocabulary.errors import EdgeError

WHOLE = "[SESSION]\nSenderCompID=US\nTargetCompID=THEM\nSocketConnectHost=h\nSocketConnectPort=1\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "fix.cfg"
    file.write_text(text)
    return file


def test_what_the_operator_says_holds_but_for_what_keeps_orders_single(tmp_path: Path) -> None:
    """EXE-17: the engine sends no order again by itself, whatever its settings say."""
    text = WHOLE + "# HeartBtInt=1\nHeartBtInt=10\nPersistMessages=Y\nConnectionType=acceptor\nFileStorePath=/tmp\n"
    found = session_text(written(tmp_path, text), tmp_path / "fix")
    assert "HeartBtInt=10\n" in found
    assert "PersistMessages=N\n" in found
    assert "ConnectionType=initiator\n" in found
    assert f"FileStorePath={tmp_path}/fix/store\n" in found


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (WHOLE.replace("TargetCompID=THEM\n", ""), "names no session of FIX.4.4: it lacks TargetCompID"),
        (WHOLE + "BeginString=FIX.4.2\n", "it lacks BeginString=FIX.4.4"),
        ("", "it lacks SenderCompID, TargetCompID, SocketConnectHost, SocketConnectPort"),
    ],
)
def test_a_session_that_is_not_whole_is_refused(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(EdgeError, match=match):
        session_text(written(tmp_path, text), tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="name the file of the FIX session in ASSAY_BROKER_FILE"):
        session_text(tmp_path / "none.cfg", tmp_path)
