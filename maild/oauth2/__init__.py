"""Access tokens (RFC 6749): asked for, kept, renewed before they run out."""
