"""The log's vocabulary: one function for each thing that happens, one line for each record."""
