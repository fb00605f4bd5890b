"""Where the database may be."""

from pathlib import Path

import pytest

from maild.database.place import BadPlace, Place, file_system, read_place, refuse_network_file_system

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/home /srv nfs4 rw 0 0
/dev/vdb /srv/local ext4 rw 0 0
me@host: /mnt/with\\040space fuse.sshfs rw 0 0
broken
"""


def test_a_relative_file_is_relative_to_the_configuration():
    assert read_place("sqlite:///maild.db", Path("/etc/maild")).path == Path("/etc/maild/maild.db")


def test_four_slashes_are_absolute():
    assert read_place("sqlite:////var/lib/maild/maild.db", Path("/etc")).path == Path("/var/lib/maild/maild.db")


def test_a_server_is_taken_as_it_is_written():
    assert read_place("postgres://maild@db/x") == Place(url="postgresql://maild@db/x")


@pytest.mark.parametrize("url", ["mysql://me:secret@host/x", "sqlite:///", "maild.db"])
def test_another_url_is_refused_with_what_to_write_and_without_its_password(url):
    with pytest.raises(BadPlace, match="write sqlite:///FILE") as refused:
        read_place(url)
    assert "secret" not in str(refused.value)


def test_a_place_is_shown_without_its_password():
    assert read_place("postgresql://maild:secret@db/x").shown == "postgresql://maild@db/x"
    assert read_place("sqlite:////a.db").shown == "/a.db"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/x", "ext4"), ("/srv/maild.db", "nfs4"), ("/srv/local/x", "ext4"), ("/mnt/with space/x", "fuse.sshfs")],
)
def test_the_file_system_is_that_of_the_nearest_mount(path, kind):
    assert file_system(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("path", ["/srv/maild.db", "/mnt/with space/maild.db"])
def test_a_network_file_system_is_refused_with_a_reason(tmp_path, path):
    (tmp_path / "mounts").write_text(MOUNTS)
    with pytest.raises(BadPlace, match="network file system"):
        refuse_network_file_system(Path(path), tmp_path / "mounts")


def test_a_local_disk_is_taken(tmp_path):
    (tmp_path / "mounts").write_text(MOUNTS)
    refuse_network_file_system(Path("/srv/local/x"), tmp_path / "mounts")
    refuse_network_file_system(Path("/srv/x"), tmp_path / "no such table")
