"""The interviews that stand: listed, and which of them is meant."""

from bot import wording
from bot.chat import Button, Buttons, Event, Message, Part, Reply, Say, small, text
from handlers.interviews import words
from handlers.turn import Turn
from storage import interviews, people
from storage.models import Interview


def show(turn: Turn, event: Event) -> Reply:
    """What is arranged, what is open, and how many of the year were held."""
    year = turn.policy.year_of(turn.today)
    met, promised = interviews.held_in(turn.session, turn.person.id, year), turn.policy.interviews.per_year
    parts: list[Part] = [text("**Learning interviews this year: {met}/{promised}**", met=met, promised=promised)]
    for interview in interviews.unsettled(turn.session, turn.person.id, turn.now)[-3:]:
        parts.append(text("Did you meet? {which}", which=named(turn, interview)))
        parts.append(Buttons((Button("Open", "interviews.open", interview.id),)))
    for interview in interviews.coming(turn.session, turn.person.id, turn.now)[:5]:
        state = "" if interview.state == "booked" else " (not confirmed yet)"
        parts.append(text("{which}{state}", which=named(turn, interview), state=state))
        parts.append(Buttons((Button("Open", "interviews.open", interview.id),)))
    parts.append(Buttons((Button("Book an interview", "interviews.offer", turn.person.id),)))
    return Say(Message(f"Learning interviews this year: {met}/{promised}", tuple(parts)), private=True)


def named(turn: Turn, interview: Interview) -> str:
    """`Thu 5 Mar, 10:00 with Ben Carter`."""
    return f"{wording.moment(interview.starts_at, turn.zone)} with {words.other_of(turn, interview).name}"


def meant(turn: Turn, event: Event) -> list[Interview]:
    """The interviews that stand and may be meant: those with the person who was named, if one was."""
    standing = list(interviews.coming(turn.session, turn.person.id, turn.now))
    who = event.words.get("who", "")
    named = {person.id for person in people.named(turn.session, who, besides=turn.person.id)} if who else set[int]()
    return [one for one in standing if {one.learner_id, one.partner_id} & named] or standing


def none_standing(turn: Turn) -> Message:
    """There is nothing to move or to cancel."""
    return Message(
        "You have no interview booked.",
        (
            text("You have no interview booked."),
            Buttons((Button("Book an interview", "interviews.offer", turn.person.id, style="primary"),)),
            small("Or say when: “book next Tuesday at 3pm”."),
        ),
    )
