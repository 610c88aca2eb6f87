"""The `assay` command with its modules imported beforehand: a hundred commands of the pages need not each do it.

A process imports what commands need and then forks a child for each call: the child has the caller's folder,
environment and open files, runs the command's own entry point and ends as it ends. What a command does is not touched;
only the seconds of importing are saved. `serve`, which makes processes of its own, and commands with modules of their
own on PYTHONPATH are started as users start them.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

_READY = "ready"
_CLIENT = """#!{python} -IS
import json, os, socket, sys
if sys.argv[1:2] == ["serve"] or "PYTHONPATH" in os.environ:
    os.execv({assay!r}, [{assay!r}, *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [b"."], [0, 1, 2])
    call = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}
    server.sendall(json.dumps(call).encode())
    server.shutdown(socket.SHUT_WR)
    said = server.recv(16)
sys.exit(int(said) if said else 70)
"""


@contextmanager
def warm_commands(folder: Path) -> Iterator[Path]:
    """A folder for the PATH, whose `assay` runs in an interpreter that has imported everything."""
    address = str(folder / "calls")
    arguments = [sys.executable, "-m", "tests.docs.warm_commands", address]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "COV"))}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == _READY
            client = folder / "bin" / "assay"
            client.parent.mkdir()
            assay = str(Path(sys.executable).parent / "assay")
            client.write_text(_CLIENT.format(python=sys.executable, assay=assay, address=address), encoding="utf-8")
            client.chmod(0o755)
            yield client.parent
        finally:
            process.terminate()


def _imported() -> None:
    """Import every command. The threads that this begins are allocators' and OpenBLAS', which know of forks."""
    for place in import_module("api.cli.commands").COMMANDS.values():
        import_module(place.path.partition(":")[0])
    gc.freeze()


def _call(server: socket.socket) -> dict[str, Any]:
    """Wait for calls, and return in a child of its own for each; the parent returns never."""
    while True:
        caller, _ = server.accept()
        if os.fork():
            caller.close()
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _, descriptors, _, _ = socket.recv_fds(caller, 1, 3)
        with caller.makefile("rb") as sent:
            call = json.load(sent)
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            caller.sendall(str(os.waitstatus_to_exitcode(status) % 256).encode())
            os._exit(0)
        caller.close()
        server.close()
        for wanted, descriptor in enumerate(descriptors):
            os.dup2(descriptor, wanted)
            os.close(descriptor)
        return dict(call)


def main(address: str) -> None:
    """Import, say so, and serve calls until told to end."""
    _imported()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen(64)
    sys.stdout.write(f"{_READY}\n")
    sys.stdout.flush()
    call = _call(server)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["environment"])
    sys.argv = ["assay", *call["arguments"]]
    sys.modules["__main__"].__package__ = None  # or a usage error would call the program `python -m tests.docs...`
    _ended(_exit_code())


def _exit_code() -> int:
    """Run the command, and say how it ended."""
    try:
        import_module("api.cli.app").main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _ended(code: int) -> NoReturn:
    """End as an interpreter does, but for taking all that was imported apart, which takes as long as importing it."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
