"""The command language: one grammar, two languages, all or nothing."""
