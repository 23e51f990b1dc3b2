"""Being in a learning set: started, asked, joined, left, facilitated by somebody else, ended."""

from dataclasses import replace

from bot.chat import Event, FixAnswers, Message, OpenForm, Replace, Reply, Say, text
from bot.errors import NotYours
from handlers.meetings.answers import says_later, says_no, says_yes
from handlers.meetings.typed import not_understood
from handlers.permissions import leads_a_team
from handlers.sets import attending, form, rules, words
from handlers.sets.rules import Named
from handlers.turn import Turn
from storage import people, sets
from storage.models import LearningSet, Person, SetMember

# ------------------------------------------------------------------------------------------------------ started, asked


def start(turn: Turn, event: Event) -> Reply:
    """Open the form that starts a set."""
    return OpenForm(form.start(names_others=leads_a_team(turn, event)))


def started(turn: Turn, event: Event) -> Reply:
    """A new set: everybody who was named is asked, and nobody is in it before they say yes."""
    names_others = leads_a_team(turn, event)
    name = " ".join(event.answers.get("name", "").split())
    facilitator = event.answers.get("facilitator", "").strip() if names_others else ""
    who = _named(turn, event.answers.get("members", ""))
    problems: dict[str, str] = {}
    if not name or len(name) > rules.LONGEST_NAME:
        problems["name"] = f"Give it a name of up to {rules.LONGEST_NAME} characters."
    if problem := who.problem or _too_many(len(who.people)):
        problems["members"] = problem
    leads, problem = _facilitator(turn, facilitator)
    if problem:
        problems["facilitator"] = problem
    if problems:
        return FixAnswers(form.start(names_others=names_others).filled(event.answers), problems)
    learning_set = LearningSet(name=name, facilitator_id=turn.person.id, made_at=turn.now)
    turn.session.add(learning_set)
    turn.session.flush()
    _ask(turn, learning_set, who)
    if leads.id != turn.person.id:
        sets.ask_to_facilitate(turn.session, learning_set, leads.id, turn.now)
    return Replace(words.home(turn, learning_set, line="I’ve asked them. I’ll tell you what they say."))


def invite(turn: Turn, event: Event) -> Reply:
    """Open the form that names more people."""
    assert event.about is not None
    return OpenForm(form.about(form.INVITE, event.about))


def invited(turn: Turn, event: Event) -> Reply:
    """More people are asked, as long as there is room."""
    learning_set = sets.locked(turn.session, event.about)
    if learning_set.ended_at is not None:
        return Replace(words.home(turn, learning_set))
    who = _named(turn, event.answers.get("members", ""))
    taken = {one.id for one in sets.members(turn.session, learning_set.id, "asked", "accepted")}
    if problem := who.problem or _too_many(len(taken | {person.id for person in who.people})):
        asked = form.about(form.INVITE, learning_set.id)
        return FixAnswers(asked.filled(event.answers), {"members": problem})
    _ask(turn, learning_set, who)
    return Replace(words.home(turn, learning_set))


def _named(turn: Turn, typed: str) -> Named:
    return rules.named(typed, turn.person, lambda name: people.named(turn.session, name))


def _facilitator(turn: Turn, typed: str) -> tuple[Person, str]:
    """Who is to facilitate, the reader unless somebody is named; and what is to be put right."""
    if not typed:
        return turn.person, ""
    match _named(turn, typed):
        case Named((person,)):
            return person, ""
        case Named(_, problem):
            return turn.person, problem or "One person facilitates a set: write one name."


def _too_many(count: int) -> str:
    return "" if count <= sets.SEATS else f"A learning set has up to {sets.SEATS} members, and these would be {count}."


def _ask(turn: Turn, learning_set: LearningSet, who: Named) -> None:
    for person in who.people:
        if person.id != turn.person.id:
            sets.ask(turn.session, learning_set, person, turn.now)
            continue
        found = sets.member(turn.session, learning_set.id, person.id)
        if found is None:
            found = SetMember(set_id=learning_set.id, person_id=person.id, asked_at=turn.now)
            turn.session.add(found)
        _joined(turn, found)
    sets.show_afresh(turn.session, learning_set.id, turn.now)


# -------------------------------------------------------------------------------------------------------- yes, no, out


def join_card(turn: Turn, event: Event) -> Reply:
    """The question whether to join, once more."""
    return Say(words.asked(turn, turn.session.get_one(SetMember, event.about)), private=True)


def join(turn: Turn, event: Event) -> Reply:
    """The person who was asked says yes."""
    found = sets.locked_member(turn.session, event.about)
    learning_set = turn.session.get_one(LearningSet, found.set_id)
    if found.state in ("asked", "declined") and learning_set.ended_at is None:
        others = sets.members(turn.session, learning_set.id, "asked", "accepted")
        if _too_many(len({found.person_id, *(one.id for one in others)})):
            return _reply(event, Message("It is full.", (text("**{name}** is full by now, sorry.",
                                                              name=learning_set.name),)))  # fmt: skip
        _joined(turn, found)
        sets.say_so(turn.session, found, turn.now)
        sets.show_afresh(turn.session, learning_set.id, turn.now)
    return _reply(event, words.asked(turn, found))


def _joined(turn: Turn, found: SetMember) -> None:
    found.state, found.answered_at = "accepted", turn.now
    turn.session.flush()
    attending.seat_newcomer(turn, found)


def decline(turn: Turn, event: Event) -> Reply:
    """The person who was asked would rather not; no reason is asked for."""
    found = sets.locked_member(turn.session, event.about)
    if found.state == "asked":
        found.state, found.answered_at = "declined", turn.now
        sets.say_so(turn.session, found, turn.now)
        sets.show_afresh(turn.session, found.set_id, turn.now)
    return _reply(event, words.asked(turn, found))


def joining(turn: Turn, event: Event) -> Reply:
    """Words in answer to the question whether to join."""
    if says_yes(event.text):
        return join(turn, event)
    if says_no(event.text) or says_later(event.text):
        return decline(turn, event)
    found = turn.session.get_one(SetMember, event.about)
    message = not_understood(turn.set_aside(event), event.text)
    return Say(Message(message.summary, (*message.parts, *words.asked(turn, found).parts)), private=True)


def leave(turn: Turn, event: Event) -> Reply:
    """Ask once more before leaving."""
    learning_set = turn.session.get_one(LearningSet, event.about)
    then = "The others see that you are no longer in it. What you were at still counts."
    return _reply(event, words.sure(learning_set, f"Leave {learning_set.name}?", then, "Leave it", "sets.left"))


def left(turn: Turn, event: Event) -> Reply:
    """Out of the set. Whoever facilitates it goes on doing so."""
    learning_set = sets.locked(turn.session, event.about)
    found = sets.member(turn.session, learning_set.id, turn.person.id)
    if found is not None and found.state == "accepted":
        sets.leave(turn.session, found, turn.now)
    return _reply(event, words.home(turn, learning_set))


def leave_typed(turn: Turn, event: Event) -> Reply:
    """`leave our learning set`."""
    mine = [one for one in sets.of(turn.session, turn.person.id) if
            sets.has_joined(turn.session, one.id, turn.person.id)]  # fmt: skip
    if not mine:
        return Say(words.none_yet(), private=True)
    if len(mine) > 1:
        return Say(words.which("Which would you like to leave?", mine, "sets.leave"), private=True)
    return leave(turn, replace(event, about=mine[0].id))


# ------------------------------------------------------------------------------------------------ facilitated by others


def hand_over(turn: Turn, event: Event) -> Reply:
    """Choose who shall facilitate from now on."""
    learning_set = turn.session.get_one(LearningSet, event.about)
    joined = sets.members(turn.session, learning_set.id, "accepted")
    others = [person for person in joined if person.id != turn.person.id]
    if not others or learning_set.ended_at is not None:
        return Replace(words.home(turn, learning_set))
    return Replace(words.choose_facilitator(turn, learning_set, others))


def ask_to_facilitate(turn: Turn, event: Event) -> Reply:
    """Ask the member on the button. Raises `NotYours` when that is no member."""
    learning_set = sets.locked(turn.session, event.about)
    joined = {str(one.id): one for one in sets.members(turn.session, learning_set.id, "accepted")}
    person = joined.get(event.value)
    if person is None or learning_set.ended_at is not None:
        raise NotYours
    sets.ask_to_facilitate(turn.session, learning_set, person.id, turn.now)
    return Replace(words.home(turn, learning_set, line=f"I’ve asked {person.name}."))


def facilitate(turn: Turn, event: Event) -> Reply:
    """Yes to facilitating."""
    learning_set = sets.locked(turn.session, event.about)
    asked = sets.asked_to_facilitate(turn.session, learning_set.id, turn.person.id) is not None
    if asked and learning_set.ended_at is None:
        _facilitates(turn, learning_set)
    return Replace(words.home(turn, learning_set))


def not_facilitate(turn: Turn, event: Event) -> Reply:
    """No to facilitating: whoever does goes on."""
    learning_set = sets.locked(turn.session, event.about)
    if sets.asked_to_facilitate(turn.session, learning_set.id, turn.person.id) is not None:
        sets.request_over(turn.session, learning_set.id, turn.now)
        sets.show_afresh(turn.session, learning_set.id, turn.now)
    return Replace(words.declined(learning_set))


def take_over(turn: Turn, event: Event) -> Reply:
    """Facilitate a set whose facilitator has left; the first to say so does."""
    learning_set = sets.locked(turn.session, event.about)
    if words.is_vacant(turn, learning_set) and learning_set.ended_at is None:
        _facilitates(turn, learning_set)
    return Replace(words.home(turn, learning_set))


def _facilitates(turn: Turn, learning_set: LearningSet) -> None:
    """The reader facilitates from now on, and comes to what is booked; the others are told."""
    earlier = learning_set.facilitator_id
    learning_set.facilitator_id = turn.person.id
    sets.request_over(turn.session, learning_set.id, turn.now)
    attending.hand_over(turn, learning_set, earlier)
    sets.tell_news(turn.session, learning_set, {earlier}, turn.now)
    sets.show_afresh(turn.session, learning_set.id, turn.now)


# -------------------------------------------------------------------------------------------------------- shown, ended


def show(turn: Turn, event: Event) -> Reply:
    """The sets that somebody is in."""
    mine = sets.of(turn.session, turn.person.id)
    if not mine:
        return Say(words.none_yet(), private=True)
    if len(mine) == 1:
        return Say(words.home(turn, mine[0]), private=True)
    return Say(words.which("Which set would you like to see?", mine, "sets.home"), private=True)


def home(turn: Turn, event: Event) -> Reply:
    """One set, in place of what was tapped."""
    return _reply(event, words.home(turn, turn.session.get_one(LearningSet, event.about)))


def end(turn: Turn, event: Event) -> Reply:
    """Ask once more before ending it."""
    learning_set = turn.session.get_one(LearningSet, event.about)
    then = "What is booked is cancelled, and everybody in it is told. What was held still counts."
    return Replace(words.sure(learning_set, f"End {learning_set.name}?", then, "End it", "sets.ended"))


def ended(turn: Turn, event: Event) -> Reply:
    """The set is over."""
    learning_set = sets.locked(turn.session, event.about)
    if learning_set.ended_at is None:
        sets.end(turn.session, learning_set, turn.person.id, turn.now)
    return Replace(words.home(turn, learning_set))


def _reply(event: Event, message: Message) -> Reply:
    return Say(message, private=True) if event.kind == "say" else Replace(message)


# ------------------------------------------------------------------------------------------------------------- notices


def asked_notice(turn: Turn, about: int | None) -> Message | None:
    """The question whether to join, or what became of it."""
    found = turn.session.get(SetMember, about)
    return None if found is None else words.asked(turn, found)


def answered_notice(turn: Turn, about: int | None) -> Message | None:
    """What the facilitator hears of an answer."""
    found = turn.session.get(SetMember, about)
    if found is None:  # erased since: what was said about them goes, too
        line = "Somebody who was in a learning set of yours has left."
        return Message(line, (text("{line}", line=line),))
    return words.answered(turn, found)


def facilitate_notice(turn: Turn, about: int | None) -> Message | None:
    """The question whether to facilitate."""
    learning_set = turn.session.get(LearningSet, about)
    return None if learning_set is None else words.asked_to_facilitate(turn, learning_set)


def home_notice(turn: Turn, about: int | None) -> Message | None:
    """The set, as it is now."""
    learning_set = turn.session.get(LearningSet, about)
    return None if learning_set is None else words.home(turn, learning_set)


def vacant_notice(turn: Turn, about: int | None) -> Message | None:
    """That nobody facilitates the set any more."""
    learning_set = turn.session.get(LearningSet, about)
    return None if learning_set is None else words.vacant(turn, learning_set)


def told_notice(turn: Turn, about: int | None) -> Message | None:
    """News of the set."""
    learning_set = turn.session.get(LearningSet, about)
    return None if learning_set is None else words.told(turn, learning_set)


def declined_notice(turn: Turn, about: int | None) -> Message | None:
    """That they would rather not facilitate."""
    learning_set = turn.session.get(LearningSet, about)
    return None if learning_set is None else words.declined(learning_set)
