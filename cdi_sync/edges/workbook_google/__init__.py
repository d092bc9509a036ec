"""The registry as a shared Google spreadsheet: access, requests, reading, writing, provisioning."""
