"""Calendars, working time, and clocks as a pure function of a ticket's timeline."""
