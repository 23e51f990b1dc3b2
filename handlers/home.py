"""Home and help: what is next, what is owed to me, what I can say; and words that fit nowhere are never lost."""

from bot import wording
from bot.chat import (
    ANSWERS_TO,
    Button,
    Buttons,
    Event,
    Facts,
    Message,
    Part,
    Quote,
    Reply,
    Say,
    Show,
    small,
    text,
)
from bot.errors import Refusal
from handlers.entitlement import balance
from handlers.registry import Conversation, command
from handlers.turn import Turn
from storage import interviews, next_steps, outbox, people, reviews, sets
from storage.models import Person

EXAMPLES = (
    ("book next Tuesday at half two", "book a learning interview with your partner"),
    ("I'm on Safeguarding level 2 next Thursday", "tell me about a course, so that I can ask about it afterwards"),
    ("log 2h shadowing at Bitterne", "log time that you spent learning: it counts towards what is owed to you"),
    ("my log", "look back on each period, with what it holds in front of you"),
    ("my time", "what you logged, and the learning time still owed to you"),
    ("diary: today I learned to …", "keep a line in your diary, which only you can read"),
    ("diary", "your latest entries"),
    ("partner Ben Carter", "ask somebody to be your learning partner"),
    ("I'm away 3–10 April", "be offered no times and asked nothing then"),
    ("my hours", "the days and hours in which I offer you times"),
    ("start a learning set", "hold your learning interviews as a group of up to six"),
    ("review", "start your team's review, in its channel, if you lead the team"),
    ("my standard", "what your post asks, and what you count as evidence for it"),
    ("self-review", "see how you stand against it, an area at a time, for you alone"),
    ("who has read", "see who has been shown your words"),
    ("pause until 1 May", "hear nothing from me until then"),
    ("home", "what is next and what is owed to you"),
)


def at_a_glance(turn: Turn) -> Message:
    """The home screen: the year so far, what comes next, what is open."""
    person = turn.person
    year = turn.policy.year_of(turn.today)
    met = interviews.held_in(turn.session, person.id, year)
    promised = turn.policy.interviews.per_year
    partner = people.partner_of(turn.session, person.id)
    parts: list[Part] = [
        text("**Hello {name}.** Here is your learning year.", name=wording.first_name(person.name)),
        Facts(
            (
                ("Learning interviews", f"{met}/{promised}"),
                ("Off-the-job learning", balance(turn).in_words),
                ("Learning partner", partner.name if partner else "nobody yet: say “partner” and a name"),
            )
        ),
    ]
    coming = interviews.coming(turn.session, person.id, turn.now)
    for interview in coming[:3]:
        other = turn.session.get_one(
            Person, interview.partner_id if interview.learner_id == person.id else interview.learner_id
        )
        parts.append(
            text(
                "Next: **{when}** with {other}{state}.",
                when=wording.span(interview.starts_at, interview.ends_at, turn.zone),
                other=other.name,
                state="" if interview.state == "booked" else " (not confirmed yet)",
            )
        )
        parts.append(Buttons((Button("Open", "interviews.open", interview.id),)))
    for meeting, learning_set in sets.next_of(turn.session, person.id, turn.now)[:2]:
        when = wording.span(meeting.starts_at, meeting.ends_at, turn.zone)
        parts.append(text("Next: **{when}** with the set {name}.", when=when, name=learning_set.name))
        parts.append(Buttons((Button("Open", "sets.open", meeting.id),)))
    for step in next_steps.open_of(turn.session, person.id)[:3]:
        said = turn.read(person.id, step.words, "step", step.interview_id)
        parts.append(text("Next step: {said}{day}", said=wording.shortened(said, 200),
                          day=f" ({wording.day(step.due_on)})" if step.due_on else ""))  # fmt: skip
        parts.append(Buttons((Button("Open", "interviews.step_open", step.id),)))
    prompts = outbox.open_prompts(turn.session, person.id)
    for prompt in prompts[:3]:
        notice_action = _OPENS.get(prompt.awaits, f"{prompt.awaits.split('.')[0]}.open")
        parts.append(text("Still open: {what}.", what=_prompt_words(prompt.awaits)))
        if prompt.about is not None:
            parts.append(Buttons((Button("Open", notice_action, prompt.about),)))
    if person.team_id is not None:
        for review in reviews.open_for_team(turn.session, person.team_id, turn.now):
            parts.append(text("Your team's review **{title}** is open until {day}.", title=review.title,
                              day=wording.moment(review.closes_at, turn.zone)))  # fmt: skip
            parts.append(Buttons((Button("Answer", "reviews.open", review.id, opens_form=True),)))
    actions = [Button("What can I say?", "home.help"), Button("My diary", "diary.show")]
    if partner is not None and not any(one.learner_id == person.id for one in coming):
        actions.insert(0, Button("Book an interview", "interviews.offer", person.id, style="primary"))
    parts.append(Buttons(tuple(actions)))
    return Message("Your learning year", tuple(parts), notice="home.glance")


def what_i_can_say() -> Message:
    """Help: examples rather than a grammar."""
    return Message(
        "What you can say to me",
        (
            text("You can write to me in your own words. For example:"),
            Facts(tuple((f"“{example}”", meaning) for example, meaning in EXAMPLES)),
            small(
                "Anything you write that I don't understand, I offer to keep. Nothing is lost, and nothing is guessed."
            ),
        ),
    )


def show(turn: Turn, event: Event) -> Reply:
    """The home screen, drawn afresh; as a message when it was asked for by typing."""
    message = at_a_glance(turn)
    return Show(message) if event.kind == "home" else Say(message, private=True)


def help_(turn: Turn, event: Event) -> Reply:
    """What can be said."""
    return Say(what_i_can_say(), private=True)


def hello(turn: Turn, event: Event) -> Reply:
    """A greeting is answered with what is next."""
    people.joined(turn.session, turn.person, turn.now)
    return Say(at_a_glance(turn), private=True)


def welcome(turn: Turn, event: Event) -> Reply:
    """Somebody arrived, or put the app in: say once who this is and what is kept from whom."""
    people.joined(turn.session, turn.person, turn.now)
    message = Message(
        "Hello from your learning bot",
        (
            text(
                "**Hello {name}.** I help your team keep its learning promises.",
                name=wording.first_name(turn.person.name),
            ),
            text(
                "I book your learning interviews, ask what you made of your courses, and keep a diary that only you "
                "can read. Everything is for learning and development, and for nothing else."
            ),
            Buttons((Button("What can I say?", "home.help"), Button("My learning year", "home.show"))),
        ),
    )
    return Say(message, private=True)


def glance_notice(turn: Turn, about: int | None) -> Message | None:
    """The home screen where it was posted as a message."""
    return at_a_glance(turn)


def unknown(turn: Turn, event: Event) -> Reply:
    """Words that fit nowhere: set aside, and what they could mean is offered."""
    if not event.text.strip():
        raise Refusal("I can't see any words in that. Write to me, or say `help` to see what I understand.")
    draft = turn.set_aside(event)
    buttons = [Button("Keep it in my diary", "diary.keep_draft", draft, style="primary")]
    for prompt in outbox.open_prompts(turn.session, turn.person.id)[:2]:
        label = wording.shortened(f"It answers: {_prompt_words(prompt.awaits)}", 70)
        buttons.append(Button(label, ANSWERS_TO, draft, str(prompt.id)))
    buttons.append(Button("Forget it", "diary.forget", draft))
    buttons.append(Button("What can I say?", "home.help"))
    return Say(
        Message(
            "I'm not sure what to do with that.",
            (
                text("I'm not sure what to do with this, so I've put it to one side for a week:"),
                Quote(wording.shortened(event.text.strip(), 500)),
                Buttons(tuple(buttons)),
            ),
        ),
        private=True,
    )


_OPENS = {
    "trainings.say": "trainings.open",
    "courses.impact_say": "courses.impact_open",  # about what a course changed, not about the course
    "diary.answer": "diary.question",
    "interviews.time": "interviews.offer",  # about a learner for whom there is no interview yet
    "sets.joining": "sets.join_card",
    "sets.time": "sets.offer",
}


def _prompt_words(awaits: str) -> str:
    return {
        "courses.reflect": "what you made of a course",
        "trainings.say": "a training that runs out",
        "courses.rate_say": "whether a course was worth it",
        "courses.impact_say": "what has changed since a course",
        "diary.answer": "a question you asked me for",
        "interviews.note": "a note on an interview",
        "interviews.step": "what you will do next",
        "interviews.answer": "when to meet",
        "interviews.time": "when to meet",
        "interviews.met": "whether you met",
        "reviews.answer": "your team's review",
        "sets.joining": "whether to join a learning set",
        "sets.time": "when your learning set meets",
        "sets.retyped": "when your learning set meets",
        "sets.answer": "whether you come to your learning set",
    }.get(awaits, "a question I asked")


CONVERSATION = Conversation(
    name="home",
    actions={
        "home.show": show,
        "home.help": help_,
        "home.hello": hello,
        "home.welcome": welcome,
        "home.unknown": unknown,
    },
    notices={"home.glance": glance_notice},
    commands=(
        command(
            r"home|my (?:learning )?year|what(?:'s|’s| is) next\??|status",
            "home.show",
            "home",
            "what is next and what is owed to you",
        ),
        command(r"help|\?|what can (?:i|you) (?:say|do)\??|commands", "home.help", "help", "what you can say to me"),
        command(
            r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|hiya)(?:\s+(?:there|bot|all))?[.! ]*", "home.hello"
        ),
    ),
    hears={"home": "home.show", "join": "home.welcome", "say": "home.unknown"},
)
