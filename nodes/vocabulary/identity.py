"""Names of things: each is a NewType over str, so that one cannot stand for another."""

from __future__ import annotations

from typing import NewType

Symbol = NewType("Symbol", str)
AccountId = NewType("AccountId", str)
OrderKey = NewType("OrderKey", str)
VenueId = NewType("VenueId", str)
Origin = NewType("Origin", str)
DigestText = NewType("DigestText", str)
