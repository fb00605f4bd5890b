"""A request out of the catalogue on a running desk: asked for what is missing, answered by mail, approved, decided."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.stories.stage import HALF_PAST_NINE
from tests.support.desk import MARTA, Clock, Desk

CATALOGUE = """
[[service]]
name = "vpn"
title = { en = "VPN access", es = "Acceso VPN" }
team = "second-line"
type = "request"
match = { subject = "*vpn*" }
fields = [
  { name = "device", label = { en = "Device", es = "Equipo" }, choices = ["laptop", "phone"] },
  { name = "room", label = { en = "Room", es = "Sala" }, pattern = "/^[0-9]{3}$/" },
]
[[rule]]
name = "alarm"
when = { header.X-Alarm = "*", kind = ["human", "auto-generated"] }
do = ["#prioridad urgente", "#etiqueta +alarm", "#assign eva"]
"""
ADDRESS = "marta@example.org"


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("catalogue")
    running = Desk(folder, lambda text: text + CATALOGUE, clock=Clock(HALF_PAST_NINE))
    try:
        yield running.start()
    finally:
        running.close()


def shown(desk: Desk, entry: str) -> dict:
    row = desk.settled(entry)
    assert row["ticket"] is not None, row
    return desk.rows("ticket", "show", row["ticket"])[0]


def test_what_is_missing_is_asked_for_once_and_read_from_the_answer(desk):
    ticket = shown(desk, desk.send(desk.compose("I need it at home.", subject="VPN for home")))
    assert (ticket["service"], ticket["type"], ticket["status"]) == ("vpn", "request", "pending")
    assert (ticket["team"], ticket["assignee"]) == ("second-line", "eva@example.com")
    assert {c["state"] for c in ticket["clocks"]} == {"paused"}
    (asked,) = [m for m in desk.sink.to(ADDRESS) if ticket["key"] in m.mail["Subject"]]
    assert asked.mail["Auto-Submitted"] == "auto-replied"
    assert "Device:\nRoom:" in "\n".join(line.rstrip() for line in asked.text.splitlines())
    assert "Device: \r\nRoom: " in unquote(asked.html)
    wrong = shown(desk, desk.send(desk.answer(asked, "Device: phone\nRoom: the big one", author=MARTA)))
    assert (wrong["status"], wrong["fields"]) == ("pending", {"device": "phone"})
    asked = [m for m in desk.sink.to(ADDRESS) if ticket["key"] in m.mail["Subject"]][-1]
    assert 'you wrote "the big one"' in asked.text
    done = shown(desk, desk.send(desk.answer(asked, "sala: 101", author=MARTA)))
    assert (done["status"], done["fields"]) == ("open", {"device": "phone", "room": "101"})
    assert "fields-complete" in [event["verb"] for event in done["events"]]
    assert len([m for m in desk.sink.to(ADDRESS) if ticket["key"] in m.mail["Subject"]]) == 2


def test_a_form_that_is_filled_in_below_where_it_is_quoted_is_read(desk):
    ticket = shown(desk, desk.send(desk.compose("Please.", subject="Another VPN")))
    (asked,) = [m for m in desk.sink.to(ADDRESS) if ticket["key"] in m.mail["Subject"]]
    answer = desk.answer(asked, "See below.", author=MARTA)
    filled = answer.get_content().replace("> Device:", "> Device: laptop").replace("> Room:", "> Room: 204")
    assert "> Room: 204" in filled
    answer.set_content(filled)
    done = shown(desk, desk.send(answer))
    assert (done["status"], done["fields"]) == ("open", {"device": "laptop", "room": "204"})


def test_a_rule_sorts_an_alarm_and_answers_nobody(desk):
    alarm = desk.compose(
        "disk full", author="monitor@example.net", subject="ALARM", X_Alarm="7", Auto_Submitted="auto-generated"
    )
    ticket = shown(desk, desk.send(alarm))
    assert (ticket["priority"], ticket["tags"], ticket["assignee"]) == ("urgent", ["alarm"], "eva@example.com")
    assert ticket["clocks"] == []
    assert desk.sink.to("monitor@example.net") == []
    (fired,) = [event for event in ticket["events"] if event["verb"] == "rule"]
    assert (fired["actor"], fired["detail"].split(" and ")[0]) == ("rule:alarm", "header.X-Alarm is 7")


def test_explain_says_which_rule_would_fire(desk, tmp_path):
    file = tmp_path / "alarm.eml"
    file.write_bytes(desk.compose("disk full", subject="ALARM", X_Alarm="7").as_bytes())
    (row,) = desk.rows("explain", str(file))
    assert any("rule: header.X-Alarm is 7" in line for line in row["would"]), row["would"]


def test_the_shell_sets_and_filters_by_service(desk):
    ticket = shown(desk, desk.send(desk.compose("The door is stuck.", subject="Door")))
    (changed,) = desk.rows("ticket", "set", ticket["key"], "impact=high", "urgency=high", "service=vpn", "--no-notify")
    assert (changed["priority"], changed["service"], changed["status"]) == ("urgent", "vpn", "new")
    assert ticket["key"] in [row["key"] for row in desk.rows("ticket", "list", "--service", "vpn")]
