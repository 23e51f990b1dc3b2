"""Home and help: what is next, what is owed to me, what I can say; and words that fit nowhere are never lost."""

from bot import wording
from bot.chat import Button, Buttons, Event, Facts, Message, Reply, Say, Show, small, text
from handlers.home import courtesy
from handlers.home.glance import at_a_glance
from handlers.home.unknown import unknown
from handlers.registry import Conversation, command
from handlers.turn import Turn
from storage import people

EXAMPLES = (
    ("book next Tuesday at half two", "book a learning interview with your partner"),
    ("when is my next interview?", "what is arranged; “I can't make it” moves or cancels it"),
    ("I'm on Safeguarding level 2 next Thursday", "tell me about a course, so that I can ask about it afterwards"),
    ("log 2h shadowing at Bitterne", "log time that you spent learning: it counts towards what is owed to you"),
    ("target: run the spring moderation by 30 April", "put a target into your learning plan; “my plan” shows it"),
    ("my log", "look back on each period, with what it holds in front of you"),
    ("my time", "what you logged, and the learning time still owed to you"),
    ("self-review", "how you see yourself against the standard of your post, for you alone"),
    ("done safeguarding on 3 March", "record a mandatory training; “my trainings” says until when each holds"),
    ("diary: today I learned to …", "keep a line in your diary, which only you can read"),
    ("diary", "your latest entries; “undo” takes out the one that you have just kept"),
    ("partner Ben Carter", "ask somebody to be your learning partner"),
    ("I'm away 3–10 April", "be offered no times and asked nothing then"),
    ("my hours", "the days and hours in which I offer you times"),
    ("start a learning set", "hold your learning interviews as a group of up to six"),
    ("review", "start your team's review, in its channel, if you lead the team"),
    ("my standard", "what your post asks, and what you count as evidence for it"),
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


CONVERSATION = Conversation(
    name="home",
    actions={
        "home.show": show,
        "home.help": help_,
        "home.hello": hello,
        "home.welcome": welcome,
        "home.unknown": unknown,
        "home.thanks": courtesy.thanks,
        "home.seen": courtesy.seen,
        "home.yes_or_no": courtesy.yes_or_no,
    },
    notices={"home.glance": glance_notice},
    commands=(
        command(
            r"home|my (?:learning )?year|what(?:'s|’s| is) next\??|status",
            "home.show",
            "home",
            "what is next and what is owed to you",
        ),
        command(
            r"(?:please\s+)?help(?:\s+me)?(?:,?\s+please)?[.!?]*|i\s+need\s+(?:some\s+)?help[.!]?|\?+|commands|menu|"
            r"what\s+(?:can|do)\s+(?:i|you)\s+(?:say|do)(?:\s+here)?\??|"
            r"how\s+(?:does|do)\s+(?:this|it|you|the\s+bot)\s+work\??|how\s+do\s+i\s+use\s+(?:this|you|the\s+bot)\??",
            "home.help",
            "help",
            "what you can say to me",
        ),
        command(
            r"(?:who|what)\s+(?:are\s+you|is\s+this)\??|what(?:['’]s|\s+is)\s+this\s+(?:bot|app|for)\??|"
            r"are\s+you\s+(?:an?\s+)?(?:bot|robot|human|person|real)(?:\s+person)?\??",
            "home.welcome",
        ),
        command(
            r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|hiya)(?:\s+(?:there|bot|all))?[.! ]*", "home.hello"
        ),
        *courtesy.COMMANDS,
    ),
    hears={"home": "home.show", "join": "home.welcome", "say": "home.unknown"},
)
