"""The card of a course for its owner: how it stands, what is open, what can come next."""

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from handlers import evidence
from handlers.courses import impact_words
from handlers.courses.facts import facts, opened, verdict
from handlers.courses.questions import question, written
from handlers.courses.rules import is_over, next_question, reflection_due
from handlers.courses.shown import possible_readers, readers_of
from handlers.courses.words import days_of, length_of, title_of
from handlers.turn import Turn
from storage import learning
from storage.models import Course, Person


def card(turn: Turn, course: Course, heading: str = "") -> Message:
    """The course as it stands, for its owner, with what can be done and what is open."""
    reflection = learning.reflection_on(turn.session, course.id)
    title = title_of(turn, course)
    parts: list[Part] = [text(f"**{heading}**")] if heading else []
    parts.append(
        text("**{title}**: {days}, {length}.", title=title, days=days_of(course), length=length_of(turn, course))
    )
    parts += facts(turn, course)
    parts += evidence.line(turn, "course", course.id)
    awaits, due = "", reflection_due(turn.policy, turn.person, course.ends_on)
    more = Button("More about it", "courses.more", course.id, opens_form=True)
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
                    more,
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
            parts.append(Buttons((now, change, more, Button("I didn't go", "courses.missed", course.id))))
        else:
            parts.append(Buttons((change, more, Button("I'm not going", "courses.cancel", course.id))))
    else:
        parts += question(course, None)
        parts.append(Buttons((Button("Change the course", "courses.change", course.id, opens_form=True), more)))
        awaits = "courses.reflect"
    if course.state != "cancelled" and (counting := evidence.button(turn, "course", course.id)):
        parts.append(Buttons(counting))
    summary = heading or f"{title}: {days_of(course)}"
    return Message(summary, tuple(parts), notice="courses.card", about=course.id, awaits=awaits)


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
    others = [
        Button("Change what I wrote", "courses.write", course.id, opens_form=True),
        Button("More about it", "courses.more", course.id, opens_form=True),
    ]
    if course.shared == "team":
        others.append(Button("Take it back from my team", "courses.unshare", course.id))
    elif turn.session.get_one(Person, course.owner_id).team_id is not None:
        others.insert(0, Button("Share with my team", "courses.word", course.id, opens_form=True))
    parts += _passed_on(turn, course)
    parts += [*verdict(turn, course), *impact_words.all_written(turn, course)]
    parts += evidence.line(turn, "course", course.id)
    others += evidence.button(turn, "course", course.id)
    if course.worth is None:
        others.append(Button("Was it worth it?", "courses.rate_form", course.id, opens_form=True))
    if turn.policy.courses.criteria and course.state == "attended":
        others.append(Button("Say what changed", "courses.impact_start", course.id, opens_form=True))
    parts.append(Buttons(tuple(others)))
    return parts


def _passed_on(turn: Turn, course: Course) -> list[Part]:
    """Where else its owner speaks or wrote of it, with the ways to do so."""
    parts: list[Part] = []
    buttons: list[Button] = []
    if course.meeting_on is not None and course.meeting_on >= turn.today:
        parts.append(text("You speak of it at a meeting on **{day}**.", day=wording.day(course.meeting_on)))
        buttons.append(Button("Another day", "courses.meeting", course.id, opens_form=True))
        buttons.append(Button("Not at that meeting", "courses.no_meeting", course.id))
    else:
        buttons.append(Button("Five minutes at a meeting", "courses.meeting", course.id, opens_form=True))
    if course.document is not None:
        parts.append(text("You wrote it up: {where}", where=opened(turn, course, course.document)))
    label = "Change where I wrote it up" if course.document is not None else "A document or a link"
    buttons.append(Button(label, "courses.document", course.id, opens_form=True))
    buttons.append(Button("Let somebody read it", "sharing.share", course.id, "course", opens_form=True))
    return [*parts, Buttons(tuple(buttons))]
