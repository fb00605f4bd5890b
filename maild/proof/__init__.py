"""May we believe the From address? DKIM, SPF, DMARC, trusted Authentication-Results, tokens, codes."""
