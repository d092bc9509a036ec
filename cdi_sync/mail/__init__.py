"""What people are told and what they answer: letters, who gets which, what may leave, and what comes back. Pure."""
