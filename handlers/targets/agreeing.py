"""A target is put to the learning partner or the manager: shown first, agreed or not, taken back at will.

Whoever is asked reads the version that the preview showed, and no other: what is changed afterwards they see once it is
put to them again. A new partner or manager sees nothing of what was put to the one before.
"""

from dataclasses import replace

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    FixAnswers,
    Message,
    OpenForm,
    Part,
    Quote,
    Reply,
    small,
    text,
)
from bot.errors import NotYours, Refusal
from handlers import asking
from handlers.replying import in_place
from handlers.targets import rules
from handlers.targets.form import COMMENT
from handlers.targets.reading import comment, now, shown
from handlers.targets.words import can_read, card, other_of, said
from handlers.turn import Turn
from storage import outbox, people, targets
from storage.models import Person, Target


class NoLongerTheirs(Refusal):
    """You are no longer their learning partner or manager, so this target is not yours to agree to. They can put it to
    somebody else."""


# --------------------------------------------------------------------------------------------------------------- words


def preview(turn: Turn, target: Target, other: Person, line: str = "") -> Message:
    """What the other will see, before anything is sent."""
    parts: list[Part] = [text("{line}", line=line)] if line else []
    parts.append(text("This is exactly what **{other}** will see. Nothing has been sent yet.", other=other.name))
    parts += _put(turn.person, said(now(turn, target)))
    before = other_of(turn, target)
    if before is not None and before.id != other.id and can_read(turn, target):
        parts.append(small("{before} can’t read it any more then.", before=before.name))
    first = wording.shortened(wording.first_name(other.name), 30)
    parts.append(
        Buttons(
            (
                Button(f"Put it to {first}", "targets.send", target.id, f"{other.id}.{target.version}", "primary"),
                Button("Change", "targets.change", target.id, opens_form=True),
                Button("Don’t send it", "targets.open", target.id, "back"),
            )
        )
    )
    return Message("Before it goes", tuple(parts), targets.CARD, target.id)


def _put(owner: Person, content: list[Part]) -> list[Part]:
    """What whoever is asked sees: exactly this, in the preview and in the message."""
    return [
        text("**{owner}** asks whether you agree with this target of their learning plan:", owner=owner.name),
        *content,
        small(
            "It is for {owner}’s learning, and for nothing else. There is no hurry: I don’t remind you. "
            "{owner} can take it back, and sees when it was shown to you.",
            owner=wording.first_name(owner.name),
        ),
    ]


def asked(turn: Turn, target: Target, line: str = "") -> Message:
    """For whoever is asked: the target as it was put to them, what they said, and what they can say."""
    owner = turn.session.get_one(Person, target.owner_id)
    first = wording.first_name(owner.name)
    parts: list[Part] = [text("**{line}**", line=line)] if line else []
    parts += _put(owner, said(shown(turn, target)))
    answer = _answer(target)
    if answer:
        parts.append(text("{answer}", answer=answer))
    if mine := comment(turn, target):
        parts.append(Quote(mine, "You"))
    if target.state != "open":
        parts.append(small("{owner} has closed it since, so it needs no answer any more.", owner=first))
    else:
        if target.version != target.shown_version:
            parts.append(
                small("{owner} has changed it since. You see the change if it is put to you again.", owner=first)
            )
        parts.append(Buttons(_answers(target)))
    return Message(f"{owner.name} asks whether you agree with a target.", tuple(parts), targets.ASKED, target.id)


def _answer(target: Target) -> str:
    if target.agreement == "agreed":
        return "You agreed with it."
    if target.agreement == "not_agreed":
        return "It is marked as not agreed."
    return "You would change something in it." if target.answered_at is not None else ""


def _answers(target: Target) -> tuple[Button, ...]:
    seen = str(target.shown_version)
    ways = [
        Button("I agree", "targets.agree", target.id, seen, "primary"),
        Button("I would change something", "targets.comment", target.id, seen, opens_form=True),
        Button("We don’t agree", "targets.disagree", target.id, seen),
    ]
    said_already = {"agreed": "targets.agree", "not_agreed": "targets.disagree"}.get(target.agreement)
    return tuple(button for button in ways if button.action != said_already)


def _no_longer(owner: Person | None, notice: str, about: int | None, *, again: bool = False) -> Message:
    if owner is None or owner.left_at is not None:
        line = text("This target is no longer shared.")
    elif again:
        line = small("{owner} put this target to you again: see the newer message.", owner=owner.name)
    else:
        line = text("{owner} no longer lets you read this target.", owner=owner.name)
    return Message(line.plain(), (line,), notice, about)


# ---------------------------------------------------------------------------------------------------------- its owner


def show_preview(turn: Turn, event: Event) -> Reply:
    """Show what the partner or manager would see."""
    target = targets.locked(turn.session, event.about)
    return in_place(turn, event, preview(turn, target, _chosen(turn, target, event.value)))


def send(turn: Turn, event: Event) -> Reply:
    """Put what the preview showed to the partner or manager; tapping twice sends it once."""
    target = targets.locked(turn.session, event.about)
    number, _, seen = event.value.partition(".")
    other = _chosen(turn, target, number)
    if seen != str(target.version):
        return in_place(turn, event, preview(turn, target, other, "It has changed in the meantime. It is now:"))
    there = target.other_id == other.id and target.shown_version == target.version and can_read(turn, target)
    if not (there and target.agreement):
        at = turn.now
        if other.joined_at is not None and not asking.may_be_asked(turn, other):
            at = asking.morning(turn, other, turn.today)
        targets.put_to(turn.session, target, other, turn.now, at)
        targets.show_afresh(turn.session, target, turn.now)
    heading = f"Put to {other.name}."
    if other.joined_at is None:
        heading = f"{other.name} has not said hello to me yet, and gets it then."
    return in_place(turn, event, card(turn, target, heading))


def take_back(turn: Turn, event: Event) -> Reply:
    """The other can read it no more; their message becomes one line."""
    target = targets.locked(turn.session, event.about)
    other = other_of(turn, target)
    if other is None:
        raise NotYours
    targets.take_back(turn.session, target, turn.now)
    return in_place(turn, event, card(turn, target, f"{other.name} can’t read it any more."))


def stand(turn: Turn, event: Event) -> Reply:
    """Its owner marks it as not agreed: it stays a target all the same."""
    target = targets.locked(turn.session, event.about)
    if target.agreement == "asked":
        target.agreement, target.answered_at = "not_agreed", turn.now
        targets.show_afresh(turn.session, target, turn.now)
    return in_place(turn, event, card(turn, target, "It stays in your plan."))


def _chosen(turn: Turn, target: Target, value: str) -> Person:
    """Whom it goes to: nobody but the present partner and manager can be one."""
    others = [person for person, _ in rules.possible_others(turn, turn.person) if str(person.id) == value]
    if not others:
        raise NotYours
    if target.state != "open":
        raise Refusal("This target is closed. Open it again first, if you want to put it to somebody.")
    return others[0]


# ---------------------------------------------------------------------------------------------------------- the other


def read_(turn: Turn, event: Event) -> Reply:
    """Show whoever was asked what was put to them."""
    target = turn.session.get_one(Target, event.about)
    return in_place(turn, event, asked(turn, target))


def agree(turn: Turn, event: Event) -> Reply:
    """They agree with what was put to them."""
    return _answered(turn, event, "agreed", "Thank you.")


def disagree(turn: Turn, event: Event) -> Reply:
    """It is marked as not agreed; nothing else follows from that."""
    return _answered(turn, event, "not_agreed", "It is marked as not agreed.")


def open_comment(turn: Turn, event: Event) -> Reply:
    """The form for what they would change, with what they said before."""
    target = turn.session.get_one(Target, event.about)
    if _stale(target, event.value):
        return in_place(turn, event, asked(turn, target, _NEWER))
    return OpenForm(
        replace(COMMENT, about=target.id, value=event.value).filled({"words": comment(turn, target)})
    )  # fmt: skip


def commented(turn: Turn, event: Event) -> Reply:
    """Keep what they would change, sealed with their own key; left empty, what they said before goes."""
    target = _to_answer(turn, event)
    words = event.answers.get("words", "").strip()
    problem = ""
    if not words and target.comment is None:
        problem = "Write a few words, or close this."
    elif len(words) > rules.LONGEST_COMMENT:
        problem = f"Keep it to {rules.LONGEST_COMMENT:,} characters, so that it is read."
    if problem:
        filled = replace(COMMENT, about=target.id, value=event.value).filled(event.answers)
        return FixAnswers(filled, {"words": problem})
    target.comment = turn.seal(words) if words else None
    if words and not _stale(target, event.value) and target.agreement != "not_agreed":
        target.agreement, target.agreed_version, target.answered_at = "asked", None, turn.now
    elif not words and target.agreement == "asked":
        target.answered_at = None
    return _told(turn, event, target, "Sent." if words else "Taken back.")


_NEWER = "It was put to you again in the meantime. It is now:"


def _answered(turn: Turn, event: Event, agreement: str, line: str) -> Reply:
    target = _to_answer(turn, event)
    if _stale(target, event.value):
        return in_place(turn, event, asked(turn, target, _NEWER))
    if target.state != "open" or target.agreement == agreement:
        return in_place(turn, event, asked(turn, target))
    target.agreement, target.answered_at = agreement, turn.now
    target.agreed_version = target.shown_version if agreement == "agreed" else None
    return _told(turn, event, target, line)


def _told(turn: Turn, event: Event, target: Target, line: str) -> Reply:
    """Both cards say what was answered, and its owner is told: once for every time of asking."""
    targets.answered(turn.session, target, turn.now)
    return in_place(turn, event, asked(turn, target, line))


def _stale(target: Target, seen: str) -> bool:
    return seen != str(target.shown_version)


def _to_answer(turn: Turn, event: Event) -> Target:
    """The target, if whoever answers is still its owner's partner or manager."""
    target = targets.locked(turn.session, event.about)
    owner = turn.session.get_one(Person, target.owner_id)
    if turn.person.id not in [person.id for person, _ in rules.possible_others(turn, owner)]:
        raise NoLongerTheirs
    return target


# ------------------------------------------------------------------------------------------------------------- notices


def asked_notice(turn: Turn, about: int | None) -> Message | None:
    """What the other reads while they may; one line where it stood, afterwards."""
    target = turn.session.get(Target, about)
    if target is None or target.other_id != turn.person.id or not can_read(turn, target):
        if not outbox.stands(turn.session, targets.ASKED, about, to=turn.person.id):
            return None
        owner = turn.session.get(Person, target.owner_id) if target is not None else None
        return _no_longer(owner, targets.ASKED, about)
    if all(known.unreachable for known in people.accounts(turn.session, turn.person.id)):
        return Message("Waiting.")  # it cannot arrive, and so nothing is opened: it is built again when it can
    return asked(turn, target)


def asked_before_notice(turn: Turn, about: int | None) -> Message | None:
    """One line where an earlier asking stands."""
    if not outbox.stands(turn.session, targets.ASKED_BEFORE, about, to=turn.person.id):
        return None
    target = turn.session.get(Target, about)
    owner = turn.session.get(Person, target.owner_id) if target is not None else None
    again = target is not None and target.other_id == turn.person.id and can_read(turn, target)
    return _no_longer(owner, targets.ASKED_BEFORE, about, again=again)


def answered_notice(turn: Turn, about: int | None) -> Message | None:
    """For its owner: what the other said, on the card."""
    target = turn.session.get(Target, about)
    if target is None or target.owner_id != turn.person.id:
        return None
    if target.answered_at is None:  # put to somebody anew: the message that told of the answer is a card like others
        return card(turn, target) if outbox.stands(turn.session, targets.ANSWERED, about) else None
    other = other_of(turn, target)
    who = other.name if other is not None else "Somebody"
    heading = {"agreed": f"{who} agrees with your target.", "not_agreed": f"Not agreed with {who}."}.get(
        target.agreement, f"{who} said what could change in your target."
    )
    return replace(card(turn, target, heading), notice=targets.ANSWERED)
