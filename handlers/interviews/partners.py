"""Learning partners: asked for, accepted or declined, and changed."""

from collections.abc import Sequence

from bot.chat import Button, Buttons, Event, FixAnswers, Message, OpenForm, Replace, Reply, Say, text
from bot.errors import NotYours
from handlers.interviews import form, words
from handlers.turn import Turn
from storage import interviews, outbox, people
from storage.models import Partnership, Person


def choose(turn: Turn, event: Event) -> Reply:
    """Open the form that asks for a name."""
    return OpenForm(form.NOMINATE)


def nominate(turn: Turn, event: Event) -> Reply:
    """Ask the person whose name was typed."""
    who = event.words.get("who", "")
    found, explained = _found(turn, who)
    if explained and not found:
        draft = turn.set_aside(event)
        return Say(
            Message(
                explained,
                (
                    text("{explained}", explained=explained),
                    Buttons(
                        (
                            Button("Choose a partner", "interviews.partner", style="primary", opens_form=True),
                            Button("Keep it in my diary", "diary.keep_draft", draft),
                            Button("Forget it", "diary.forget", draft),
                        )
                    ),
                ),
            ),
            private=True,
        )
    return Say(_asked_or_which(turn, found, who), private=True)


def nominated(turn: Turn, event: Event) -> Reply:
    """Ask the person whose name was filled in."""
    who = event.answers.get("partner", "")
    found, explained = _found(turn, who)
    if explained and not found:
        return FixAnswers(form.NOMINATE.filled(event.answers), {"partner": explained})
    return Replace(_asked_or_which(turn, found, who))


def ask(turn: Turn, event: Event) -> Reply:
    """Ask the person on the button."""
    nominee = turn.session.get(Person, event.about)
    if nominee is None or nominee.left_at is not None or nominee.id == turn.person.id:
        raise NotYours
    return Replace(_ask(turn, nominee))


def who_is(turn: Turn, event: Event) -> Reply:
    """Who the partner is, and how to change that."""
    partner = people.partner_of(turn.session, turn.person.id)
    request = interviews.request_of(turn.session, turn.person.id)
    if partner is None and request is None:
        return Say(words.no_partner(), private=True)
    lines = [] if partner is None else [text("**{name}** is your learning partner.", name=partner.name)]
    buttons = [Button("Ask somebody else", "interviews.partner", opens_form=True)]
    if partner is not None:
        buttons.insert(0, Button("Choose a time", "interviews.offer", turn.person.id))
    if request is not None:
        nominee = turn.session.get_one(Person, request.partner_id)
        lines.append(text("You’ve asked {name}, who hasn’t answered yet.", name=nominee.name))
        buttons.append(Button("Take it back", "interviews.withdraw", request.id))
    return Say(Message("Your learning partner", (*lines, Buttons(tuple(buttons)))), private=True)


def accept(turn: Turn, event: Event) -> Reply:
    """The person who was asked says yes.

    An earlier partner's partnership ends and they are told. Interviews that are booked or proposed with the earlier
    partner stand until one of the two moves or cancels them: nobody loses a date in the diary by a change of partner.
    """
    request = interviews.locked_request(turn.session, event.about)
    if request.state != "asked":
        return Replace(words.asked(turn, request))
    earlier = interviews.accepted_of(turn.session, request.learner_id)
    if earlier is not None:
        interviews.end_partnership(turn.session, earlier, turn.now)
        outbox.owe(
            turn.session, "interviews.thanked", about=earlier.id, to=earlier.partner_id, at=turn.now,
            key=f"interviews.thanked/{earlier.id}",
        )  # fmt: skip
    request.state, request.current, request.asking = "accepted", request.learner_id, None
    _answered(turn, request)
    return Replace(words.asked(turn, request))


def decline(turn: Turn, event: Event) -> Reply:
    """The person who was asked would rather not; no reason is asked for."""
    request = interviews.locked_request(turn.session, event.about)
    if request.state == "asked":
        request.state, request.asking = "declined", None
        _answered(turn, request)
    return Replace(words.asked(turn, request))


def withdraw(turn: Turn, event: Event) -> Reply:
    """The learner takes the request back, while it is unanswered."""
    request = interviews.locked_request(turn.session, event.about)
    nominee = turn.session.get_one(Person, request.partner_id)
    if request.state == "accepted":
        return Replace(
            Message(f"{nominee.name} has said yes.", (text("{name} has already said yes.", name=nominee.name),))
        )
    if request.state == "asked":
        _end_request(turn, request)
    return Replace(
        Message(
            "Taken back.",
            (
                text("Taken back: I’m no longer asking {name}.", name=nominee.name),
                Buttons((Button("Ask somebody else", "interviews.partner", opens_form=True),)),
            ),
        )
    )


# ------------------------------------------------------------------------------------------------------------- notices


def asked_card(turn: Turn, about: int | None) -> Message | None:
    """The question to the person who was asked, or what became of it."""
    request = turn.session.get(Partnership, about)
    return None if request is None else words.asked(turn, request)


def answer_card(turn: Turn, about: int | None) -> Message | None:
    """What the learner hears: yes or no."""
    request = turn.session.get(Partnership, about)
    if request is None or request.state not in ("accepted", "declined"):
        return None
    nominee = turn.session.get_one(Person, request.partner_id)
    if request.state == "declined":
        return Message(
            f"{nominee.name} can’t be your learning partner just now.",
            (
                text("**{name} can’t be your learning partner just now.** It is worth asking somebody else.",
                     name=nominee.name),
                Buttons((Button("Choose a partner", "interviews.partner", style="primary", opens_form=True),)),
            ),
        )  # fmt: skip
    parts = [text("**{name} is now your learning partner.**", name=nominee.name)]
    buttons = [Button("Choose a time", "interviews.offer", request.learner_id, style="primary")]
    for interview in interviews.coming(turn.session, request.learner_id, turn.now):
        if interview.learner_id == request.learner_id and interview.partner_id != nominee.id:
            earlier = turn.session.get_one(Person, interview.partner_id)
            parts.append(text("What you arranged with {name} stands unless you change it.", name=earlier.name))
            buttons.append(Button(f"Open it ({words.first(earlier)})", "interviews.open", interview.id))
    return Message(f"{nominee.name} is now your learning partner.", (*parts, Buttons(tuple(buttons))))


def thanked(turn: Turn, about: int | None) -> Message | None:
    """What an earlier partner hears when the learner has another one."""
    ended = turn.session.get(Partnership, about)
    if ended is None:
        return None
    learner = turn.session.get_one(Person, ended.learner_id)
    parts = [
        text("**{name} has another learning partner from now on.** Thank you for the time you gave.", name=learner.name)
    ]
    if any(one.learner_id == learner.id for one in interviews.coming(turn.session, turn.person.id, turn.now)):
        parts.append(text("What you two arranged stands unless one of you changes it. Say “interviews” to see it."))
    return Message(f"{learner.name} has another learning partner from now on.", tuple(parts))


def partner_left(turn: Turn, about: int | None) -> Message | None:
    """What a learner hears when the partner has left, or asked-for partner has."""
    ended = turn.session.get(Partnership, about)
    if ended is None or people.partner_of(turn.session, turn.person.id) is not None:
        return None
    partner = turn.session.get_one(Person, ended.partner_id)
    return Message(
        "Who would you like as your next learning partner?",
        (
            text("**{name} has left,** so you are without a learning partner. Whom would you like to ask?",
                 name=partner.name),
            Buttons((Button("Choose a partner", "interviews.partner", style="primary", opens_form=True),)),
        ),
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- the parts


def _found(turn: Turn, who: str) -> tuple[Sequence[Person], str]:
    """The people whom the words may mean, and why there is nobody."""
    who = who.strip(" .!?,")
    found = people.named(turn.session, who, besides=turn.person.id)
    if found:
        return found, ""
    oneself = who.lower() in ("me", "myself")
    if oneself or any(person.id == turn.person.id for person in people.named(turn.session, who)):
        return (), "A learning partner is somebody else: whom would you like to talk with?"
    if not who:
        return (), "Write the name of a colleague, or their work e-mail address."
    return (), f"I know nobody called “{who[:60]}”. Try the whole name as on the staff list, or a work e-mail address."


def _asked_or_which(turn: Turn, found: Sequence[Person], who: str) -> Message:
    if len(found) == 1:
        return _ask(turn, found[0])
    return Message(
        f"Which {who.strip()} do you mean?",
        (
            text("Whom do you mean?" if len(found) <= 5 else "Several people are called that. Is it one of these?"),
            Buttons(tuple(Button(person.name, "interviews.ask", person.id) for person in found[:5])),
            Buttons((Button("Somebody else", "interviews.partner", opens_form=True),)),
        ),
    )


def _ask(turn: Turn, nominee: Person) -> Message:
    partner = people.partner_of(turn.session, turn.person.id)
    request = interviews.request_of(turn.session, turn.person.id)
    if request is not None:
        request = interviews.locked_request(turn.session, request.id)
    if partner is not None and partner.id == nominee.id:
        if request is not None and request.state == "asked":
            _end_request(turn, request)
        return Message(
            f"{nominee.name} is your learning partner.",
            (
                text("**{name}** is your learning partner already.", name=nominee.name),
                Buttons((Button("Choose a time", "interviews.offer", turn.person.id),)),
            ),
        )
    if request is not None and request.state == "asked":
        if request.partner_id == nominee.id:
            return words.requested(turn, request, nominee, reachable=_reachable(turn, nominee))
        _end_request(turn, request)
    request = Partnership(
        learner_id=turn.person.id, partner_id=nominee.id, asked_at=turn.now, state="asked", asking=turn.person.id
    )
    turn.session.add(request)
    turn.session.flush()
    outbox.owe(
        turn.session, "interviews.asked", about=request.id, to=nominee.id, at=turn.now,
        key=f"interviews.asked/{request.id}",
    )  # fmt: skip
    return words.requested(turn, request, nominee, reachable=_reachable(turn, nominee))


def _reachable(turn: Turn, nominee: Person) -> bool:
    return bool(people.accounts(turn.session, nominee.id))


def _end_request(turn: Turn, request: Partnership) -> None:
    interviews.end_partnership(turn.session, request, turn.now)
    outbox.cancel(turn.session, request.id, "interviews.asked")


def _answered(turn: Turn, request: Partnership) -> None:
    request.answered_at = turn.now
    turn.session.flush()
    outbox.refresh(turn.session, "interviews.asked", request.id, turn.now)
    outbox.owe(
        turn.session, "interviews.answered", about=request.id, to=request.learner_id, at=turn.now,
        key=f"interviews.answered/{request.id}",
    )  # fmt: skip
