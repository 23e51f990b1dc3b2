"""The need behind a target counts for the team: its theme alone, once enough named it; taken back at will."""

from dataclasses import replace

from bot import wording
from bot.chat import Event, Field, FixAnswers, Form, OpenForm, Option, Reply, text
from bot.errors import Refusal
from handlers.replying import in_place
from handlers.targets.counts import possible
from handlers.targets.words import card
from handlers.turn import Turn
from storage import people, released_needs, targets
from storage.models import Target

COUNT = Form(
    "targets.counted",
    "Count for our team",
    (Field("theme", "What is it about?", "choice", "Only this is counted, never what you wrote"),),
    submit="Let it count",
)


class NothingToCount(Refusal):
    """This can't count for a team now: either you are in no team, or the target is closed."""


def form(turn: Turn, target: Target) -> Form:
    """The themes to choose from, after who sees what."""
    enough = turn.policy.reviews.shown_from
    team = people.team_of(turn.session, turn.person)
    intro = [
        text("Your team’s development plan can take up what its people want to learn. Nobody is told that you let this "
             "count, and nobody reads a word of it: I only ever say a theme, and only once at least {enough} people of "
             "your team named it.", enough=enough),
        text("I count when your team’s plan is begun. You can take it back whenever you like; what was counted by then "
             "says nothing of you."),
    ]  # fmt: skip
    if team is not None and not released_needs.large_enough(turn.session, team, enough):
        intro.append(
            text("Your team is so small that a theme would say too much of each of you: there it is not shown at all. "
                 "It still counts for the whole organisation.")
        )  # fmt: skip
    themes = tuple(Option(wording.shortened(one.label, 75), one.key) for one in turn.policy.team_plans.themes)
    fields = (replace(COUNT.fields[0], options=themes),)
    return replace(COUNT, fields=fields, intro=tuple(intro), about=target.id)


def count(turn: Turn, event: Event) -> Reply:
    """Ask as what it counts."""
    target = turn.session.get_one(Target, event.about)
    if not possible(turn, target):
        raise NothingToCount
    return OpenForm(form(turn, target))


def counted(turn: Turn, event: Event) -> Reply:
    """It counts from now on."""
    target = targets.locked(turn.session, event.about)
    if not possible(turn, target):
        raise NothingToCount
    theme = event.answers.get("theme", "")
    if not turn.policy.team_plans.theme(theme):
        return FixAnswers(form(turn, target).filled(event.answers), {"theme": "Choose one of these, or close this."})
    released_needs.release(turn.session, target, theme, turn.now)
    return in_place(turn, event, card(turn, target, "It counts for your team."))


def uncount(turn: Turn, event: Event) -> Reply:
    """It counts no longer."""
    target = targets.locked(turn.session, event.about)
    released_needs.take_back(turn.session, target.id)
    return in_place(turn, event, card(turn, target, "It doesn’t count for your team any more."))
