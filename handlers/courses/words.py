"""What the bot says about courses."""

from bot import wording
from bot.chat import Button, Buttons, Message, Part, Quote, small, text
from bot.errors import Refusal
from handlers.courses.form import answers_of
from handlers.courses.rules import QUESTIONS, is_over, next_question, reflection_due
from handlers.turn import Turn
from storage import learning, learning_time, people, sharing
from storage.models import Course, KnownPlace, Person, Reflection

ASKS = {
    "what": ("What?", "What happened? What did you see, hear or do?"),
    "so_what": ("So what?", "What does it mean for you and your work?"),
    "what_next": ("What next?", "What will you do with it, and by when?"),
}


class NoWords(Refusal):
    """I can't see any words in that. Write what you made of it, or say `later`."""


class TooLong(Refusal):
    """That is longer than I can keep in one piece. Split it into messages of up to 40,000 characters."""


def title_of(turn: Turn, course: Course) -> str:
    """The title, opened for the reader."""
    return turn.read(course.owner_id, course.title, "course", course.id)


def days_of(course: Course) -> str:
    """`Thu 12 Mar 2026`, or `Thu 12 Mar to Fri 13 Mar 2026`."""
    last = wording.day_and_year(course.ends_on)
    return last if course.starts_on == course.ends_on else f"{wording.day(course.starts_on)} to {last}"


def length_in_words(days: float) -> str:
    """`half a day`, `1 day`, `2 days`."""
    return "half a day" if days == 0.5 else wording.count(days, "day")


# ---------------------------------------------------------------------------------------------------- the owner's card


def card(turn: Turn, course: Course, heading: str = "") -> Message:
    """The course as it stands, for its owner, with what can be done and what is open."""
    reflection = learning.reflection_on(turn.session, course.id)
    title = title_of(turn, course)
    parts: list[Part] = [text(f"**{heading}**")] if heading else []
    parts.append(
        text("**{title}**: {days}, {length}.", title=title, days=days_of(course), length=length_in_words(course.days))
    )
    awaits, due = "", reflection_due(turn.policy, turn.person, course.ends_on)
    if course.state == "cancelled":
        parts.append(text("You are not going, so I won't ask about it. It doesn't count as learning time."))
        parts.append(Buttons((Button("Put it back", "courses.restore", course.id),)))
    elif reflection is not None:
        parts += written(turn, reflection)
        if next_question(reflection):
            parts += question(course, reflection)
            awaits = "courses.reflect"
        else:
            parts += _sharing(turn, course)
    elif course.nothing_to_add:
        parts.append(text("You had nothing to add. That is fine; you can always change your mind."))
        parts.append(
            Buttons(
                (
                    Button("Write something after all", "courses.write", course.id, opens_form=True),
                    Button("Change", "courses.change", course.id, opens_form=True),
                )
            )
        )
    elif not is_over(course, turn.today) or (course.asked_at is None and due > turn.now):
        parts.append(
            text("I'll ask on **{day}** what you made of it.", day=wording.day(due.astimezone(turn.zone).date()))
        )
        change = Button("Change", "courses.change", course.id, opens_form=True)
        if is_over(course, turn.today):
            now = Button("Write it now", "courses.write", course.id, opens_form=True)
            parts.append(Buttons((now, change, Button("I didn't go", "courses.missed", course.id))))
        else:
            parts.append(Buttons((change, Button("I'm not going", "courses.cancel", course.id))))
    else:
        parts += question(course, None)
        parts.append(Buttons((Button("Change the course", "courses.change", course.id, opens_form=True),)))
        awaits = "courses.reflect"
    summary = heading or f"{title}: {days_of(course)}"
    return Message(summary, tuple(parts), notice="courses.card", about=course.id, awaits=awaits)


def question(course: Course, reflection: Reflection | None) -> list[Part]:
    """The question that is open, and how it can be answered, put off or declined."""
    asking = next_question(reflection) or QUESTIONS[0]
    short, full = ASKS[asking]
    number = QUESTIONS.index(asking) + 1
    parts: list[Part] = [text(f"**{short}** {full}")]
    first = asking == QUESTIONS[0]
    parts.append(small(f"Question {number} of 3. Type your answer here, or write all three in the form."))
    buttons = [
        Button("Write it in a form", "courses.write", course.id, style="primary" if first else "", opens_form=True)
    ]
    if not first:
        buttons.append(Button("Skip this one", "courses.skip", course.id))
    buttons.append(Button("Ask me next week", "courses.later", course.id))
    if first:
        buttons += [Button("I didn't go", "courses.missed", course.id),
                    Button("Nothing to add", "courses.nothing", course.id)]  # fmt: skip
    parts.append(Buttons(tuple(buttons)))
    return parts


def prompt(turn: Turn, course: Course) -> Message:
    """What is asked after a course, and why."""
    reflection = learning.reflection_on(turn.session, course.id)
    title = title_of(turn, course)
    if reflection is None:
        opening = text("You were on **{title}** ({days}). What did you make of it?", title=title, days=days_of(course))
    else:
        opening = text("You began to write what you made of **{title}**. There is room for more.", title=title)
    return Message(
        "What did you make of your course?",
        (
            opening,
            *question(course, reflection),
            small(
                "I ask because what is put into words soon after is kept. It is for your own learning: nobody else can "
                "read it unless you share it."
            ),
        ),
        notice="courses.reflect",
        about=course.id,
        awaits="courses.reflect",
    )


def written(turn: Turn, reflection: Reflection) -> list[Part]:
    """The three answers, as far as there are any, each under its question."""
    parts: list[Part] = []
    for key, answer in answers_of(turn, reflection).items():
        if answer:
            parts += [text(f"**{ASKS[key][0]}**"), Quote(answer)]
    return parts


# --------------------------------------------------------------------------------------------- accounting and sharing


def possible_readers(turn: Turn, course: Course) -> list[tuple[Person, str]]:
    """Whom its owner can account to: their learning partner and their manager."""
    owner = turn.session.get_one(Person, course.owner_id)
    partner = people.partner_of(turn.session, owner.id)
    manager = turn.session.get(Person, owner.manager_id) if owner.manager_id is not None else None
    found = [(partner, "learning partner")] if partner else []
    if manager is not None and manager.left_at is None and (partner is None or manager.id != partner.id):
        found.append((manager, "manager"))
    return found


def readers_of(turn: Turn, course: Course) -> list[Person]:
    """Who can read it now besides its owner."""
    granted = sharing.readers(turn.session, "course", course.id, turn.now)
    return [turn.session.get_one(Person, grant.reader_id) for grant in granted]


def _sharing(turn: Turn, course: Course) -> list[Part]:
    readers = readers_of(turn, course)
    who = wording.listed([person.name for person in readers])
    if course.shared == "team":
        who = f"{who} can read this; your team has seen what you wrote for it." if who else (
            "Your team has seen what you wrote for it. Nobody else can read this."
        )  # fmt: skip
    else:
        who = f"{who} can read this, and nobody else." if who else "Only you can read this."
    parts: list[Part] = [small("{who}", who=who)]
    accounts = [
        Button(f"Account for it to {wording.shortened(wording.first_name(person.name), 30)} ({role})",
               "courses.preview", course.id, str(person.id))
        for person, role in possible_readers(turn, course)
        if all(person.id != reader.id for reader in readers)
    ]  # fmt: skip
    accounts += [
        Button(f"Take it back from {wording.shortened(wording.first_name(person.name), 30)}", "courses.take_back",
               course.id, str(person.id))
        for person in readers
    ]  # fmt: skip
    if accounts:
        parts.append(Buttons(tuple(accounts)))
    if not readers and not accounts:
        parts.append(small("To account for it to somebody you need a learning partner: say `partner` and their name."))
    others = [Button("Change what I wrote", "courses.write", course.id, opens_form=True)]
    if course.shared == "team":
        others.append(Button("Take it back from my team", "courses.unshare", course.id))
    elif turn.session.get_one(Person, course.owner_id).team_id is not None:
        others.insert(0, Button("Share with my team", "courses.word", course.id, opens_form=True))
    parts.append(Buttons(tuple(others)))
    return parts


def done(turn: Turn, course: Course) -> Message:
    """All is written: what was kept, and what could be done with it."""
    message = card(turn, course, "Saved. Thank you.")
    ask: tuple[Part, ...] = ()
    if not readers_of(turn, course) and course.shared == "":
        ask = (
            small(
                "Your organisation hopes that people account for a course to their partner or manager and share what "
                "they can with their team. Whether you do, and with whom, is up to you."
            ),
            Buttons((Button("Not now", "courses.enough", course.id),)),
        )
    return Message(message.summary, (*message.parts, *ask), message.notice, message.about)


def account(turn: Turn, course: Course, reflection: Reflection) -> tuple[Part, ...]:
    """What somebody who was let in is shown: exactly this, in the preview and in the message."""
    owner = turn.session.get_one(Person, course.owner_id)
    return (
        text(
            "**{owner}** lets you read what came of **{title}** ({days}).",
            owner=owner.name,
            title=title_of(turn, course),
            days=days_of(course),
        ),
        *written(turn, reflection),
        small(
            "This is for learning and development, and for nothing else. {owner} can take it back, and sees when it "
            "was shown to you.",
            owner=owner.name,
        ),
    )


def preview(turn: Turn, course: Course, reflection: Reflection, reader: Person) -> Message:
    """What the reader will see, before anything is sent."""
    first_name = wording.shortened(wording.first_name(reader.name), 30)
    return Message(
        "Before it goes",
        (
            text("This is exactly what **{reader}** will see. Nothing has been sent yet.", reader=reader.name),
            *account(turn, course, reflection),
            Buttons(
                (
                    Button(f"Send it to {first_name}", "courses.send", course.id, str(reader.id), "primary"),
                    Button("Don't send it", "courses.open", course.id, "back"),
                )
            ),
        ),
        notice="courses.card",
        about=course.id,
    )


def accounted(turn: Turn, course: Course, reflection: Reflection) -> Message:
    """The reader's own message."""
    return Message(
        "Somebody lets you read what came of a course",
        (*account(turn, course, reflection),
         Buttons((Button("Show it as it is now", "courses.read", course.id),))),
        notice="courses.accounted",
        about=course.id,
    )  # fmt: skip


def no_longer_shared(owner: Person | None, notice: str, about: int | None) -> Message:
    """What stands where something was that has been taken back."""
    if owner is None or owner.left_at is not None:
        said = text("This is no longer shared.")
    else:
        said = text("{owner} no longer shares this.", owner=owner.name)
    return Message("No longer shared.", (said,), notice=notice, about=about)


def for_the_team(turn: Turn, course: Course) -> tuple[Part, ...]:
    """What the team reads: exactly this, in the preview and in the channel."""
    owner = turn.session.get_one(Person, course.owner_id)
    assert course.team_words is not None
    return (
        text("**{owner}** was on **{title}** and shares:", owner=owner.name, title=title_of(turn, course)),
        Quote(turn.read(owner.id, course.team_words, "course", course.id), by=owner.name),
    )


def team_preview(turn: Turn, course: Course, place: KnownPlace | None) -> Message:
    """What the team will see and where; or the words to post oneself, where no channel is known."""
    change = Button("Change the words", "courses.word", course.id, opens_form=True)
    where = place.title if place is not None and place.title else "your team's channel"
    if place is not None:
        parts: tuple[Part, ...] = (
            text("This is exactly what everybody in **{where}** will see. Nothing has been posted yet.", where=where),
            *for_the_team(turn, course),
            Buttons(
                (
                    Button(wording.shortened(f"Post it in {where}", 70), "courses.post", course.id, style="primary"),
                    change,
                    Button("Don't post it", "courses.unshare", course.id),
                )
            ),
        )
    else:
        parts = (
            text("I don't know a channel of your team's yet, so here are the words to post yourself:"),
            *for_the_team(turn, course),
            small("I get to know the channel when your team holds a review in it."),
            Buttons(
                (
                    Button("I've posted it", "courses.posted", course.id, style="primary"),
                    change,
                    Button("Not this time", "courses.unshare", course.id),
                )
            ),
        )
    return Message("Before it goes", parts, notice="courses.card", about=course.id)


def listed(turn: Turn, courses: list[Course], *, more: bool) -> Message:
    """A person's courses, latest first, and how many days they come to this year."""
    year = turn.policy.year_of(turn.today)
    days = round(learning_time.days_learned(turn.session, turn.policy, turn.person.id, year, turn.today), 1)
    parts: list[Part] = [text("**Your courses.** This year so far: {days} of off-the-job learning.",
                              days=wording.count(days, "day"))]  # fmt: skip
    for course in courses:
        parts.append(text("{title}: {days}", title=title_of(turn, course), days=days_of(course)))
        parts.append(Buttons((Button("Open", "courses.open", course.id),)))
    if more:
        parts.append(small("These are the latest. Earlier ones are kept too."))
    parts.append(Buttons((Button("Add a course", "courses.form", opens_form=True),)))
    return Message("Your courses", tuple(parts))
