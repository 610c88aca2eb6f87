"""`assay order`: all of its commands, joined."""

from __future__ import annotations

from api.cli import execution, execution_reports, market

app = market.orders
app.command("route")(execution.route)
app.command("life")(execution.life)
app.command("cancel")(execution.cancel)
app.command("replace")(execution.replace)
app.command("report")(execution_reports.report)
