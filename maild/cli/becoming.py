"""Who calls, and as whom a command works: root becomes the owner of the database, so that the service can go on."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from maild.database.place import read_place


def caller() -> str:
    """Return the actor of a command, such as `cli:ana`: who called it, behind sudo too. Ask before become_owner."""
    user = os.getuid()
    behind_sudo = os.environ.get("SUDO_USER", "") if user == 0 else ""
    return f"cli:{behind_sudo if behind_sudo.isprintable() and behind_sudo else _name_of(user)}"


def become_owner(url: str) -> None:
    """As root, become the owner of the SQLite file that `url` names, or of its folder while there is no file.

    Files that root would make beside it, the write-ahead log above all, would lock the service out.
    """
    place = read_place(url)
    if os.geteuid() != 0 or place.path is None:
        return
    found = next((path for path in (place.path, place.path.parent) if path.exists()), None)
    if found is not None:
        _become(found)


def _become(path: Path) -> None:
    owner = path.stat()
    if owner.st_uid == 0:
        return
    if (name := _name_of(owner.st_uid)).isdigit():
        os.setgroups([])
        os.setgid(owner.st_gid)
    else:
        entry = pwd.getpwuid(owner.st_uid)
        os.initgroups(name, entry.pw_gid)
        os.setgid(entry.pw_gid)
    os.setuid(owner.st_uid)


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
