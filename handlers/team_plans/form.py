"""The forms of team plans, and what is read from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot import wording
from bot.chat import Field, Form, Option, several, text
from handlers import amounts
from handlers.deadlines import day_or_kept
from handlers.team_plans import rules
from handlers.team_plans.offers import GROUPS, Offer
from handlers.team_plans.reading import content
from handlers.turn import Turn
from storage.models import DevelopmentPlan, PlanItem

_NEED = Field("need", "What is needed?", "paragraph", "One thing: we all can run a restorative meeting")
_WHO_FOR = Field("who_for", "Who for?", hint="All of us, the new ones, two of the officers", required=False)
_HOW = Field("how", "How?", "choice", "Choose a kind, or say it below", required=False)
_HOW_WORDS = Field("how_words", "How, in your own words?", required=False)
_CRITERIA = Field("criteria", "How will we know?", "paragraph", "A number, or something that somebody could see",
                  required=False)  # fmt: skip
_DUE = Field("due", "By when?", hint="In your own words: by 30 April, in three weeks, the end of June", required=False)
_LEADS = Field("leads", "Who leads it?", "choice", "Somebody of the team; they can note how it stands", required=False)
_COST = Field("cost", "What does it cost?", hint="If it is known: £120, or free", required=False)
_THEME = Field("theme", "What is it about?", "choice", "So that needs that several teams share are found",
               required=False)  # fmt: skip
_FIELDS = (_NEED, _WHO_FOR, _HOW, _HOW_WORDS, _CRITERIA, _DUE, _LEADS, _COST, _THEME)
ADD = Form("team_plans.added", "An item of the plan", _FIELDS)
CHANGE = Form("team_plans.changed", "Change the item", _FIELDS)
ARRANGE = Form("team_plans.arranged", "Who, when, cost", (_DUE, _LEADS, _COST))
CHOOSE = Form(
    "team_plans.taken_up",
    "What goes into the plan",
    tuple(Field(group, heading, "choices", required=False) for group, heading in GROUPS.items()),
    submit="Put it in",
)
OBJECT = Form(
    "team_plans.objected",
    "What you would change",
    (Field("words", "What would you change?", "paragraph", "Your team reads this in the channel, with your name"),),
    submit="Say it",
)
_STATES = tuple(Option(label[0].upper() + label[1:], name) for name, label in rules.STATES.items())
STATE = Form(
    "team_plans.state_said",
    "How it stands",
    (
        Field("state", "How does it stand?", "choice", options=_STATES),
        Field("words", "How is it going, or why was it dropped?", "paragraph",
              "Your team can read this. Only what was dropped needs a reason", required=False),
    ),
)  # fmt: skip
SEVERAL_AT_ONCE = "It was changed in the meantime. Send this again to put yours in its place, or close it to keep that."


@dataclass(frozen=True)
class Read:
    """What a form said of an item, by what the item calls it; `due_on` and the rest as they are kept."""

    words: Mapping[str, str]
    how: str
    due_on: date | None
    leads_id: int | None
    cost: int | None
    theme: str


def with_choices(turn: Turn, form: Form, plan: DevelopmentPlan) -> Form:
    """The form with the kinds of activity, the people and the themes that can be chosen here."""
    options = {
        "how": tuple(Option(one.label, one.key) for one in turn.policy.courses.activities),
        "leads": tuple(
            Option(wording.shortened(person.name, 75), str(person.id)) for person in rules.people_of(turn, plan.team_id)
        )[:99],
        "theme": tuple(Option(one.label, one.key) for one in turn.policy.team_plans.themes),
    }
    fields = [
        replace(field, options=options.get(field.name, field.options))
        for field in form.fields
        if field.kind != "choice" or field.name not in options or options[field.name]
    ]
    return replace(form, fields=tuple(fields))


def filled(turn: Turn, form: Form, item: PlanItem) -> Form:
    """The form with the item as it is, and a mark of when that was."""
    said = content(turn, item)
    return replace(form, about=item.id, value=rules.stamp(item.changed_at or item.made_at)).filled(
        {
            "need": said.need,
            "who_for": said.who_for,
            "how": item.how,
            "how_words": said.how_words,
            "criteria": said.criteria,
            "due": wording.day_and_year(item.due_on) if item.due_on is not None else "",
            "leads": str(item.leads_id or ""),
            "cost": amounts.cost_in_words(item.cost) if item.cost is not None else "",
            "theme": item.theme,
        }
    )


def read_item(
    turn: Turn, plan: DevelopmentPlan, answers: Mapping[str, str], before: PlanItem | None = None
) -> Read | dict[str, str]:
    """What a form says of an item; or what to ask about it, by field.

    A day that the item has already may stay though it is past, and so may a kind or theme that is no longer offered.
    """
    words = {name: answers.get(name, "").strip() for name in rules.LONGEST}
    problems = {
        name: f"Keep it to {longest:,} characters, please."
        for name, longest in rules.LONGEST.items()
        if len(words[name]) > longest
    }
    if not words["need"]:
        problems["need"] = "Write a few words, or close this."
    when, who, cost = _arranged(turn, plan, answers, before, problems)
    keys = {one.key for one in turn.policy.courses.activities} | {before.how if before is not None else ""}
    themes = {one.key for one in turn.policy.team_plans.themes} | {before.theme if before is not None else ""}
    how, theme = answers.get("how", ""), answers.get("theme", "")
    if problems:
        return problems
    return Read(words, how if how in keys else "", when, who, cost, theme if theme in themes else "")


def read_arranged(
    turn: Turn, plan: DevelopmentPlan, answers: Mapping[str, str], before: PlanItem
) -> tuple[date | None, int | None, int | None] | dict[str, str]:
    """By when, who leads and what it costs, as the short form says; or what to ask about it."""
    problems: dict[str, str] = {}
    read = _arranged(turn, plan, answers, before, problems)
    return problems or read


def _arranged(
    turn: Turn, plan: DevelopmentPlan, answers: Mapping[str, str], before: PlanItem | None, problems: dict[str, str]
) -> tuple[date | None, int | None, int | None]:
    typed = " ".join(answers.get("due", "").split())[:300]
    due_on, clear = day_or_kept(turn, typed, before.due_on if before is not None else None, rules.FURTHEST)
    if typed and (due_on is None or not clear):
        problems["due"] = "I can’t tell which day that is. Write it like 30 April 2026, or leave this empty."
    chosen = answers.get("leads", "")
    here = {str(person.id): person.id for person in rules.people_of(turn, plan.team_id)}
    if chosen and chosen not in here:
        problems["leads"] = "Choose somebody who is in the team now, or nobody."
    amount = " ".join(answers.get("cost", "").split())
    cost = amounts.read_cost(amount[:100]) if amount else None
    if amount and cost is None:
        problems["cost"] = "Write an amount like £120 or 120.50, or “free”; or leave this empty."
    return due_on, here.get(chosen), cost


def choose(turn: Turn, plan: DevelopmentPlan, found: Sequence[Offer]) -> Form:
    """What can be taken into the plan, to be ticked; only the sources that have something."""
    fields = [
        replace(
            field,
            options=tuple(
                Option(wording.shortened(" ".join(offer.words.split()), 75), offer.key)
                for offer in found
                if offer.group == field.name
            ),
        )
        for field in CHOOSE.fields
    ]
    enough = turn.policy.reviews.shown_from
    intro = (text("Each item says where it came from. You can change everything else about it afterwards."),)
    if any(offer.group == "individual" for offer in found):
        intro += (text("A theme from individual plans was named by at least {enough} people.", enough=enough),)
    return replace(CHOOSE, fields=tuple(field for field in fields if field.options), intro=intro, about=plan.id)


def chosen(answers: Mapping[str, str], found: Sequence[Offer]) -> list[Offer]:
    """The offers that were ticked, as far as they are still there."""
    ticked = {(group, key) for group in GROUPS for key in several(answers.get(group, ""))}
    return [offer for offer in found if (offer.group, offer.key) in ticked]
