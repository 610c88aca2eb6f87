"""Ports of the registry: what adapters give is what governance asks for."""

from __future__ import annotations

from adapters.sql.registry_reader import SqlRegistryReader
from adapters.sql.registry_rows import SqlRegistryRows
from governance.registry import LogRegistry
from governance.registry_ports import RegistryReader, RegistryRows, RegistryTransaction


def _members(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}


def test_sql_and_log_have_every_method_that_the_ports_name() -> None:
    pairs = ((RegistryReader, SqlRegistryReader), (RegistryRows, SqlRegistryRows), (RegistryTransaction, LogRegistry))
    for port, adapter in pairs:
        assert [name for name in _members(port) if not hasattr(adapter, name)] == []
