"""Forms: what a department fills in, and what becomes of each answer."""
