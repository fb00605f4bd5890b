"""Every notice as a person sees it: in a browser, on a telephone and on a desk, by day and by night."""

import re
from dataclasses import replace
from itertools import product

import pytest

from maild.notice.catalogue import CATALOGUE, is_outside
from maild.notice.check import preview, sample_frame
from maild.notice.samples import sample
from maild.notice.values import values_of
from tests.support.browser import Browser
from tests.support.needs import need
from tests.unit.notice.desk import TEMPLATES, templates

LANGUAGES = ("en", "es")
# What a person would stumble over, found on the page itself.
FAULTS = r"""(() => {
  const faults = [];
  const rgb = c => (c.match(/[\d.]+/g) || []).map(Number);
  const light = c => { const p = rgb(c).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2]; };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    const p = rgb(c); if (p.length === 3 || p[3] === 1) return c; } return "rgb(255, 255, 255)"; };
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`it is ${wide} px too wide`);
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = words.nextNode();) {
    if (!node.data.trim()) continue;
    const e = node.parentElement, style = getComputedStyle(e), said = node.data.trim().slice(0, 30);
    const [low, high] = [light(style.color), light(ground(e))].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(1)}: ${said}`);
    if (parseFloat(style.fontSize) < 14 && !e.closest(".mark")) faults.push(`${style.fontSize}: ${said}`);
  }
  for (const e of document.querySelectorAll("a.button")) {
    const box = e.closest("td").getBoundingClientRect();
    if (box.height < 44 || box.width < 44) faults.push(`button ${box.width}x${box.height}: ${e.textContent}`);
  }
  if (document.querySelectorAll("h1").length !== 1) faults.push("it has not one heading");
  return faults;
})()"""


@pytest.fixture(scope="module")
def browser():
    browser = Browser(need("chromium", "it shows our mails as people see them"))
    yield browser
    browser.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CATALOGUE)
def test_a_notice_can_be_read_on_a_telephone_and_on_a_desk_by_day_and_by_night(name, language, browser):
    html = preview(templates(), name, language).html
    for width, dark in product((390, 700), (False, True)):
        browser.show(html, width=width, dark=dark)
        assert browser.value(FAULTS) == [], (width, dark)
    browser.show(preview(templates(), name, language, sparse=True).html, width=390, dark=False)
    assert browser.value(FAULTS) == []
    assert [address for address in browser.asked_for if not address.startswith("about:")] == []


@pytest.mark.parametrize("name", ["acknowledgement", "assigned"])
def test_words_and_addresses_without_an_end_are_broken_on_a_telephone(name, browser):
    endless = f"{'Abteilung' * 20}\n\n- https://example.org/{'a' * 200}?x={'b' * 99}\n- me@{'long.' * 30}example.org"
    shown = sample(name, "en")
    facts = replace(shown.facts, words=endless, **({"summary": endless} if is_outside(name) else {"author": endless}))
    notice = replace(shown, facts=facts, subject=endless)
    values = values_of(notice, sample_frame(notice, desk="Atención" * 10))
    browser.show(templates().strictly("en", name, values).html, width=390, dark=False)
    assert browser.value(FAULTS) == []


def test_what_a_person_stumbles_over_is_found(browser):
    page = '<h1>T</h1><p style="color:#999; font-size:9px">grey</p><div style="width:900px">w</div>'
    button = '<table><tr><td><a class="button">x</a></td></tr></table>'
    browser.show(f'{page}{button}<img src="http://127.0.0.1:1/x.png">', width=390, dark=False)
    found = "\n".join(browser.value(FAULTS))
    for fault in ("too wide", "contrast 2.8: grey", "9px: grey", "button"):
        assert fault in found
    assert browser.asked_for.pop() == "http://127.0.0.1:1/x.png"


# Outlook's rendering is Word's: no flexible boxes, no positions, no pictures behind words, padding on cells alone.
WORD_CANNOT = re.compile(r"\b(?:flex|grid|float|position|z-index|background-image|background\s*:[^;]*url|calc\()")
HTML = sorted(TEMPLATES.glob("*/*.html"))


@pytest.mark.parametrize("path", HTML, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_template_asks_nothing_of_outlook_that_it_cannot_do(path):
    page = path.read_text(encoding="utf-8")
    assert WORD_CANNOT.search(page) is None
    for table in re.findall(r"<table[^>]*>", page):
        assert 'cellpadding="0" cellspacing="0" border="0"' in table, table
    for coloured in re.findall(r"<t[dr][^>]*\bbackground:[^>]*>", page):
        assert "bgcolor=" in coloured, coloured
    for pressed in re.findall(r'<td[^>]*>(?=<a class="button")', page):
        assert "mso-padding-alt:" in pressed, pressed
