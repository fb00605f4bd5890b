"""The role addresses that maild never answers."""

NEVER_ANSWERED_NAMES = frozenset(
    ("mailer-daemon", "postmaster", "abuse", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce", "bounces")
)
NEVER_ANSWERED_PREFIXES = ("owner-",)
NEVER_ANSWERED_SUFFIXES = ("-request", "-bounces")


def never_answered(address: str) -> str | None:
    """Return why this address never gets automatic mail, or None when it may.

    The list is closed on purpose: `info@` and `sales@` are people.
    """
    local = local_part(address)
    if not local:
        return "it is no address"
    if local in NEVER_ANSWERED_NAMES:
        return f"{local}@ is a role address"
    for start in NEVER_ANSWERED_PREFIXES:
        if local.startswith(start):
            return f"{start}* is a role address of mailing lists"
    for end in NEVER_ANSWERED_SUFFIXES:
        if local.endswith(end):
            return f"*{end} is a role address of mailing lists"
    return None


def local_part(address: str) -> str:
    """Return the part before the last @ in lower case without quotes; "" when there is no @ or nothing before it."""
    return address.strip().strip("<>").rpartition("@")[0].strip('"').strip().lower()
