"""A need that several teams' plans share is offered to the coordinators as a seminar: once for a theme and year."""

from dataclasses import replace
from datetime import datetime

from bot import wording
from bot.chat import Button, Buttons, Event, Message, Part, Replace, Reply, Say, small, text
from handlers import asking
from handlers.seminars import rules
from handlers.seminars.cards import host_of, title_of, when_of
from handlers.seminars.running import run_card
from handlers.turn import Turn
from storage import outbox, people, reminders, seminar_cards, seminar_offers, seminars, team_plans
from storage.models import Seminar


def owe_offers(turn: Turn, until: datetime) -> None:
    """Offer what at least two teams' plans share, and owe each coordinator one card about it, on a working morning."""
    year = turn.policy.year_of(turn.today)
    shared = {one.theme for one in team_plans.shared_themes(turn.session, year)}
    for theme in sorted(shared - seminar_offers.offered(turn.session, year)):
        title = rules.title_of_theme(turn.policy, theme)
        seminar_offers.offer(turn.session, turn.keyring, theme=theme, title=title, year=year, now=turn.now)
    for seminar in seminar_offers.undecided(turn.session, year):
        if seminar.theme in shared:
            _owe_cards(turn, seminar, until)


def _owe_cards(turn: Turn, seminar: Seminar, until: datetime) -> None:
    owed = reminders.states(turn.session, f"{seminar_cards.OFFER}/{seminar.id}/")
    for coordinator in people.coordinators(turn.session):
        if coordinator.joined_at is None:
            continue
        again = seminar_offers.offer_key(seminar.id, coordinator.id, again=True)
        found_nobody = owed.get(again) == "closed"  # it was put off, and they were away when it came back
        key = again if found_nobody else seminar_offers.offer_key(seminar.id, coordinator.id)
        if owed.get(key, "closed") != "closed":
            continue
        at = asking.morning(turn, coordinator, turn.today)
        if at <= until:
            reminders.remind(turn.session, seminar_cards.OFFER, about=seminar.id, to=coordinator.id, at=at, key=key)


def offer_notice(turn: Turn, about: int | None) -> Message | None:
    """The card, when it goes: nothing once it is decided, no longer shared, or its reader is not to be asked now."""
    seminar = turn.session.get(Seminar, about)
    if seminar is None or turn.person.role != "coordinator":
        return None
    if not outbox.is_being_sent(turn.session, seminar_cards.OFFER, seminar.id, turn.person.id):
        return offer_card(turn, seminar)
    undecided = seminar.state == "offered" and bool(rules.sharing(turn, seminar))
    return offer_card(turn, seminar) if undecided and asking.may_be_asked(turn, turn.person) else None


def offer_card(turn: Turn, seminar: Seminar, *, line: str = "") -> Message:
    """What is shared, by which teams, and what can be done about it; or what became of it."""
    title = title_of(turn, seminar)
    parts: list[Part] = [text("{line}", line=line)] if line else []
    if seminar.state not in ("offered", "declined") and seminar.host_id == turn.person.id:
        return replace(run_card(turn, seminar, line=line), notice=seminar_cards.OFFER)
    if seminar.state == "declined":
        parts.append(text("A seminar on **{title}** is not needed this year.", title=title))
        parts.append(Buttons((Button("Plan it after all", "seminars.plan", seminar.id, opens_form=True),)))
    elif seminar.state != "offered":
        host = host_of(turn, seminar)
        by = "" if host is None else f" {host.name} holds it."
        became = {"planned": "is planned", "held": "took place", "cancelled": "was cancelled"}[seminar.state]
        when = when_of(turn, seminar) if seminar.starts_at is not None else ""
        parts.append(text("The seminar **{title}** {became}: {when}.{by}", title=title, became=became, when=when,
                          by=by))  # fmt: skip
        parts.append(Buttons((Button("Open it", "seminars.run", seminar.id),)))
    else:
        parts.extend(_question(turn, seminar, title))
    return Message(f"A seminar on {title}?", tuple(parts), seminar_cards.OFFER, seminar.id)


def _question(turn: Turn, seminar: Seminar, title: str) -> list[Part]:
    teams = [team.name for team in rules.sharing(turn, seminar)]
    buttons = [Button("Plan it", "seminars.plan", seminar.id, style="primary", opens_form=True)]
    if not seminar_offers.was_put_off(turn.session, seminar.id, turn.person.id):
        buttons.append(Button("Not now", "seminars.not_now", seminar.id))
    buttons.append(Button("Not needed", "seminars.not_needed", seminar.id))
    named = "The plans that named it have changed since."
    if teams:
        named = f"{wording.count(len(teams), 'team')} name it in their development plans: {wording.listed(teams)}."
    return [
        text("**A seminar on {title}?** {named}", title=title, named=named),
        text("One seminar could serve them all. You choose when, where and who is invited, and see it first."),
        Buttons(tuple(buttons)),
        small("I ask coordinators once about each theme and year, because teams’ plans are known to you. Whose needs "
              "are behind them is not."),
    ]  # fmt: skip


def consider(turn: Turn, event: Event) -> Reply:
    """The offer, with what can be done about it."""
    return Say(offer_card(turn, turn.session.get_one(Seminar, event.about)), private=True)


def not_now(turn: Turn, event: Event) -> Reply:
    """Bring it up once more next term; a second time it is left to the coordinator."""
    seminar = seminars.locked(turn.session, event.about)
    if seminar.state != "offered":
        return Replace(offer_card(turn, seminar))
    key = seminar_offers.offer_key(seminar.id, turn.person.id, again=True)
    at = asking.morning(turn, turn.person, rules.next_term(turn.policy, turn.today))
    line = "Fine. Say `seminars` whenever you want to come back to it."
    if outbox.owe(turn.session, seminar_cards.OFFER, about=seminar.id, to=turn.person.id, at=at, key=key):
        line = f"Fine. I’ll bring it up once more on {wording.day_and_year(at.astimezone(turn.zone).date())}."
    return Replace(offer_card(turn, seminar, line=line))


def not_needed(turn: Turn, event: Event) -> Reply:
    """No seminar on this theme in this year; other coordinators see that it is decided."""
    seminar = seminars.locked(turn.session, event.about)
    if seminar.state == "offered":
        seminar.state = "declined"
        outbox.cancel(turn.session, seminar.id, seminar_cards.OFFER)
        seminar_cards.show_host(turn.session, seminar, turn.now)
    return Replace(offer_card(turn, seminar) if seminar.state == "declined" else run_card(turn, seminar))
