"""What the bot shows of one item of a team's plan, and how it can be said to stand."""

from bot import wording
from bot.chat import Button, Buttons, Facts, Message, Part, Quote, text
from handlers.team_plans import rules
from handlers.team_plans.reading import content, facts, short
from handlers.turn import Turn
from storage import team_plans
from storage.models import DevelopmentPlan, Person, PlanItem, PlanItemStep, Team
from storage.team_plans import ITEM


def state_buttons(item: PlanItem, where_from: str = "") -> tuple[Button, ...]:
    """How it can be said to stand; `where_from` is what is shown again afterwards."""
    ways: list[Button] = []
    if item.state != "under_way":
        ways.append(Button("Under way", "team_plans.noted", item.id, f"under_way:{where_from}"))
    if item.state != "done":
        ways.append(Button("Done", "team_plans.noted", item.id, f"done:{where_from}"))
    say = "Dropped, or say more" if item.state != "dropped" else "Say more"
    ways.append(Button(say, "team_plans.say_state", item.id, where_from, opens_form=True))
    return tuple(ways)


def item_card(turn: Turn, item: PlanItem, note: str = "") -> Message:
    """One item with everything about it, and what the reader can do."""
    plan = turn.session.get_one(DevelopmentPlan, item.plan_id)
    team = turn.session.get_one(Team, plan.team_id)
    said = content(turn, item)
    leads = team.lead_id == turn.person.id
    parts: list[Part] = [text("**{note}**", note=note)] if note else []
    parts += [Quote(said.need), Facts(facts(turn, item, said))]
    parts += _history(turn, item)
    buttons: list[Button] = []
    if leads and plan.state == "draft":
        buttons += [
            Button("Change", "team_plans.change", item.id, opens_form=True),
            Button("Move up", "team_plans.move_up", item.id),
            Button("Remove", "team_plans.before_removed", item.id),
        ]
    if plan.state == "agreed" and (leads or item.leads_id == turn.person.id):
        buttons += state_buttons(item)
    if leads and plan.state == "agreed":
        buttons.append(Button("Who, when, cost", "team_plans.arrange", item.id, opens_form=True))
    buttons.append(Button("Back to the plan", "team_plans.see", plan.id, "back"))
    parts.append(Buttons(tuple(buttons)))
    return Message(short(said.need, 100), tuple(parts), ITEM, item.id)


def _history(turn: Turn, item: PlanItem) -> list[Part]:
    parts: list[Part] = []
    for step in team_plans.steps(turn.session, item.id)[-5:]:
        day = wording.day_and_year(step.at.astimezone(turn.zone).date())
        parts.append(text("{day}: **{state}**{by}", day=day, state=rules.STATES[step.state], by=_by(turn, step)))
        if step.words is not None:
            parts.append(Quote(turn.opened(step.words)))
    return parts


def _by(turn: Turn, step: PlanItemStep) -> str:
    person = turn.session.get(Person, step.by_id) if step.by_id is not None else None
    return f" ({person.name})" if person is not None and person.left_at is None else ""


def before_removed(turn: Turn, item: PlanItem) -> Message:
    """Asked before an item goes."""
    need = turn.opened(item.need)
    buttons = (
        Button("Remove it", "team_plans.remove", item.id, style="danger"),
        Button("Keep it", "team_plans.item", item.id, "back"),
    )
    return Message("Remove this from the plan?", (text("Remove this from the plan?"), Quote(need), Buttons(buttons)))
