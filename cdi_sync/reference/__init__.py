"""What is true of the world whatever a register holds: the countries, and Morocco's councils with their HCP codes.

Each list is a file beside its module, read once when it is first asked, as a library reads its own tables.
"""
