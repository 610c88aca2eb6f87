"""`assay log`: all of its commands, joined."""

from __future__ import annotations

from api.cli import log_reading, logs

app = logs.app
for command in (log_reading.entries, log_reading.proof, log_reading.consistency, log_reading.tail):
    app.command()(command)
