"""An administrator releases a draft at the shell: it is sent, and counts as its agent's response."""

from maild.base.words import DeliveryState, Status
from maild.desk.bench import Bench
from maild.desk.decide.answer import count_response, take_unassigned, tell_watchers
from maild.desk.decide.drafts import held_copies
from maild.desk.effects import Decision, MarkDelivery, MarkPost
from maild.desk.lifecycle import Act, after


def decide_release(bench: Bench, actor: str) -> Decision | None:
    """Return the decision that sends every copy of the draft that the snapshot's `reported` is one of.

    None when the ticket's status does not let words go out.
    """
    row = bench.snapshot.reported
    assert row is not None, "the shell asks for a mail that is there"
    case = bench.asked_case()
    following = after(case.ticket.status, Act.AGENT_WORDS)
    if not isinstance(following, Status):
        return None
    for copy in held_copies(case, row.post):
        bench.effects.append(MarkDelivery(copy.id, DeliveryState.QUEUED, f"released by {actor}", draft=False))
    bench.effects.append(MarkPost(row.post, public=True, draft=False, message_id=row.message_id))
    agent = row.words_of
    case.set_status(agent, following, "an agent answered")
    case.event(agent, "replied", f"sent to the requester, released by {actor}")
    count_response(case, agent, row.post)
    take_unassigned(case, agent)
    text = next((p.new_text for p in case.past.posts if p.id == row.post), "")
    tell_watchers(case, agent, text)
    case.change(updated_at=bench.now)
    return bench.decision(case.ticket.number)
