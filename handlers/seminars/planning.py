"""A coordinator plans a seminar: a form, a look at it with whatever speaks against the time, then the invitations."""

from collections.abc import Sequence

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    Facts,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Part,
    Quote,
    Reply,
    joined,
    several,
    small,
    text,
)
from bot.errors import NotYours, Refusal
from handlers.replying import in_place
from handlers.seminars import form, rules
from handlers.seminars.cards import host_of, title_of, when_of
from handlers.seminars.keeping import filled, keep
from handlers.seminars.running import ask, run_card, tell_host
from handlers.turn import Turn
from storage import outbox, people, seminar_cards, seminar_offers, seminars
from storage.appointments import times_of
from storage.database import add_now
from storage.models import Seminar


class NobodyToAsk(Refusal):
    """There is nobody to invite: whoever you ticked is not there or has not said hello to me yet. Change it, and tick
    other teams."""


class TooLate(Refusal):
    """The time that you chose has passed. Change it, and choose another."""


def new(turn: Turn, event: Event) -> Reply:
    """The form of a seminar that nobody offered."""
    return OpenForm(_empty(turn, None, ()))


def plan(turn: Turn, event: Event) -> Reply:
    """The form of one that was offered or begun; with what is known of it, and the teams that share it ticked."""
    seminar = turn.session.get_one(Seminar, event.about)
    if seminar.state not in ("offered", "declined"):
        return in_place(turn, event, run_card(turn, seminar, line="It is planned already."))
    ticked = several(event.value) or tuple(str(team.id) for team in rules.sharing(turn, seminar))
    return OpenForm(_empty(turn, seminar.id, ticked).filled(filled(turn, seminar)))


def planned(turn: Turn, event: Event) -> Reply:
    """Keep what the form says, and show it with all that it will do. Nobody is asked yet."""
    seminar = None if event.about is None else turn.session.get(Seminar, event.about)
    if event.about is not None and seminar is None:
        raise NotYours
    if seminar is not None:
        seminar = seminars.locked(turn.session, seminar.id)
        if seminar.state not in ("offered", "declined"):
            return in_place(turn, event, run_card(turn, seminar, line="It is planned already."))
    said = form.read_form(event.answers, turn.now, turn.zone)
    known = {form.EVERYBODY, *(str(team.id) for team in people.teams(turn.session))}
    ticked = tuple(one for one in several(event.answers.get("teams", "")) if one in known)
    host = rules.meant_as_host(turn, event.answers.get("host", ""))
    problems = said if isinstance(said, dict) else {}
    if not ticked:
        problems["teams"] = "Tick at least one team, or everybody."
    if isinstance(host, str):
        problems["host"] = host
    if isinstance(said, dict) or isinstance(host, str) or problems:
        return FixAnswers(_empty(turn, event.about, ticked).filled(event.answers), problems)
    if seminar is None:
        seminar = Seminar(theme="", year=turn.policy.year_of(turn.today), title=b"", made_at=turn.now,
                          uid=seminar_offers.new_uid())  # fmt: skip
        keep(turn, seminar, said)
        add_now(turn.session, seminar)
    else:
        keep(turn, seminar, said)
    seminar.state, seminar.host_id, seminar.changed_by_id = "offered", host.id, turn.person.id
    seminar.off_the_job = event.answers.get("off") != "no"
    seminar.starts_at, seminar.ends_at = said.slot
    turn.session.flush()
    return in_place(turn, event, _preview(turn, seminar, ticked))


def _empty(turn: Turn, about: int | None, ticked: Sequence[str]) -> Form:
    return form.with_teams(form.PLAN, people.teams(turn.session), ticked, about)


def _preview(turn: Turn, seminar: Seminar, ticked: Sequence[str]) -> Message:
    asked, unknown = rules.invited_by(turn, ticked, seminar.host_id)
    title, value = title_of(turn, seminar), joined(ticked)
    host = host_of(turn, seminar)
    facts = [
        ("When", when_of(turn, seminar)),
        ("Where", turn.opened(seminar.where)),
        ("Held by", "you" if host is None or host.id == turn.person.id else host.name),
        ("Places", "any number" if seminar.places is None else str(seminar.places)),
        ("Learning time", "off the job" if seminar.off_the_job else "on the job"),
        ("Invited", f"{rules.teams_named(turn, ticked)}: {wording.count(len(asked), 'person', 'people')}"),
    ]
    parts: list[Part] = [text("**{title}.** Nobody is asked yet. Is this right?", title=title)]
    if seminar.about is not None:
        parts.append(Quote(turn.opened(seminar.about)))
    parts.append(Facts(tuple(facts)))
    against = rules.against(turn, times_of(seminar), host)
    parts.extend(text("**{line}**", line=line) for line in against)
    if unknown:
        parts.append(small("{number} of them have not said hello to me yet. I can’t ask them.", number=unknown))
    invite = f"Invite {wording.count(len(asked), 'person', 'people')}{' all the same' if against else ''}"
    change = Button("Change it", "seminars.plan", seminar.id, value, "primary" if against else "", opens_form=True)
    go_on = Button(invite, "seminars.invite", seminar.id, value, "" if against else "primary")
    buttons = (go_on, change) if asked else (change,)
    parts.append(Buttons((*buttons, Button("Not needed", "seminars.not_needed", seminar.id))))
    parts.append(small("Each is asked in their own chat, at work, once. I remind only those who come, the day before."))
    return Message(f"{title}: nobody is asked yet.", tuple(parts))


def invite(turn: Turn, event: Event) -> Reply:
    """Now it is planned: everybody who was ticked is asked, and it stands in the host's calendar."""
    seminar = seminars.locked(turn.session, event.about)
    if seminar.state != "offered":
        return in_place(turn, event, run_card(turn, seminar, line="It is planned already." if seminar.state ==
                                              "planned" else ""))  # fmt: skip
    if seminar.starts_at is None or seminar.starts_at <= turn.now:
        raise TooLate
    host = host_of(turn, seminar) or turn.person
    asked, _ = rules.invited_by(turn, several(event.value), host.id)
    if not asked:
        raise NobodyToAsk
    seminar.state, seminar.host_id, seminar.changed_by_id = "planned", host.id, None
    seminar.version += 1
    outbox.cancel(turn.session, seminar.id, seminar_cards.OFFER)
    turn.session.flush()
    seminars.hold(turn.session, seminar, host.id)
    tell_host(turn, seminar, host)
    ask(turn, seminar, asked)
    seminar_cards.show_host(turn.session, seminar, turn.now)
    return in_place(turn, event, run_card(turn, seminar, line="They are asked now, or when they are next at work."))
