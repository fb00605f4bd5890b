"""What we accepted: appended durably, claimed, settled, replayed, quarantined."""
