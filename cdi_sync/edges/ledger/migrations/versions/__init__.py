"""Versions of the ledger's tables, applied in order when the ledger is opened."""
