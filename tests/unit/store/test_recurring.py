"""Which incidents are compared with each other."""

from datetime import timedelta

from maild.base.words import LinkKind, Status, TicketType
from maild.desk.effects import AddLink
from maild.desk.problems import Incident
from maild.store.recurring import incidents_since


def test_incidents_of_the_week_without_a_parent_are_compared_where_they_belong(desk):
    desk.open(1)
    desk.later(days=8)
    desk.open(2, category="network/vpn", organisation="globex", team="first-line")
    desk.open(3, organisation="globex", team="first-line")
    desk.open(4, type=TicketType.REQUEST)
    desk.open(5, status=Status.SPAM)
    desk.open(6)
    desk.open(7)
    desk.open(8)
    desk.do("tie", AddLink(6, LinkKind.PARENT, 8), AddLink(8, LinkKind.CHILD, 7))
    with desk.db.reading() as reader:
        found = incidents_since(reader, desk.now - timedelta(days=7))
    assert found == (
        Incident(2, "VPN broken", "network/vpn", "first-line"),
        Incident(3, "VPN broken", "globex", "first-line"),
        Incident(8, "VPN broken", "support"),
    )
