"""What is said about a learning set: asked to join, joined, who is in it, who facilitates, that it is over."""

from collections.abc import Sequence

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from handlers.turn import Turn
from storage import sets
from storage.models import LearningSet, Person, SetMember

SEEN = "Whoever is in it sees who else is, and who comes to a meeting."


def home(turn: Turn, learning_set: LearningSet, *, line: str = "") -> Message:
    """The set, for somebody who is in it or facilitates it, with what they can do. `line` leads, once."""
    parts: list[Part] = [text("{line}", line=line)] if line else []
    summary = f"Learning set: {learning_set.name}"
    if learning_set.ended_at is not None:
        parts.append(text("**{name}** has ended.", name=learning_set.name))
        return Message(summary, tuple(parts), "sets.home", learning_set.id)
    runs = learning_set.facilitator_id == turn.person.id
    if not runs and not sets.has_joined(turn.session, learning_set.id, turn.person.id):
        parts.append(text("You are no longer in **{name}**.", name=learning_set.name))
        return Message(summary, tuple(parts), "sets.home", learning_set.id)
    parts.append(text("**{name}.** {leads}", name=learning_set.name, leads=_leads(turn, learning_set)))
    parts.append(text("{who}", who=_who(turn, learning_set)))
    asked = sets.members(turn.session, learning_set.id, "asked")
    if runs and asked:
        parts.append(small("Not answered yet: {names}.", names=wording.listed([one.name for one in asked])))
    for meeting in sets.to_come(turn.session, learning_set.id, turn.now)[:3]:
        parts.append(text("Next: **{when}**.", when=wording.span(meeting.starts_at, meeting.ends_at, turn.zone)))
        parts.append(Buttons((Button("Open", "sets.open", meeting.id),)))
    parts.append(Buttons(tuple(_ways(turn, learning_set, runs=runs))))
    return Message(summary, tuple(parts), "sets.home", learning_set.id)


def _leads(turn: Turn, learning_set: LearningSet) -> str:
    if learning_set.facilitator_id == turn.person.id:
        request = sets.asked_to_facilitate(turn.session, learning_set.id)
        asked = None if request is None else turn.session.get(Person, request.to_id)
        return "You facilitate it." if asked is None else f"You facilitate it until {asked.name} says yes to it."
    facilitator = turn.session.get_one(Person, learning_set.facilitator_id)
    return (
        "Nobody facilitates it just now." if facilitator.left_at is not None else f"{facilitator.name} facilitates it."
    )


def _who(turn: Turn, learning_set: LearningSet) -> str:
    joined = sets.members(turn.session, learning_set.id, "accepted")
    names = ["you" if one.id == turn.person.id else one.name for one in joined]
    return f"In it: {wording.listed(names)}." if names else "Nobody has joined it yet."


def _ways(turn: Turn, learning_set: LearningSet, *, runs: bool) -> list[Button]:
    joined = sets.members(turn.session, learning_set.id, "accepted")
    mine = any(one.id == turn.person.id for one in joined)
    ways: list[Button] = []
    if runs:
        if any(one.id != turn.person.id for one in joined):
            ways.append(Button("Book a meeting", "sets.offer", learning_set.id, style="primary"))
        ways.append(Button("Ask somebody else", "sets.invite", learning_set.id, opens_form=True))
        if any(one.id != turn.person.id for one in joined):
            ways.append(Button("Hand it over", "sets.hand_over", learning_set.id))
        ways.append(Button("End the set", "sets.end", learning_set.id))
    elif is_vacant(turn, learning_set):
        ways.append(Button("I’ll facilitate", "sets.take_over", learning_set.id, style="primary"))
    if mine:
        ways.append(Button("Leave the set", "sets.leave", learning_set.id))
    return ways


def is_vacant(turn: Turn, learning_set: LearningSet) -> bool:
    """Whether nobody facilitates the set because whoever did has left."""
    return turn.session.get_one(Person, learning_set.facilitator_id).left_at is not None


# --------------------------------------------------------------------------------------------------------------- asked


def asked(turn: Turn, found: SetMember) -> Message:
    """What somebody who was asked to be in a set sees: the question, or what became of it."""
    learning_set = turn.session.get_one(LearningSet, found.set_id)
    name = learning_set.name
    summary = f"A learning set: {name}"
    if learning_set.ended_at is not None or found.state == "left":
        line = "has ended" if learning_set.ended_at is not None else "goes on without you"
        return Message(summary, (text("The learning set **{name}** {line}.", name=name, line=line),), "sets.asked",
                       found.id)  # fmt: skip
    if found.state == "declined":
        line = text("You declined to be in the learning set **{name}**. That’s fine.", name=name)
        return Message(summary, (line,), "sets.asked", found.id)
    if found.state == "accepted":
        parts: tuple[Part, ...] = (
            text("**You are in the learning set {name}.** I’ll ask you when a meeting is booked.", name=name),
            Buttons((Button("Open the set", "sets.home", learning_set.id),)),
        )
        return Message(summary, parts, "sets.asked", found.id)
    facilitator = turn.session.get_one(Person, learning_set.facilitator_id)
    parts = (
        text("**{who} would like you in a learning set: {name}.**", who=facilitator.name, name=name),
        text("That is a small group who talk about what they learn. Each meeting that you are at counts as one of your "
             "learning interviews."),
        Buttons(
            (
                Button("Join it", "sets.join", found.id, style="primary"),
                Button("No, thank you", "sets.decline", found.id),
            )
        ),
        small("{seen} You can leave at any time.", seen=SEEN),
    )  # fmt: skip
    return Message(summary, parts, "sets.asked", found.id, "sets.joining")


def answered(turn: Turn, found: SetMember) -> Message | None:
    """What the facilitator hears of somebody's answer."""
    learning_set = turn.session.get_one(LearningSet, found.set_id)
    who = turn.session.get_one(Person, found.person_id)
    what = {"accepted": "has joined", "declined": "can’t be in", "left": "has left"}.get(found.state)
    if what is None or learning_set.facilitator_id != turn.person.id:
        return None
    parts: list[Part] = [text("**{who} {what} {name}.**", who=who.name, what=what, name=learning_set.name)]
    if learning_set.ended_at is None:
        parts.append(Buttons((Button("Open the set", "sets.home", learning_set.id),)))
    return Message(f"{who.name} {what} {learning_set.name}.", tuple(parts), "sets.answered", found.id)


# ----------------------------------------------------------------------------------------------------- who facilitates


def asked_to_facilitate(turn: Turn, learning_set: LearningSet) -> Message:
    """What somebody who is asked to facilitate sees: the question, while it waits."""
    summary = f"Would you facilitate {learning_set.name}?"
    if learning_set.facilitator_id == turn.person.id and learning_set.ended_at is None:
        return home(turn, learning_set)
    if (
        learning_set.ended_at is not None
        or sets.asked_to_facilitate(turn.session, learning_set.id, turn.person.id) is None
    ):
        line = text("Somebody to facilitate **{name}** is no longer looked for.", name=learning_set.name)
        return Message(summary, (line,), sets.REQUEST, learning_set.id)
    who = turn.session.get_one(Person, learning_set.facilitator_id)
    return Message(
        summary,
        (
            text("**{who} asks you to facilitate a learning set: {name}.**", who=who.name, name=learning_set.name),
            text("Whoever facilitates books its meetings, and says afterwards who was there."),
            Buttons(
                (
                    Button("I’ll facilitate", "sets.facilitate", learning_set.id, style="primary"),
                    Button("No, thank you", "sets.not_facilitate", learning_set.id),
                )
            ),
        ),
        sets.REQUEST,
        learning_set.id,
    )


def choose_facilitator(turn: Turn, learning_set: LearningSet, found: Sequence[Person]) -> Message:
    """Whom to ask to facilitate from now on."""
    ask = f"Who shall facilitate {learning_set.name}?"
    buttons = tuple(Button(person.name, "sets.ask_to_facilitate", learning_set.id, str(person.id)) for person in found)
    return Message(
        ask,
        (
            text("**{ask}** I’ll ask them, and you facilitate it until they say yes.", ask=ask),
            Buttons(buttons),
            Buttons((Button("Leave it as it is", "sets.home", learning_set.id),)),
        ),
    )


def vacant(turn: Turn, learning_set: LearningSet) -> Message | None:
    """That the facilitator has left, and anybody in the set can take over."""
    if learning_set.ended_at is not None or not is_vacant(turn, learning_set):
        return home(turn, learning_set)
    who = turn.session.get_one(Person, learning_set.facilitator_id)
    return Message(
        f"Who facilitates {learning_set.name} from now on?",
        (
            text("**{who} has left,** who facilitated {name}. Who facilitates it from now on?", who=who.name,
                 name=learning_set.name),
            text("Until somebody does, no meeting is booked."),
            Buttons(
                (
                    Button("I’ll facilitate", "sets.take_over", learning_set.id, style="primary"),
                    Button("Leave the set", "sets.leave", learning_set.id),
                )
            ),
        ),
        "sets.vacant", learning_set.id,
    )  # fmt: skip


def told(turn: Turn, learning_set: LearningSet) -> Message:
    """News of the set: it has ended, or somebody else facilitates it."""
    if learning_set.ended_at is not None:
        line = text("**The learning set {name} has ended.** What was held counts as before.", name=learning_set.name)
        return Message(f"{learning_set.name} has ended.", (line,), "sets.told", learning_set.id)
    who = turn.session.get_one(Person, learning_set.facilitator_id)
    if who.id == turn.person.id or sets.has_joined(turn.session, learning_set.id, turn.person.id):
        message = home(turn, learning_set)
        return Message(message.summary, message.parts, "sets.told", learning_set.id)
    line = text("**{who} facilitates {name} from now on.** Thank you for doing it.", who=who.name,
                name=learning_set.name)  # fmt: skip
    return Message(f"{who.name} facilitates {learning_set.name}.", (line,), "sets.told", learning_set.id)


def declined(learning_set: LearningSet) -> Message:
    """They would rather not facilitate it."""
    line = text("That’s fine: somebody else facilitates **{name}**.", name=learning_set.name)
    return Message("That’s fine.", (line,), "sets.declined", learning_set.id)


# ------------------------------------------------------------------------------------------------------------ the rest


def sure(learning_set: LearningSet, ask: str, then: str, label: str, action: str) -> Message:
    """Asked once more before something that others notice."""
    buttons = (
        Button(label, action, learning_set.id, style="danger"),
        Button("Leave it as it is", "sets.home", learning_set.id),
    )
    return Message(ask, (text("**{ask}** {then}", ask=ask, then=then), Buttons(buttons)))


def which(ask: str, found: Sequence[LearningSet], action: str, value: str = "", *, opens_form: bool = False) -> Message:
    """There are several: which is meant?"""
    buttons = tuple(Button(one.name, action, one.id, value, opens_form=opens_form) for one in found[:10])
    return Message(ask, (text("**{ask}**", ask=ask), Buttons(buttons)))


def none_yet() -> Message:
    """They are in no set."""
    return Message(
        "You are in no learning set yet.",
        (
            text("**You are in no learning set yet.** A learning set holds its learning interviews as a group."),
            Buttons((Button("Start a learning set", "sets.start", style="primary", opens_form=True),)),
        ),
    )


def nobody_joined(learning_set: LearningSet) -> Message:
    """There is nobody to book a meeting with."""
    line = f"Nobody has joined {learning_set.name} yet, so there is nobody to meet."
    return Message(
        line,
        (
            text("{line}", line=line),
            Buttons((Button("Ask somebody else", "sets.invite", learning_set.id, opens_form=True),)),
        ),
    )
