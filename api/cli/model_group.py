"""`assay model`: all of its commands, joined."""

from __future__ import annotations

from api.cli import forecasting, models

app = models.app
app.command("forecast")(forecasting.print_forecast)
