"""The ledger on disk: what was said to whom, what became of it, what came back, which jobs are done."""
