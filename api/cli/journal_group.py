"""`assay journal`: all of its commands, joined."""

from __future__ import annotations

from api.cli import attribution, attribution_decay, journal, journal_booking, reconciling

app = journal.app
app.command()(journal_booking.book)
app.command("attribution")(attribution.attribution_command)
app.command("decay")(attribution_decay.decay_command)
app.command("reconcile")(reconciling.reconcile)
app.command("reconciliations")(reconciling.list_reconciliations)
