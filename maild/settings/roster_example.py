"""The example of a roster file that `maild init` writes, and that is shipped as config/roster.toml."""

EXAMPLE = """\
# Who is on duty when. Name this file in maild.toml: `[desk] roster_file = "roster.toml"`, then `maild check`,
# `maild roster check` and `maild reload`. A team without a shift here has all its members on duty at all hours.
# Paths are relative to maild.toml's folder; days are written 2026-12-24, without quotes.

# More hours of duty a week, or more open tickets, are an overload that the lead hears of; 0 for no limit.
hours_a_week = "40h"
open_tickets = 25
weeks = 4

# People together, on the same hours. "22:00-06:00" is a night that ends on the next morning.
# [[shift]]
# name = "office"
# team = "first-line"
# who = ["agent@example.com"]
# days = ["mon", "tue", "wed", "thu", "fri"]
# hours = ["09:00-14:00", "15:00-17:00"]
# timezone = "Europe/Madrid"
# holidays = "office"                # the calendar on whose holidays nobody works

# Hours out of iCalendar files; without `who`, the attendees of each event.
# [[shift]]
# name = "weekend"
# team = "first-line"
# ics = ["weekend.ics"]

# People in turn, a week each from the first day on.
# [[rotation]]
# name = "late"
# team = "first-line"
# who = ["agent@example.com", "lead@example.com"]
# every = "1w"
# start = 2026-01-05
# hours = "17:00-20:00"

# Who is told of new tickets while nobody is on duty; without it, the lead is.
# [[on_call]]
# team = "first-line"
# who = ["agent@example.com", "lead@example.com"]

# Agents may say this by mail themselves: #away 2026-12-24..31 sub=lead
# [[absence]]
# who = "agent@example.com"
# first_day = 2026-12-24
# last_day = 2026-12-31
# substitute = "lead@example.com"
"""
