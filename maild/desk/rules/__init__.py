"""The administrator's rules: conditions on everything that is known, and agents' commands when they hold."""
