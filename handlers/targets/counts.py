"""As what the need behind a target counts for the team: shown to its owner alone, with the ways to change that."""

from bot.chat import Button, Part, small
from handlers.turn import Turn
from storage import released_needs
from storage.models import Target


def possible(turn: Turn, target: Target) -> bool:
    """Whether there is a team for it to count for, and a theme to count as."""
    return target.state == "open" and turn.person.team_id is not None and bool(turn.policy.team_plans.themes)


def said(turn: Turn, target: Target) -> list[Part]:
    """As what it counts, for its owner."""
    released = released_needs.of_target(turn.session, target.id)
    if released is None or target.state != "open":
        return []
    theme = turn.policy.team_plans.theme(released.theme)
    if not theme:
        return []
    return [
        small("It counts for your team’s plan as “{theme}”: that alone, without your name, and only once at least "
              "{enough} people named it.", theme=theme, enough=turn.policy.reviews.shown_from)
    ]  # fmt: skip


def ways(turn: Turn, target: Target) -> tuple[Button, ...]:
    """How it can be let count, and no longer."""
    if released_needs.of_target(turn.session, target.id) is not None:
        return (Button("Don’t let it count any more", "targets.uncount", target.id),)
    if not possible(turn, target):
        return ()
    return (Button("Let this need count for our team", "targets.count", target.id, opens_form=True),)
