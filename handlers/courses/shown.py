"""What others are shown of a course, and who they can be: exactly the same before it goes and afterwards."""

from bot import wording
from bot.chat import Button, Buttons, Message, Part, Quote, small, text
from handlers.courses.questions import written
from handlers.courses.words import days_of, title_of
from handlers.turn import Turn
from storage import people, sharing
from storage.models import Course, KnownPlace, Person, Reflection


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
