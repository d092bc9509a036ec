"""Where forms are handed out, and where their answers come back."""
