"""Templates become finished messages in the reader's language."""
