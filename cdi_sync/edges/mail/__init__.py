"""Mail servers: letters handed over by SMTP, answers and returns read by IMAP."""
