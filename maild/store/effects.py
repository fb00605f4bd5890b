"""Which function writes which effect; all run inside the transaction of their decision."""

from typing import assert_never

from maild.desk.effects import (
    AddEvent,
    AddLink,
    AddPost,
    ChangeTicket,
    Effect,
    FoldNotice,
    KeepAbsence,
    KeepApproval,
    KeepConfirmation,
    KeepRhythm,
    KeepUndo,
    MarkDelivery,
    MarkPost,
    MovePost,
    OpenTicket,
    PutParticipant,
    RememberPerson,
    RemoveLink,
    RetryEntry,
    SetClocks,
    SettleEntry,
    Tell,
    Unfold,
)
from maild.store.approvals import write_approval
from maild.store.folding import write_folded
from maild.store.work import Work
from maild.store.write_around import write_around, write_entry
from maild.store.write_post import write_story
from maild.store.write_ticket import write_clocks, write_ticket


def run(work: Work, effect: Effect) -> None:
    """Write one effect; raises Moved when something that the decision looked at has moved on."""
    match effect:
        case OpenTicket() | ChangeTicket() | PutParticipant() | AddLink() | RemoveLink():
            write_ticket(work, effect)
        case SetClocks() | Tell():
            write_clocks(work, effect)
        case AddPost() | AddEvent() | MarkPost() | MovePost():
            write_story(work, effect)
        case SettleEntry() | RetryEntry():
            write_entry(work, effect)
        case MarkDelivery() | RememberPerson() | KeepConfirmation() | KeepUndo() | KeepAbsence():
            write_around(work, effect)
        case FoldNotice() | Unfold() | KeepRhythm():
            write_folded(work, effect)
        case KeepApproval():
            write_approval(work, effect)
        case _:
            assert_never(effect)
