"""The only modules that touch the world: files, spreadsheets, mail, clock and ledger."""
