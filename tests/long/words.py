"""What the people of the town say, and how its desk is set up."""

from datetime import UTC, datetime
from pathlib import Path

EXAMPLE = (Path(__file__).parents[1] / "unit" / "settings" / "example.toml").read_text("utf-8")
MORE = """
[[queue]]
name = "billing"
address = "billing@example.com"
team = "second-line"
sla = "standard"
reopen_within = "2d"
close_resolved_after = "3d"
pending_reminder = "1d"
pending_close = "5d"

[[supplier]]
name = "printers"
address = "service@printers.example"

[[rule]]
name = "invoices"
when = { subject = "*invoice*" }
do = ["#priority urgent", "#tag +money"]

[[approval]]
name = "change"
steps = [
  { approvers = ["lead"] },
  { approvers = ["boss@example.org", "cfo@example.net", "ciso@example.net"], need = 2 },
]
types = ["change"]
remind_after = "1d"
expires_after = "3d"
on_expiry = "lead"

[[approval]]
name = "purchase"
steps = [{ approvers = ["boss@example.org"] }]
expires_after = "2d"

[[service]]
name = "vpn"
title = { en = "VPN access", es = "Acceso VPN" }
team = "second-line"
type = "request"
match = { subject = "*vpn*" }
fields = [{ name = "device", label = { en = "Device", es = "Equipo" }, choices = ["laptop", "phone"] }]
approval = "purchase"
"""
ROSTER = """
[[shift]]
name = "office"
team = "first-line"
who = ["ana@example.com", "ben@example.com"]
hours = ["08:00-14:00", "14:30-19:00"]
holidays = "office"

[[rotation]]
name = "night"
team = "first-line"
who = ["ben@example.com", "ana@example.com"]
every = "1w"
start = 2026-03-02
hours = "22:00-06:00"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

[[on_call]]
team = "first-line"
who = ["ana@example.com"]

[[absence]]
who = "ana@example.com"
first_day = 2026-03-24
last_day = 2026-03-26
substitute = "eva@example.com"
"""
TARGET = 'first_response = "4h", next_response = "8h"'  # what an administrator edits once in a while
OTHER_TARGETS = [TARGET, 'first_response = "2h", next_response = "8h"', 'first_response = "6h", next_response = "1d"']
START = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)  # Two weeks before Madrid's clocks go forward.
PEOPLE = [f"person{n}@example.org" for n in range(8)] + ["marta@example.net", "o'hara+x@example.net"]
APPROVERS = ["boss@example.org", "cfo@example.net", "ciso@example.net", "lead@example.com"]
AGENTS = ["ana@example.com", "ben@example.com", "eva@example.com"]
CONTROL = "control@desk.example.com"
SUPPLIER = "service@printers.example"
INSIDE = frozenset({*AGENTS, "lead@example.com", "ops@example.com"})
SECRET = "xsecretx"  # in every word that must stay inside; nothing else has it
SUBJECTS = ["Printer", "No puedo entrar", "Wrong invoice", "VPN", "Factura", "Hello [ACME-3]", "Re: Re: AW: Test"]
ASKING = [
    "The printer on the second floor does not print anything since yesterday.",
    "Buenos días, la impresora no imprime nada desde ayer, ¿me pueden ayudar?",
    "Could somebody help me with my account, please? It is urgent.",
]
ANSWERING = [
    "Thanks!",
    "Gracias",
    "It still does not work.",
    "Sigue sin funcionar, ¿qué hago?",
    "#close",
    "#reabrir",
    "#status",
    "#unsubscribe",
    "#human",
    "laptop",
    "5",
]
VOTING = [
    *["approve"] * 4,
    f"aprobar {SECRET} at last",
    f"approve, {SECRET} but only once",
    "reject Too dear.",
    "rechazar",
    "defer 1d",
    "aplazar 2d",
    "delegate cfo@example.net",
    "delegate lead@example.com",
    "What is it for?",
    "ok",
]
WORKING = [
    *["Please try it again now."] * 12,
    *["#resolve\n\nIt is done, see you."] * 5,
    "#resolve\n\nIt is done.",
    "#resolve",
    "#pending 2d\n\nPlease send me the number.",
    "#espera\n\nNecesito el número.",
    "#hold 1d",
    "#take",
    "#assign ben@example.com",
    "#unassign",
    "#priority urgent",
    "#prioridad baja",
    f"#note\n\n{SECRET} she is difficult",
    f"#pending\n#note\n\n{SECRET} wait for her",
    "#snooze 3h",
    "#snooze 30m\n#tag +slow",
    "#reslove\n\nIt is done.",
    "#close\n\nBye.",
    "#close",
    "#reopen",
    "#open",
    "#spam",
    "#undo",
    "#cancel",
    f"#escalate 2 tried: {SECRET} everything",
    f"#escalate lead tried: {SECRET} to call her",
    "#escalate 1",
    "#queue billing",
    "#queue support",
    "#split",
    '#child "Order a new one"',
    "#sla",
    "#history",
    "#mine",
    "#show",
    "#dry-run\n#resolve\n\nIt is done.",
    "#send-at 4h\n\nLater.",
    f"#supplier {SUPPLIER}\n\nPlease repair it.",
    "#cc +person1@example.org",
    "#cc -person1@example.org",
    "#watch",
    "#mute",
    *["#type problem"] * 2,
    "#type change",
    "#type incident",
    *["#ask-approval change"] * 2,
    "#ask-approval boss@example.org: Two licences, 200 euros",
    "#pedir-aprobacion cfo@example.net ciso@example.net need=all: Un portátil",
    "#approve",
    "#reject Too dear.",
    "#announce\n\nWe have found the cause.\n[es]\nHemos encontrado la causa.",
    "#workaround Use the one on the first floor.",
    '#known-error +printer|impresora title="Trouble with printers"',
    "#field device=phone",
    "#duplicate 2",
    "#digest daily",
    "#digest",
    "#mute",
    "#who-is-on",
    "#away 1d sub=ben@example.com",
    "#back",
    "#unmerge",
    "#requester person2@example.org",
]
BOUNCE = """From: MAILER-DAEMON@{domain}
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce.{number}@{domain}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

It came back.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; {domain}

Final-Recipient: rfc822; {who}
Action: failed
Status: {status}

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: lost

--b--
"""
BATCHES = [
    "{n} tag +batch",
    "{n}-{m} note called them",
    "{n} close\n{m} tag -batch",
    "mine\nwho-is-on",
    "limit queue=billing\n{n} take",
]
DULL = frozenset({"transcript", "escalated", "quarantine", "digest"})  # people seldom answer these
REPLIES = [(250, "2.0.0")] * 40 + [(450, "4.2.1")] * 3 + [(0, "")] + [(550, "5.1.1"), (554, "5.7.1")]
