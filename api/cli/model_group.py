"""`assay model`: all of its commands, joined."""

from __future__ import annotations

from api.cli import forecasting, model_life, models, shadows

app = models.app
app.command("forecast")(forecasting.print_forecast)
app.command("shadow")(shadows.shadow)
app.command("watch")(model_life.watch)
app.command("retrain")(model_life.retrain)
app.command("gates")(model_life.gates)
app.command("set-gate")(model_life.set_gate)
app.command("error-rates")(model_life.error_rates)
