"""Persons, organisations and suppliers as the administrator writes them."""

from pathlib import Path

from maild.settings.parties import domain_of, is_within
from maild.settings.reading import Reading, read_text

EXAMPLE = (Path(__file__).parent / "example.toml").read_text("utf-8")
PARTIES = """
[[organisation]]
name = "globex"
domains = ["globex.example"]
vip = true
sla = "standard"

[[organisation]]
name = "initech"

[[person]]
address = "marta@example.org"
addresses = ["Marta.Gil@gmail.com"]
organisation = "initech"

[[person]]
address = "boss@example.org"
vip = true

[[supplier]]
name = "isp"
address = "noc@isp.example"
domains = ["isp.example"]
"""


def read(more: str) -> Reading:
    return read_text(EXAMPLE + more)


def settings(more: str = PARTIES):
    found = read(more)
    assert found.settings is not None, found.faults
    return found.settings


def test_every_address_of_a_person_is_his():
    person = settings().person_for("marta.gil@GMAIL.com")
    assert person is not None
    assert person.address == "marta@example.org"


def test_a_domain_may_be_written_in_either_of_its_forms():
    assert is_within(domain_of("Ana@XN--AND-6MA2C.example"), ("Ñandú.example",))
    assert is_within(domain_of("ana@mail.ñandú.example"), ("xn--and-6ma2c.example",))
    assert not is_within(domain_of("ana@nandu.example"), ("xn--and-6ma2c.example",))


def test_people_belong_to_the_organisation_of_their_domain_and_of_those_below():
    for address in ("hank@globex.example", "hank@mail.GLOBEX.example"):
        organisation = settings().organisation_of(address)
        assert organisation is not None
        assert organisation.name == "globex"
        assert settings().is_vip(address)
    assert settings().organisation_of("hank@notglobex.example") is None


def test_a_person_may_belong_elsewhere_than_his_domain_says():
    organisation = settings().organisation_of("marta.gil@gmail.com")
    assert organisation is not None
    assert organisation.name == "initech"
    assert not settings().is_vip("marta@example.org")
    assert settings().is_vip("boss@example.org")


def test_webmail_belongs_to_nobody_and_the_administrator_is_told():
    found = read('[[organisation]]\nname = "everybody"\ndomains = ["gmail.com"]\n')
    assert found.settings is not None
    assert found.settings.organisation_of("hank@gmail.com") is None
    assert [w for w in found.warnings if "anybody" in str(w)]


def test_a_supplier_is_known_by_name_address_and_domain():
    known = settings()
    assert (
        known.supplier_called("ISP") == known.supplier_called("noc@isp.example") == known.supplier_of("x@isp.example")
    )
    assert known.supplier_of("x@example.org") is None


def test_an_address_of_two_people_and_an_organisation_that_is_not_there_are_faults():
    found = read('[[person]]\naddress = "ana@example.com"\norganisation = "nowhere"\n')
    said = " ".join(map(str, found.faults))
    assert "an address has one owner" in said
    assert "there is no [[organisation]] of that name" in said
