"""What happened to a ticket is told in the reader's language."""

import ast
import re
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest

from maild.base.words import Audience, Clock, ClockState, Purpose, Role
from maild.desk.commands.spanish import PRIORITIES_ES, STATUSES_ES, TYPES_ES
from maild.desk.commands.verbs import VERBS, find_verb
from maild.desk.model import Event, Listed
from maild.desk.notices import Found, InternalFacts, Notice, Recipient
from maild.message.model import Address
from maild.notice import samples
from maild.notice.templates import Templates
from maild.notice.timeline import in_tongue, tongue_of
from maild.sla.model import Reading
from tests.unit.notice.desk import NOW, TEMPLATES, body, rendered, templates

DESK = Path(__file__).parents[3] / "maild" / "desk"
ANA = "ana@example.com"
NOON = "2026-11-23T12:00:00Z"


def tongue(language):
    return tongue_of(templates()._environment, language)


def read(detail, language):
    return in_tongue(detail, tongue(language), lambda instant: instant.replace("T12", " at 13"))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f"first_response at 75 % since {NOON}", "primera respuesta al 75 % desde el 2026-11-23 at 13:00:00Z"),
        (f"{ANA}: least loaded of its team (2 active)", f"{ANA}: el menos cargado de su equipo (2 activos)"),
        ("to second-line: tried: restart: twice", "a second-line: intentado: restart: twice"),
        ("to the manager olga@example.com: resolution at 100 %", "al gerente olga@example.com: resolución al 100 %"),
        (f"open: its time {NOON} has come", "abierto: ha llegado su hora, el 2026-11-23 at 13:00:00Z"),
        (f"on-hold: #hold until {NOON}", "en pausa: #pausar hasta el 2026-11-23 at 13:00:00Z"),
        ("normal to high: #priority", "de normal a alta: #prioridad"),
        ("normal to high: #priority high", "de normal a alta: #priority high"),
        (
            "ana@example.com: least loaded of its team (3 active, weight 7); has vpn; answers in es",
            "ana@example.com: el menos cargado de su equipo (3 activos, peso 7); tiene vpn; habla es",
        ),
        ("nobody of its team is on duty", "nadie de su equipo está de turno"),
        (
            "cab, step 1 of 2: all of a@example.org, b@example.org",
            "cab, paso 1 de 2: todos de a@example.org, b@example.org",
        ),
        ("step 1 of 1: 2 of a@example.org, b@example.org", "paso 1 de 1: 2 de a@example.org, b@example.org"),
        ("open: approval-granted", "abierto: aprobación concedida"),
        ("resolved: resolved with ACME-9D", "resuelto: resuelto con ACME-9D"),
        ("with ACME-9D: it needs the approval cab first", "con ACME-9D: antes necesita la aprobación cab"),
        (
            "token: it was sent to a signed address of ticket 7; nothing proves that ana wrote it, "
            "so it is kept as a note",
            "token: se envió a una dirección firmada del ticket 7; nada prueba que lo escribiera ana, "
            "y se guarda como nota",
        ),
        ("what nobody has put into Spanish", "what nobody has put into Spanish"),
        ("a {brace} and a %", "a {brace} and a %"),
    ],
)
def test_a_reason_is_read_in_spanish_and_people_s_words_stay_theirs(written, said):
    assert read(written, "es") == said


def test_a_reason_in_english_has_words_for_clocks_and_the_readers_time():
    assert read(f"first_response at 75 % since {NOON}", "en") == "first response at 75 % since 2026-11-23 at 13:00:00Z"
    assert read("the snooze is over", "en") == "the snooze is over"


def test_a_new_language_brings_its_reasons_in_its_folder(tmp_path):
    folder = tmp_path / "fr"
    folder.mkdir()
    (folder / "_reasons.txt").write_text('{% set reasons = [("to {name}: {rest}", "à {name} : {rest}")] %}', "utf-8")
    known = tongue_of(Templates((tmp_path, TEMPLATES))._environment, "fr")
    assert in_tongue("to second-line: tried: x", known, str) == "à second-line : tried: x"
    assert tongue("xx").rows == tongue("en").rows


def test_a_row_that_fills_in_what_is_not_there_is_refused(tmp_path):
    folder = tmp_path / "fr"
    folder.mkdir()
    (folder / "_reasons.txt").write_text('{% set reasons = [("to {name}", "à {who}")] %}', "utf-8")
    with pytest.raises(ValueError, match="no 'who' to fill in"):
        tongue_of(Templates((tmp_path, TEMPLATES))._environment, "fr")


def test_what_agents_write_and_what_they_read_are_the_same_words():
    words = tongue("es").words
    assert (words["status"], words["priority"], words["type"]) == (STATUSES_ES, PRIORITIES_ES, TYPES_ES)


def test_a_command_that_stands_for_a_reason_is_read_by_the_word_that_agents_write():
    for verb in VERBS:
        assert read(f"#{verb.word}", "es") in {f"#{verb.word}", f"#{verb.spanish}"}
    reasons = ("open", "pending", "hold", "resolve", "close", "reopen", "spam", "take", "assign", "priority", "undo")
    for word in reasons:
        assert read(f"#{word}", "es") == f"#{verb_of(word).spanish}"


def test_every_verb_of_the_timeline_has_its_word():
    known = (TEMPLATES / "es" / "_words.txt").read_text("utf-8")
    verbs = re.search(r"set verbs = (\{.*?\}) %", known)
    assert verbs is not None
    assert {verb for verb, _ in written()} - ast.literal_eval(verbs[1]).keys() == set()


def test_every_reason_that_the_desk_writes_has_a_row_in_spanish():
    rows = [row for row, _ in tongue("es").rows]
    for _, shapes in written():
        if shapes and not any(row.fullmatch(shape) for row in rows for shape in shapes):
            raise AssertionError(f"templates/es/_reasons.txt has no row for {shapes[0]!r}")


def verb_of(word):
    verb = find_verb(word)
    assert verb is not None
    return verb


def written():
    """Verb and possible details of each line that the desk writes with a detail of its own words."""
    calls = (node for path in DESK.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    for call in calls:
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)) or len(call.args) < 3:
            continue
        verb = call.args[1]
        if call.func.attr == "event" and isinstance(verb, ast.Constant):
            yield verb.value, _details(call.args[2])
        elif call.func.attr == "set_status":
            yield "status", _details(call.args[2])


def _details(written):
    """A detail with everything put in that may stand there; none when it is not the desk's own sentence."""
    pieces = written.values if isinstance(written, ast.JoinedStr) else [written]
    own = "".join(str(p.value) for p in pieces if isinstance(p, ast.Constant))
    if not re.search("[a-z]{2}", own) or own.startswith("#") or own == "=":
        return []
    filled = ("x", ANA, "3", "high", "open", NOON, "first_response", "3 days")
    shapes = ["".join(str(p.value) if isinstance(p, ast.Constant) else each for p in pieces) for each in filled]
    return list(dict.fromkeys(chain(shapes, _mixed(pieces))))


def _mixed(pieces):
    """The same with a clock, a figure and an instant, or a person and a name, in the order in which they stand."""
    for values in (["first_response", "3", NOON], [ANA, "x", "x"], ["x", ANA, "x"]):
        left = iter(values)
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else next(left, "x") for p in pieces)


def transcript(*lines, language="es"):
    ana = Address("", ANA)
    facts = InternalFacts(ticket=samples.ticket(), lines=lines)
    notice = Notice(
        "transcript", Audience.AGENT, language, (Recipient(ana, Role.AGENT),), (ana,), facts, Purpose.CONTROL, 10427
    )
    made = rendered(notice)[0]
    return body(made), body(made, "html")


def test_what_a_question_found_is_said_in_the_agents_language_and_by_his_clock():
    due = NOW + timedelta(hours=3)
    event = Event(NOW, "ben@example.com", "status", f"open: its time {NOON} has come")
    reading = Reading(Clock.FIRST_RESPONSE, 1, ClockState.RUNNING, NOW, due, None, 14_400, 3_600, breached=False)
    listed = Listed(7, "<b>Impresora</b>", "on-hold", "high", None, due)
    ticket = replace(samples.ticket(), fields=(("room", "12"),))
    text, html = transcript(
        ("#historia", Found("K", events=(event,))),
        ("#plazos", Found("K", readings=(reading,))),
        ("#mis", Found(listed=(("ACME-7F", listed),))),
        ("#ver", Found("ACME-10427P", ticket=ticket, booked_seconds=5400)),
    )
    for said in (
        "20 nov, 10:30 Ben: estado, abierto: ha llegado su hora, el 23 nov, 13:00",
        "primera respuesta: viernes 20 de noviembre, 13:30",
        "ACME-7F en pausa, alta, nadie, 20 nov, 13:30: <b>Impresora</b>",
        "pendiente",
        "Solicitante: Marta Gil <marta@example.org>",
        "room: 12",
        "Tiempo: 1 hora 30 minutos",
    ):
        assert said in text
    assert "<b>Impresora</b>" not in html
    assert "&lt;b&gt;Impresora" in html
