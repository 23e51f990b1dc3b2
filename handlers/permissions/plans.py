"""Who somebody must be in a team's development plan: of the team, its lead, or whoever leads an item."""

from bot.chat import Event
from bot.errors import NotAllowed
from handlers.turn import Turn
from storage import people
from storage.models import DevelopmentPlan, PlanItem


class NotOfTheTeam(NotAllowed):
    """A team's plan is made by the people of that team. If that is you, ask your coordinator to check yours."""


def is_of_the_team(turn: Turn, event: Event) -> bool:
    """A member or the lead of the team that this is about; told kindly to others, who may be in its channel."""
    if not people.is_of(turn.session, turn.person, event.about):
        raise NotOfTheTeam
    return True


def leads_the_team(turn: Turn, event: Event) -> bool:
    """The lead of the team that this is about."""
    return people.leads(turn.session, turn.person, event.about)


def is_of_the_plan(turn: Turn, event: Event) -> bool:
    """A member or the lead of the team whose plan this is."""
    return people.is_of(turn.session, turn.person, _team_of_plan(turn, event))


def speaks_to_the_plan(turn: Turn, event: Event) -> bool:
    """The same, told kindly to others: the card with its buttons stands in a channel that they may be in."""
    if not is_of_the_plan(turn, event):
        raise NotOfTheTeam
    return True


def leads_the_plan(turn: Turn, event: Event) -> bool:
    """The lead of the team whose plan this is."""
    return people.leads(turn.session, turn.person, _team_of_plan(turn, event))


def sees_the_item(turn: Turn, event: Event) -> bool:
    """A member or the lead of the team in whose plan this item is."""
    return people.is_of(turn.session, turn.person, _team_of_item(turn, event))


def changes_the_item(turn: Turn, event: Event) -> bool:
    """The lead of the team in whose plan this item is."""
    return people.leads(turn.session, turn.person, _team_of_item(turn, event))


def works_on_the_item(turn: Turn, event: Event) -> bool:
    """Whoever leads this item, and the lead of the team."""
    item = turn.session.get(PlanItem, event.about) if event.about is not None else None
    if item is None or not sees_the_item(turn, event):
        return False
    return item.leads_id == turn.person.id or changes_the_item(turn, event)


def _team_of_plan(turn: Turn, event: Event) -> int | None:
    plan = turn.session.get(DevelopmentPlan, event.about) if event.about is not None else None
    return None if plan is None else plan.team_id


def _team_of_item(turn: Turn, event: Event) -> int | None:
    item = turn.session.get(PlanItem, event.about) if event.about is not None else None
    plan = turn.session.get(DevelopmentPlan, item.plan_id) if item is not None else None
    return None if plan is None else plan.team_id
