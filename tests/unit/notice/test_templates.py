"""The templates themselves: complete in each language, safe with anybody's words, readable everywhere."""

import ast
import pickle
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from jinja2 import Environment
from structlog.testing import capture_logs

from maild.base.words import Role
from maild.desk.merging import ALSO
from maild.desk.notices import PublicFacts
from maild.notice import templates as module
from maild.notice.catalogue import CATALOGUE, is_outside
from maild.notice.check import check_templates, preview
from maild.notice.samples import internal_facts, public_facts, sample
from maild.notice.templates import Templates, template_folders
from tests.unit.notice.desk import NOW, TEMPLATES, body, read, rendered, templates

LANGUAGES = ("en", "es")
EVERY = [(name, language) for name in CATALOGUE for language in LANGUAGES]
NASTY = '<script>alert("1")</script> {{ facts }} {% raw %} &amp; <b>bold</b>'


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_has_its_text_and_its_html_in_every_language(language):
    there = {path.name for path in (TEMPLATES / language).iterdir()}
    assert there == {path.name for path in (TEMPLATES / "en").iterdir()}
    assert {f"{name}{form}" for name in CATALOGUE for form in (".txt", ".html")} <= there


def test_nothing_is_wrong_with_any_template():
    assert [str(fault) for fault in check_templates(templates(), LANGUAGES)] == []


def test_a_requester_without_a_name_is_written_as_her_address_alone():
    notice = sample("assigned", "en")
    nameless = replace(notice, facts=replace(notice.facts, ticket=replace(notice.facts.ticket, requester_name="")))
    address = notice.facts.ticket.requester
    assert f"Requester: {address}" in body(rendered(nameless)[0])
    assert f"Requester: {notice.facts.ticket.requester_name} <{address}>" in body(rendered(notice)[0])


def test_the_word_lists_of_a_language_are_complete():
    names = re.compile(r'"([a-z_-]+)":')
    lists = [set(names.findall((TEMPLATES / each / "_words.txt").read_text())) for each in LANGUAGES]
    assert lists[0] == lists[1]
    spanish = (TEMPLATES / "es" / "_words.txt").read_text()
    assert all(f'"{sentence}":' in spanish for sentence in ALSO.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", [Role.CC, Role.WATCHER, Role.SUPPLIER, Role.APPROVER])
def test_whoever_takes_part_is_named_in_the_agents_language(role, language):
    known = (TEMPLATES / language / "_words.txt").read_text()
    people = re.search(r"set people = (\{.*?\}) %", known)
    assert people is not None
    assert role in ast.literal_eval(people[1])


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_an_agent_reads_in_the_first_line_what_becomes_of_his_answer(name, language):
    notice = sample(name, language)
    first, *_ = body(rendered(notice)[0]).splitlines()
    assert first.startswith("##- ")
    assert first.endswith(" -##")
    if is_outside(name) or not notice.ticket:
        return
    expected = {
        "en": {"p": "it goes to the requester", "i": "it becomes an internal note", "c": "#ok"},
        "es": {"p": "va al solicitante", "i": "queda como nota interna", "c": "#vale"},
    }
    assert expected[language][notice.purpose] in first


class Tags(HTMLParser):
    """Notes what is opened and closed, and every attribute."""

    VOID = frozenset({"meta", "br", "hr", "img"})

    def __init__(self):
        super().__init__()
        self.open, self.attributes, self.seen = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += [(tag, *attr) for attr in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_the_html_is_whole_says_its_language_and_loads_nothing(name, language):
    tags = Tags()
    tags.feed(body(rendered(sample(name, language))[0], "html"))
    assert tags.open == []
    assert ("html", "lang", language) in tags.attributes
    assert not {"img", "script", "link", "iframe", "form", "object"} & tags.seen
    for _tag, attribute, value in tags.attributes:
        assert attribute not in {"src", "background"}
        assert not attribute.startswith("on")
        if attribute == "href":
            assert value.startswith(("mailto:", "https://help.example.org/")), value


@pytest.mark.parametrize("name", CATALOGUE)
def test_whatever_people_write_stays_text(name):
    facts = sample(name, "en").facts
    texts = {
        key: NASTY
        for key in ("words", "author", "reason", "summary", "quoted", "quoted_author", "requester_name", "diagnostic")
        if hasattr(facts, key)
    }
    if not is_outside(name):
        texts |= {"lines": ((NASTY, NASTY),), "also": (NASTY,), "attachments": (NASTY,)}
    (composed,) = rendered(replace(sample(name, "en"), facts=replace(facts, **texts), subject=NASTY))
    html = body(composed, "html")
    assert "<script" not in html
    assert "<b>bold" not in html
    assert "PublicFacts(" not in html + body(composed)


def test_a_subject_with_line_ends_stays_one_field():
    (composed,) = rendered(replace(sample("assigned", "en"), subject="hi\r\nBcc: eva@example.org\u2028x"))
    assert read(composed)["Bcc"] is None
    assert read(composed)["Subject"] == "[ACME-10427P] hi Bcc: eva@example.org x"


def test_the_buttons_answer_with_the_readers_own_token():
    (composed,) = rendered(sample("resolved", "en"))
    html = body(composed, "html")
    address = read(composed)["Reply-To"].addresses[0].addr_spec
    links = re.findall(r'class="button" href="(mailto:[^"]+)"', html)
    assert len(links) == 7
    assert all(link.startswith(f"mailto:{address}?subject=Re%3A%20%5BACME-10427P%5D%20VPN") for link in links)
    assert [link.rpartition("body=")[2] for link in links] == ["yes", "no", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize(("language", "take"), [("en", "%23take"), ("es", "%23tomar")])
def test_who_has_the_ticket_is_not_offered_to_take_it(language, take):
    shown = sample("requester-wrote", language)
    reader = shown.recipients[0].address.key
    for assignee, offered in ((reader, False), ("somebody.else@example.com", True), (None, True)):
        ticket = replace(shown.facts.ticket, assignee=assignee)
        (composed,) = rendered(replace(shown, facts=replace(shown.facts, ticket=ticket)))
        html = body(composed, "html")
        pressed = [link.rpartition("body=")[2] for link in re.findall(r'class="button" href="(mailto:[^"]+)"', html)]
        assert (take in pressed) is offered, assignee
        assert len(pressed) == 2 + offered
        for form in ("plain", "html"):
            assert (take.replace("%23", "#") in re.sub(r"<[^>]*>", "", body(composed, form))) is offered, form


def test_spanish_requesters_answer_in_spanish():
    html = body(rendered(sample("resolved", "es"))[0], "html")
    assert "body=s%C3%AD" in html


def test_an_acknowledgement_promises_nothing_when_no_target_holds():
    facts = replace(public_facts("acknowledgement"), promise=None)
    text = body(rendered(replace(sample("acknowledgement", "en"), facts=facts))[0])
    assert "We answer" not in text
    assert "What happens next" in text


def test_no_promise_is_given_for_a_time_that_has_passed():
    facts = replace(public_facts("acknowledgement"), promise=NOW - timedelta(minutes=1))
    assert "We answer" not in body(rendered(replace(sample("acknowledgement", "en"), facts=facts))[0])


def test_a_spanish_agent_reads_known_reasons_in_spanish():
    thanks = replace(internal_facts(), reason="nothing but thanks: the status stays as it is")
    assert "solo da las gracias" in body(rendered(replace(sample("requester-wrote", "es"), facts=thanks))[0])
    assert "Motivo: por lead@example.com" in body(rendered(sample("assigned", "es"))[0])


def test_a_transcript_says_of_every_line_what_became_of_it():
    facts = replace(internal_facts(), lines=(("#take", "assigned to ana"), ("", "kept as a note")), reason="")
    text = body(rendered(replace(sample("transcript", "en"), facts=replace(facts, draft=False)))[0])
    assert "Done: [ACME-10427P]" in text
    assert "#take\n   assigned to ana\n" in text
    assert "#ok to send" not in text
    kept = body(rendered(sample("transcript", "en"))[0])
    assert "Nothing was done and nothing was sent" in kept
    assert "#ok" in kept.split("-##", 1)[1]
    rehearsed = replace(facts, reason="dry-run", draft=False)
    assert "A rehearsal" in body(rendered(replace(sample("transcript", "en"), facts=rehearsed))[0])


def test_the_code_of_a_confirmation_stands_on_a_line_of_its_own():
    for language in LANGUAGES:
        assert "K7QM-2XNP" in body(rendered(sample("confirm", language))[0]).splitlines()


@pytest.mark.parametrize("name", CATALOGUE)
def test_our_own_lines_are_short_enough_for_any_window(name):
    for language in LANGUAGES:
        own = [line for line in body(rendered(sample(name, language))[0]).splitlines() if "http" not in line]
        assert max(map(len, own)) <= 110


# An administrator's own templates


@pytest.fixture
def own(tmp_path):
    (tmp_path / "templates" / "en").mkdir(parents=True)
    return tmp_path


def put(own, name, text):
    (own / "templates" / "en" / name).write_text(text, encoding="utf-8")


def both(own):
    return Templates((own / "templates", TEMPLATES))


def test_one_file_of_the_administrators_replaces_that_file_alone(own):
    put(own, "closed.txt", '{% extends "_requester.txt" %}{% block body %}Bye {{ facts.requester_name }}{% endblock %}')
    (composed,) = rendered(sample("closed", "en"), with_=both(own))
    assert "Bye Marta Gil" in body(composed)
    assert "is closed" in body(composed, "html")
    assert "is resolved" in body(rendered(sample("resolved", "en"), with_=both(own))[0])


def test_a_new_language_may_begin_with_a_single_file(own):
    folder = own / "templates" / "de"
    folder.mkdir()
    (folder / "closed.txt").write_text(
        '{% extends "_requester.txt" %}{% block body %}{{ now | when }}, {{ 5400 | span }}{% endblock %}'
    )
    (composed,) = rendered(replace(sample("closed", "de"), subject="VPN"), with_=both(own))
    assert "20. November, 10:30 (Madrid), 1 Stunde 30 Minuten" in body(composed)
    assert "is closed" in body(composed, "html")


def test_another_language_is_one_folder_of_words(own):
    folder = own / "templates" / "ca"
    folder.mkdir()
    english = (TEMPLATES / "en" / "_words.txt").read_text(encoding="utf-8")
    (folder / "_words.txt").write_text(
        english.replace('"Assignee"', '"Assignat a"').replace("{who} wrote", "{who} va escriure")
    )
    for form, part in ((".txt", "_agent.txt"), (".html", "_agent.html")):
        (folder / f"assigned{form}").write_text(
            f'{{% extends "{part}" %}}{{% block headline %}}Assignat a tu{{% endblock %}}', encoding="utf-8"
        )
    (composed,) = rendered(sample("assigned", "ca"), with_=both(own))
    for form in ("plain", "html"):
        said = body(composed, form)
        assert "Assignat a tu" in said
        assert "Assignat a" in said.replace("Assignat a tu", "")
        assert "va escriure" in said
    assert 'lang="ca"' in body(composed, "html")
    assert [str(fault) for fault in check_templates(both(own), ["ca"])] == []


def test_the_layout_of_all_languages_is_changed_in_one_place(own):
    folder = own / "templates" / "shared"
    folder.mkdir()
    ours = (TEMPLATES / "shared" / "_layout.html").read_text(encoding="utf-8")
    (folder / "_layout.html").write_text(ours.replace("#eef1f4", "#fafafa"), encoding="utf-8")
    for language in LANGUAGES:
        assert "#fafafa" in body(rendered(sample("closed", language), with_=both(own))[0], "html")


@pytest.mark.parametrize(
    "broken",
    ["{{ facts.nothing_such }}", "{% if %}", "{{ 1 / 0 }}", "{{ ().__class__.__bases__ }}", "{{ 'x' * 9000000 }}"],
)
def test_a_broken_file_is_named_with_its_line_and_ours_goes_out_in_its_place(own, broken):
    put(own, "closed.txt", f"one\ntwo {broken}\n{{{{ marker }}}}")
    faults = check_templates(both(own), ["en"], ["closed"])
    assert {(fault.template, fault.path, fault.line) for fault in faults} <= {
        ("closed", str(own / "templates" / "en" / "closed.txt"), line) for line in (0, 2)
    }
    assert faults
    with capture_logs() as log:
        (composed,) = rendered(sample("closed", "en"), with_=both(own))
    assert "is closed" in body(composed)
    assert [line["template"] for line in log if line["event"] == "template-failed"] == ["closed"]


def test_where_there_are_no_templates_of_ours_a_broken_one_is_an_error(own):
    put(own, "closed.txt", "{{ nothing_such }}")
    with pytest.raises(Exception, match="nothing_such"):
        rendered(sample("closed", "en"), with_=Templates((own / "templates",)))


def test_what_cannot_work_is_found_before_it_is_sent(own):
    put(own, "closed.txt", "no marker")
    put(own, "closed.html", '<img src="https://example.org/x.png">{{ marker }}')
    put(own, "colsed.txt", "misspelt")
    put(own, "_mine.txt", "my own part")
    problems = "\n".join(map(str, check_templates(both(own), ["en"], ["closed"])))
    assert "closed.txt: closed: it leaves out {{ marker }}" in problems
    assert "it loads something from elsewhere: src=" in problems
    assert "colsed: no notice has this name" in problems
    assert "_mine" not in problems


def test_what_one_process_has_compiled_another_takes_over(own, monkeypatch):
    first = both(own)
    (composed,) = rendered(sample("closed", "en"), with_=first)
    taken = pickle.loads(pickle.dumps(first.compiled))
    monkeypatch.delattr(Environment, "compile")
    second = Templates(first.folders, compiled=taken)
    assert rendered(sample("closed", "en"), with_=second) == (composed,)


def test_a_file_that_was_changed_is_compiled_anew(own):
    first = both(own)
    rendered(sample("closed", "en"), with_=first)
    put(own, "closed.txt", '{% extends "_requester.txt" %}{% block body %}Bye{% endblock %}')
    (composed,) = rendered(sample("closed", "en"), with_=Templates(first.folders, compiled=first.compiled))
    assert "Bye" in body(composed)
    put(own, "closed.txt", '{% extends "_requester.txt" %}{% block body %}Adieu{% endblock %}')
    (composed,) = rendered(sample("closed", "en"), with_=Templates(first.folders, compiled=first.compiled))
    assert "Adieu" in body(composed)


def test_a_template_reads_no_file_outside_its_folders(own):
    (own / "secret.txt").write_text("secret")
    put(own, "closed.txt", '{% include "../../secret.txt" %}')
    with pytest.raises(Exception, match="secret"):
        preview(both(own), "closed", "en")


def test_the_administrators_folders_come_first(tmp_path):
    folders = template_folders(tmp_path)
    assert folders[0] == tmp_path / "templates"
    assert TEMPLATES in folders
    assert template_folders(tmp_path, tmp_path / "mine")[0] == tmp_path / "mine"
    assert set(module.shipped_folders()) <= set(folders)


def test_public_facts_have_no_field_that_could_hold_a_ticket():
    assert not {"ticket", "posts", "events", "readings"} & set(PublicFacts.__dataclass_fields__)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_alarm_about_held_mail_names_the_commands_that_release_and_drop_it(language):
    (composed,) = rendered(sample("alert", language))
    for order in ("maild outbox release --breaker", "maild outbox drop --breaker"):
        assert f"- {order}: " in body(composed)
        assert order in body(composed, "html")
    facts = replace(sample("alert", language).facts, reason="disk")
    assert "maild outbox" not in body(rendered(replace(sample("alert", language), facts=facts))[0])
