"""Every question that can be asked of the lake, by HTTP and on the command line."""

from __future__ import annotations

from api.use_cases import (
    data_reading_events,
    data_reading_forecasts,
    data_reading_fundamentals,
    data_reading_market,
    data_reading_options,
    data_reading_sentiment,
    data_reading_sources,
    venue_rules,
)
from api.use_cases.data_reading import Reading

ALL_READINGS: tuple[Reading, ...] = (
    *data_reading_market.READINGS,
    *data_reading_options.READINGS,
    *data_reading_fundamentals.READINGS,
    *data_reading_events.READINGS,
    *data_reading_sentiment.READINGS,
    *data_reading_sources.READINGS,
    *data_reading_forecasts.READINGS,
    *venue_rules.READINGS,
)
