"""The words that every room may use: names of states, ticket keys, instants, limits."""
