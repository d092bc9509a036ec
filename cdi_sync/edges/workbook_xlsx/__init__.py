"""The registry as a local `.xlsx`."""
