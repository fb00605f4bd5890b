"""Find the ticket that a mail belongs to, in two pure steps around one query."""
