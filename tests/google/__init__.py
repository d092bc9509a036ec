"""A Google on this machine: Sheets, Drive and the token endpoint, for the tests, spoken to over HTTP.

`world.Google` is the whole of it, without HTTP: a request in, an answer out. `server.serving` puts it behind a port.
Inside: `sheets/` (spreadsheets), `drive/` (files), and around them tokens, quotas, faults, the clock, the log.
"""
