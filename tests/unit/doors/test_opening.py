"""The listeners follow the configuration, through reloads and with sockets that systemd hands over."""

import asyncio
import smtplib
import socket
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from maild.doors import auth
from maild.doors.listen import open_tcp
from maild.doors.opening import Doors
from maild.doors.session import Callbacks
from maild.settings.desk import Desk
from maild.settings.doors import Lmtp, Smtp
from maild.settings.model import Settings
from tests.support.waiting import PATIENCE_SECONDS

from .house import NOW, Keeper

ANY = "127.0.0.1:0"


def settings(**tables):
    desk = {"name": "Acme", "domain": "desk.example.com", "prefix": "ACME", "reply_address": "desk@desk.example.com"}
    return Settings(desk=Desk(**desk), **tables)


def doors():
    keeper = Keeper()
    return Doors(Callbacks(keeper.accept, keeper.knows, lambda: NOW))


async def greeting(address):
    if address.startswith("unix:"):
        reader, writer = await asyncio.open_unix_connection(address.removeprefix("unix:"))
    else:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    line = (await reader.readline()).decode().strip()
    writer.close()
    await writer.wait_closed()
    return line


def play(story):
    """Run a story with doors of its own, which are closed in the end."""

    async def whole():
        opened = doors()
        try:
            await asyncio.wait_for(story(opened), PATIENCE_SECONDS)
        finally:
            await opened.close(grace_seconds=0.1)

    asyncio.run(whole())


def test_all_that_is_configured_is_open_and_says_whose_it_is(tmp_path):
    async def story(opened):
        await opened.apply(settings(smtp=Smtp(listen=ANY), lmtp=Lmtp(listen=f"unix:{tmp_path}/lmtp.sock")))
        kinds = dict(opened.addresses())
        assert await greeting(kinds["smtp"]) == "220 desk.example.com ESMTP maild"
        assert await greeting(kinds["lmtp"]) == "220 desk.example.com LMTP maild"

    play(story)


def test_a_reload_opens_what_is_new_closes_what_is_gone_and_keeps_the_rest(tmp_path):
    async def story(opened):
        smtp = Smtp(listen=ANY, hostname="old.example.com")
        await opened.apply(settings(smtp=smtp, lmtp=Lmtp(listen=f"unix:{tmp_path}/one.sock")))
        before = opened.addresses()
        changed = smtp.model_copy(update={"hostname": "new.example.com"})
        await opened.apply(settings(smtp=changed, lmtp=Lmtp(listen=f"unix:{tmp_path}/two.sock")))
        after = opened.addresses()
        assert before[0] == after[0]
        assert await greeting(after[0][1]) == "220 new.example.com ESMTP maild"
        assert after[1] == ("lmtp", f"unix:{tmp_path}/two.sock")
        with pytest.raises((ConnectionRefusedError, FileNotFoundError)):  # Python 3.13 takes the file away too
            await greeting(f"unix:{tmp_path}/one.sock")
        await opened.apply(settings())
        assert opened.addresses() == []

    play(story)


def broken_users(folder):
    (folder / "users").write_text("ana@example.com:plain\n")
    return Smtp(listen=ANY, users_file=folder / "users")


def missing_certificate(folder):
    return Smtp(listen=ANY, tls_cert_file=folder / "none.pem")


def tls_without_certificate(_):
    return Smtp(listen=ANY, listen_tls=ANY)


def taken_address(folder):
    return Smtp(listen=(ANY, f"unix:{folder}/no/such/folder"))


@pytest.mark.parametrize("fault", [broken_users, missing_certificate, tls_without_certificate, taken_address])
def test_a_broken_configuration_changes_nothing(tmp_path, fault):
    async def story(opened):
        await opened.apply(settings(smtp=Smtp(listen=ANY, hostname="old.example.com")))
        before = opened.addresses()
        with pytest.raises((OSError, ValueError)) as refused:
            await opened.apply(settings(smtp=fault(tmp_path)))
        assert "plain" not in str(refused.value)
        assert opened.addresses() == before
        assert await greeting(before[0][1]) == "220 old.example.com ESMTP maild"

    play(story)


def test_sockets_that_systemd_hands_over_are_taken_in_place_of_our_own():
    async def story(opened):
        (listener,) = open_tcp("127.0.0.1", 0)
        port = listener.getsockname()[1]
        inherited = socket.socket(fileno=listener.detach())
        await opened.apply(settings(smtp=Smtp(listen=ANY)), {"smtp": [inherited]})
        assert opened.addresses() == [("smtp", f"127.0.0.1:{port}")]
        await opened.apply(settings(smtp=Smtp(listen=ANY)))
        assert opened.addresses() == [("smtp", f"127.0.0.1:{port}")], "a reload keeps them"
        assert (await greeting(f":{port}")).startswith("220")

    play(story)


@contextmanager
def certificate(folder: Path):
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    (folder / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    yield authority


def test_tls_and_users_come_from_their_files(tmp_path):
    (tmp_path / "users").write_text(f"ana@example.com:{auth.make_hash('correct horse', cost_log2=4)}\n")

    def submit(port):
        context = smtplib.ssl.create_default_context()
        authority.configure_trust(context)
        with smtplib.SMTP_SSL(
            "127.0.0.1", port, local_hostname="a", context=context, timeout=PATIENCE_SECONDS
        ) as client:
            return client.login("ana@example.com", "correct horse")[0]

    async def story(opened):
        smtp = Smtp(
            listen=ANY,
            listen_tls=ANY,
            users_file=tmp_path / "users",
            tls_cert_file=tmp_path / "cert.pem",
            tls_key_file=tmp_path / "key.pem",
        )
        await opened.apply(settings(smtp=smtp))
        ports = {kind: int(address.rpartition(":")[2]) for kind, address in opened.addresses()}
        assert await asyncio.to_thread(submit, ports["smtps"]) == 235

    with certificate(tmp_path) as authority:
        play(story)
