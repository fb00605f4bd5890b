"""The main story over real SMTP, in Spanish and in English."""

from tests.support.desk import ANA, Desk

MARTA_GIL = "Marta Gil <marta@example.org>"


def test_a_requester_is_acknowledged_in_spanish_and_the_agent_is_told(desk: Desk):
    entry = desk.send(desk.compose("Hola, la impresora de la planta 2 no imprime.", subject="Impresora rota"))
    got = desk.mail_to("marta@example.org")
    assert got.mail["Subject"] == "[ACME-1R] Impresora rota"
    assert "lunes 23 de noviembre" in got.text
    told = desk.mail_to("ana@example.com")
    assert "la impresora de la planta 2 no imprime" in told.text
    assert desk.settled(entry)["state"] == "applied"
    assert desk.ticket()["assignee"] == "ana@example.com"
    assert len(desk.sink.mails) == 2


def test_the_agents_answer_reaches_her_without_commands_quotes_or_internal_words(desk: Desk):
    desk.send(desk.compose("Hello, the printer is on fire."))
    told = desk.mail_to("ana@example.com")
    desk.send(desk.answer(told, "#priority high\nPlease use the extinguisher.", author=ANA))
    answer = desk.mail_to("marta@example.org", having="extinguisher")
    assert "#priority" not in answer.text
    assert "Commands stand" not in answer.text
    assert answer.mail["From"].addresses[0].display_name == "Ana Ruiz (Acme Support)"
    desk.send(desk.answer(answer, "It is out now.", author=MARTA_GIL))
    again = desk.mail_to("ana@example.com", having="It is out now.")
    assert again.mail["Subject"].startswith("[ACME-1R]")
    shown = desk.ticket()
    assert (shown["status"], shown["priority"]) == ("open", "high")
    assert [m["direction"] for m in shown["messages"]] == ["in", "out", "in"]
