"""The command language of INTERFACE section 6: one grammar, two languages, all or nothing."""
