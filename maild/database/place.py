"""Where the database is, read from ``[store] url``."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

_NETWORK = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "9p",
        "ceph",
        "afs",
        "gfs2",
        "ocfs2",
        "lustre",
        "gpfs",
        "glusterfs",
    }
    | {"beegfs", "ncpfs", "davfs"}
)
_NETWORK_FUSE = ("sshfs", "glusterfs", "s3fs", "rclone", "ceph", "davfs", "gcsfuse", "blobfuse", "juicefs")


class BadPlace(Exception):
    """The url names no database that may be used; the words say what to write instead. Exit code 78."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database: a SQLite file, or a PostgreSQL url. Exactly one of the two is set."""

    path: Path | None = None
    url: str = ""

    @property
    def full_url(self) -> str:
        """A url that names this place from any working directory, and with its password: never print it."""
        return f"sqlite:///{quote(str(self.path.absolute()))}" if self.path is not None else self.url

    @property
    def shown(self) -> str:
        """The place as it may be printed: without a password."""
        if self.path is not None:
            return str(self.path)
        scheme, _, rest = self.url.partition("://")
        user, at, host = rest.rpartition("@")
        return f"{scheme}://{user.partition(':')[0]}{at}{host}"


def read_place(url: str, folder: Path | None = None) -> Place:
    """Read ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or ``postgresql://…``.

    A relative path is relative to `folder`, the configuration file's. Raises BadPlace for anything else.
    """
    if url.startswith(("postgresql://", "postgres://")):
        return Place(url="postgresql://" + url.partition("://")[2])
    if not url.startswith("sqlite:///") or url == "sqlite:///":
        scheme = url.partition("://")[0]  # the rest may hold a password
        raise BadPlace(f"[store] url: {scheme}: write sqlite:///FILE or postgresql://USER@HOST/NAME")
    path = Path(unquote(url.removeprefix("sqlite:///")))
    return Place(path=path if folder is None else folder / path)


def refuse_network_file_system(path: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Raise BadPlace when a SQLite file would stand on a network file system; its locks cannot be trusted there."""
    try:
        table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return  # no such table on this system: nothing is known against the place
    kind = file_system(path, table)
    if kind in _NETWORK or (kind.startswith("fuse.") and any(name in kind for name in _NETWORK_FUSE)):
        raise BadPlace(
            f"[store] url: {path} is on a network file system ({kind}), where SQLite's locks can fail and"
            " mail can be lost; use a local disk, or postgresql://"
        )


def file_system(path: Path, mounts: str) -> str:
    """Return the type of the file system that holds `path`, by the text of /proc/mounts; "" when unknown."""
    where, best, kind = path.absolute().resolve(), -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(fields[1].encode("ascii", "surrogateescape").decode("unicode_escape"))
        if where.is_relative_to(point) and len(point.parts) >= best:  # a later mount hides an earlier one
            best, kind = len(point.parts), fields[2]
    return kind
