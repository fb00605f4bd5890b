"""The configuration that the demo writes: an ordinary maild.toml."""

IMAP = """
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {imap}
tls = "none"                        # loopback only
username = "{user}"
password = "{password}"
queue = "support"
after = "move:Processed"
poll_interval = "2s"                # beside IDLE
"""

TOML = """\
# The desk of `maild demo`. It is an ordinary configuration: `maild --config THIS check` reads it.

[desk]
name = "Acme Support"
domain = "desk.acme.example"
prefix = "DEMO"
languages = ["en", "es"]
timezone = "Europe/Madrid"
reply_address = "desk@desk.acme.example"
postmaster = "ops@acme.example"
secret_file = "secret.key"

[store]
url = "sqlite:///maild.db"

[smtp]
listen = ["127.0.0.1:{smtp}"]
{mailbox}
[proof]
nameservers = ["127.0.0.1:{names}"] # the demo's own: nothing is asked of the network

[outgoing]
smarthost = "127.0.0.1:{sink}"      # keeps every mail as a file
tls = "none"

[[queue]]
name = "support"
address = "support@acme.example"
team = "first-line"
sla = "demo"

[[team]]
name = "first-line"
members = ["ana@acme.example", "ben@acme.example"]
lead = "lea@acme.example"
daily = false                       # the story is too short for a mail of the day

[[agent]]
address = "ana@acme.example"
name = "Ana Ruiz"

[[agent]]
address = "ben@acme.example"
name = "Ben Cole"

[[agent]]
address = "lea@acme.example"
name = "Lea Moss"

[[calendar]]
name = "always"
timezone = "Europe/Madrid"
hours = {{ mon = ["00:00-24:00"], tue = ["00:00-24:00"], wed = ["00:00-24:00"], thu = ["00:00-24:00"], \
fri = ["00:00-24:00"], sat = ["00:00-24:00"], sun = ["00:00-24:00"] }}

[[sla]]
name = "demo"
calendar = "always"
targets.normal = {{ first_response = "20m", next_response = "40m", resolution = "8h" }}
targets.high = {{ first_response = "10m", next_response = "20m", resolution = "4h" }}
warn_at = [75]
escalate = [ {{ clock = "first_response", at = 100, to = "lead" }} ]
"""


def configuration(*, smtp: int, sink: int, names: int, imap: int, user: str, password: str) -> str:
    """Return the text of the demo's maild.toml; `imap` is 0 when there is no IMAP server."""
    mailbox = IMAP.format(imap=imap, user=user, password=password) if imap else ""
    return TOML.format(smtp=smtp, sink=sink, names=names, mailbox=mailbox)
