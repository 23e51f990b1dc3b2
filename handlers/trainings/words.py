"""What is said about mandatory trainings: how they stand, what was recorded, what runs out."""

from collections.abc import Sequence
from datetime import date

from bot import wording
from bot.chat import Button, Buttons, Field, Form, Message, Option, Part, Quote, Table, small, text
from handlers.turn import Turn
from storage import trainings
from storage.models import TrainingDone
from storage.suppression import SHOWN_FROM
from storage.trainings import TakeUp

SAY = "trainings.say"
NOTICE = "trainings.reminder"
CARD = "trainings.card"
RECORD = Form(
    "trainings.recorded",
    "A training I did",
    (Field("training", "Which training?", "choice"), Field("day", "On which day did you do it?", "date")),
)


def name_of(turn: Turn, done: TrainingDone) -> str:
    """What the policy calls this training, or called it once."""
    training = trainings.named(turn.policy, done.training)
    return training.name if training is not None else done.training.replace("_", " ")


def how_long(done: TrainingDone, today: date) -> str:
    """`It holds until Wed 3 Mar 2027.`"""
    if done.valid_until is None:
        return "It never runs out."
    day = wording.day_and_year(done.valid_until)
    return f"It ran out on {day}." if done.valid_until < today else f"It holds until {day}."


def form(turn: Turn, chosen: str = "", day: str = "") -> Form:
    """The form, with the trainings that are mandatory for whoever asks, or else all of the policy's."""
    offered = trainings.mandatory_for(turn.session, turn.policy, turn.person) or turn.policy.trainings
    options = tuple(Option(training.name, training.key) for training in offered)
    fields = tuple(
        Field(one.name, one.label, one.kind, one.hint, options if one.name == "training" else (), value=one.value)
        for one in RECORD.fields
    )
    known = chosen if chosen in {training.key for training in offered} else ""
    return Form(RECORD.name, RECORD.title, fields).filled({"training": known, "day": day})


def card(turn: Turn, done: TrainingDone, heading: str = "") -> Message:
    """One time that a training was done, for its owner."""
    parts: list[Part] = [text(f"**{heading}**")] if heading else []
    parts.append(
        text("**{name}**, done on {day}. {how_long}", name=name_of(turn, done), day=wording.day_and_year(done.done_on),
             how_long=how_long(done, turn.today))
    )  # fmt: skip
    training = trainings.named(turn.policy, done.training)
    if done.quiet:
        parts.append(small("I won't remind you of it."))
    elif training is not None and done.valid_until is not None and done.valid_until >= turn.today:
        before = wording.count(training.remind_days_before, "day")
        parts.append(small(f"I'll remind you {before} before that, and once more on the day."))
    parts.append(Buttons((Button("Take it back", "trainings.undo", done.id), Button("My trainings", "trainings.list"))))
    return Message(heading or name_of(turn, done), tuple(parts), notice=CARD, about=done.id)


def listed(turn: Turn) -> Message:
    """The trainings that are mandatory for this person, and how each stands."""
    done = trainings.latest(turn.session, turn.person.id)
    mandatory = trainings.mandatory_for(turn.session, turn.policy, turn.person)
    keys = {training.key for training in mandatory}
    others = [one for key, one in done.items() if key not in keys]
    if not mandatory and not others:
        return Message(
            "No mandatory trainings.", (text("Your organisation's policy names no trainings that you have to do."),)
        )
    parts: list[Part] = [text("**Your mandatory trainings.**")]
    for training in mandatory:
        one = done.get(training.key)
        if one is None:
            parts.append(text("**{name}**: not recorded yet.", name=training.name))
        else:
            parts += _line(turn, one)
    for one in others:
        parts += _line(turn, one)
    parts.append(Buttons((Button("I did one of these", "trainings.form", opens_form=True),)))
    parts.append(small("Or say it: “done safeguarding on 3 March”. Only you see this."))
    return Message("Your mandatory trainings", tuple(parts))


def _line(turn: Turn, one: TrainingDone) -> list[Part]:
    return [
        text("**{name}**: done on {day}. {how_long}", name=name_of(turn, one), day=wording.day_and_year(one.done_on),
             how_long=how_long(one, turn.today)),
        Buttons((Button("Open", "trainings.open", one.id),)),
    ]  # fmt: skip


def reminder(turn: Turn, done: TrainingDone) -> Message:
    """What runs out, why that is said, and what can be done about it."""
    assert done.valid_until is not None
    name, day = name_of(turn, done), wording.day_and_year(done.valid_until)
    if done.valid_until < turn.today:
        lead = text("**{name}** ran out on {day}. It is time to do it again.", name=name, day=day)
    elif done.valid_until == turn.today:
        lead = text("**{name}** holds until today. It is time to do it again.", name=name)
    else:
        lead = text("**{name}** holds until **{day}**. Now is a good time to book it again.", name=name, day=day)
    return Message(
        "A training of yours runs out",
        (
            lead,
            Buttons(
                (
                    Button("I've done it", "trainings.again", done.id, style="primary", opens_form=True),
                    Button("Remind me next week", "trainings.later", done.id),
                    Button("Don't remind me of this", "trainings.quiet", done.id),
                )
            ),
            small(
                "I remind you because your organisation asks everybody concerned to keep this training up to date. "
                "Nobody else is told; your coordinator sees numbers of five people or more."
            ),
        ),
        notice=NOTICE,
        about=done.id,
        awaits=SAY,
    )


def which_one(turn: Turn, words: str, draft: int) -> Message:
    """What was typed names no training that is known: it is put to one side."""
    record = (Button("I did a training", "trainings.form", opens_form=True),) if turn.policy.trainings else ()
    return Message(
        "Which training is that?",
        (
            text("I don't know a mandatory training by that name, so I've put this to one side for a week:"),
            Quote(wording.shortened(words, 500)),
            Buttons(
                (
                    *record,
                    Button("Keep it in my diary", "diary.keep_draft", draft),
                    Button("Forget it", "diary.forget", draft),
                )
            ),
        ),
    )


def overview(found: Sequence[TakeUp]) -> Message:
    """For the coordinator: of how many people each training is recorded, and never of whom."""
    if not found:
        return Message("No mandatory trainings.", (text("The policy names no mandatory trainings."),))
    return Message(
        "Mandatory trainings",
        (
            text("**Mandatory trainings**, as people recorded them here."),
            Table(("Training", "For", "Recorded, and holds"), tuple(_row(one) for one in found)),
            small(
                "Nothing is said of fewer than five people, and nobody is named: “some, not all” stands where one to "
                "four have it, or have it not. What people did not tell me is not known here."
            ),
        ),
    )


def _row(one: TakeUp) -> tuple[str, str, str]:
    name: str = one.training.name
    if one.people < SHOWN_FROM:
        return name, "fewer than five", "not shown"
    if one.hold is None:
        return name, str(one.people), "some, not all"
    if one.hold in (0, one.people):
        return name, str(one.people), "everybody" if one.hold else "nobody yet"
    return name, str(one.people), str(one.hold)
