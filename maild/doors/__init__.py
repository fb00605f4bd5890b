"""The ways in for mail: SMTP, LMTP, IMAP, files."""
