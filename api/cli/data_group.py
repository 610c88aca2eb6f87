"""`assay data`: all of its commands, joined."""

from __future__ import annotations

from api.cli import data, facts, feeds
from api.cli.reading import add_readings
from api.use_cases.data_readings import ALL_READINGS

app = data.app
app.command("fact")(facts.print_fact)
app.command("statement")(facts.print_statement)
app.command("periods")(facts.print_periods)
add_readings(app, ALL_READINGS)
app.command("fetch")(feeds.fetch)
app.command("keep")(feeds.keep)
app.command("feeds")(feeds.list_feeds)
