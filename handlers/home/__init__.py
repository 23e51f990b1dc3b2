"""Home and help: what is next, what is owed to me, what I can say; and words that fit nowhere are never lost."""

from bot import wording
from bot.chat import (
    ANSWERS_TO,
    Button,
    Buttons,
    Event,
    Facts,
    Message,
    Quote,
    Reply,
    Say,
    Show,
    small,
    text,
)
from bot.errors import Refusal
from handlers.home.glance import at_a_glance
from handlers.home.prompts import words_of
from handlers.registry import Conversation, command
from handlers.turn import Turn
from storage import outbox, people

EXAMPLES = (
    ("book next Tuesday at half two", "book a learning interview with your partner"),
    ("I'm on Safeguarding level 2 next Thursday", "tell me about a course, so that I can ask about it afterwards"),
    ("log 2h shadowing at Bitterne", "log time that you spent learning: it counts towards what is owed to you"),
    ("target: run the spring moderation by 30 April", "put a target into your learning plan; “my plan” shows it"),
    ("my log", "look back on each period, with what it holds in front of you"),
    ("my time", "what you logged, and the learning time still owed to you"),
    ("self-review", "how you see yourself against the standard of your post, for you alone"),
    ("done safeguarding on 3 March", "record a mandatory training; “my trainings” says until when each holds"),
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
        label = wording.shortened(f"It answers: {words_of(prompt.awaits)}", 70)
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
