"""Has promtool read every rule and panel, and run the rules' tests: `python -m tests.adapters.telemetry.promtool`.

promtool comes with Prometheus, which is no package of ours, so that this is a command and not part of the test suite.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from adapters.telemetry.dashboard import expressions
from tests.architecture.code import ROOT

RULES = ROOT / "deploy" / "prometheus"


def main() -> int:
    """Print what promtool says; 1 when it finds something wrong, 2 where it is not installed."""
    promtool = shutil.which("promtool")
    if promtool is None:
        sys.stderr.write("promtool is not installed; install Prometheus, e.g. with apt-get install prometheus\n")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        panels = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(expressions())]
        file = Path(folder) / "panels.yml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": panels}]}), encoding="utf-8")
        rules, tests = sorted(map(str, RULES.glob("*.rules.yml"))), sorted(map(str, RULES.glob("*.test.yml")))
        commands = [[promtool, "check", "rules", str(file), *rules], [promtool, "test", "rules", *tests]]
        return max(int(subprocess.run(command, check=False).returncode != 0) for command in commands)  # noqa: S603  # ours


if __name__ == "__main__":
    sys.exit(main())
