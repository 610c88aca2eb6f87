"""Fixtures of a log in every database, for the tests of this folder."""

from __future__ import annotations

from tests.stores import any_log, postgres_server, postgres_url

__all__ = ["any_log", "postgres_server", "postgres_url"]
