"""cdi_sync: the registry of a council's international cooperation agreements, followed step by step."""

__version__ = "0.1.0"
