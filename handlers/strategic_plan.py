"""The strategic plan in chat: everybody sees what is for their team, the coordinator adds, changes and retires."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    Facts,
    Field,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Option,
    Part,
    Quote,
    Reply,
    Say,
    Select,
    small,
    text,
)
from bot.errors import NotYours
from handlers.deadlines import day_or_kept
from handlers.quoting import page_of
from handlers.registry import Conversation, command
from handlers.replying import in_place
from handlers.turn import Turn
from storage import people, strategic_plan
from storage.models import StrategicItem, Team
from storage.strategic_file import LONGEST_CODE, LONGEST_WORDS, code_problem

FURTHEST = timedelta(days=10 * 366)
ON_A_PAGE = 15
SHOWN = 300  # characters of an item in a list
_FIELDS = (
    Field("words", "What is the priority?", "paragraph", "On one line"),
    Field("code", "A short code for it", hint="It stays the same from year to year. I find one if you leave this empty",
          required=False),
    Field("team", "Which team is it for?", "choice", "Leave this empty for all teams", required=False),
    Field("research", "Is it a research project?", "yesno", required=False),
    Field("due", "By when?", hint="In your own words: by 31 July 2027, the end of August", required=False),
)  # fmt: skip
ADD = Form("strategic.added", "Add to the plan", _FIELDS)
CHANGE = Form("strategic.changed", "Change this", _FIELDS)

# --------------------------------------------------------------------------------------------------------------- words


def _plan(turn: Turn, page: int = 1, note: str = "") -> Message:
    """The strategic plan: all of it for the coordinator, to change; for the others what is for their team."""
    coordinates = turn.person.role == "coordinator"
    found = (
        strategic_plan.in_force(turn.session)
        if coordinates
        else strategic_plan.for_team(turn.session, turn.person.team_id)
    )
    pages = max(1, -(-len(found) // ON_A_PAGE))
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    parts: list[Part] = [text("**{note}**", note=note)] if note else []
    parts.append(text("**The strategic plan.** {count}.", count=wording.count(len(found), "item")))
    parts += [text("**{code}** {line}", code=item.code, line=_line(turn, item)) for item in shown]
    if coordinates and shown:
        options = tuple(Option(wording.shortened(f"{item.code} {item.words}", 75), str(item.id)) for item in shown)
        parts.append(Select("Change or retire one", "strategic.open", options))
    buttons: list[Button] = []
    if coordinates:
        buttons.append(Button("Add an item", "strategic.add", opens_form=True))
    if page < pages:
        buttons.append(Button(f"Next page ({page + 1} of {pages})", "strategic.page", value=str(page + 1)))
    if page > 1:
        buttons.append(Button("Back", "strategic.page", value=str(page - 1)))
    if buttons:
        parts.append(Buttons(tuple(buttons)))
    if coordinates:
        parts.append(small("Leads are offered these for their teams' plans. A whole file is put in with "
                           "learnbot plan import."))  # fmt: skip
    return Message("The strategic plan", tuple(parts))


def _line(turn: Turn, item: StrategicItem) -> str:
    return f"{wording.shortened(item.words, SHOWN)} ({', '.join(_about(turn, item))})"


def _about(turn: Turn, item: StrategicItem) -> list[str]:
    team = turn.session.get(Team, item.team_id) if item.team_id is not None else None
    said = [f"for {team.name}" if team is not None else "for all teams"]
    if item.research:
        said.append("a research project")
    if item.due_on is not None:
        said.append(f"by {wording.day_and_year(item.due_on)}")
    return said


def _card(turn: Turn, item: StrategicItem, note: str = "") -> Message:
    """One item, for the coordinator."""
    parts: list[Part] = [text("**{note}**", note=note)] if note else []
    parts += [Quote(item.words), Facts((("Code", item.code), ("It is", ", ".join(_about(turn, item)))))]
    buttons = [Button("Change", "strategic.change", item.id, opens_form=True)]
    if item.retired_at is None:
        buttons.append(Button("Retire", "strategic.retire", item.id))
    else:
        parts.append(text("It is retired: it is offered to nobody, and stays in the plans that took it up."))
        buttons.append(Button("Put it back into force", "strategic.restore", item.id))
    buttons.append(Button("The whole plan", "strategic.page", value="1"))
    parts.append(Buttons(tuple(buttons)))
    return Message(f"{item.code} {wording.shortened(item.words, 80)}", tuple(parts))


# ---------------------------------------------------------------------------------------------------------------- form


def _form(turn: Turn, form: Form, item: StrategicItem | None = None) -> Form:
    """The form with the teams that can be chosen; with the item as it is, where it is changed."""
    teams = tuple(Option(wording.shortened(team.name, 75), str(team.id)) for team in people.teams(turn.session)[:99])
    fields = tuple(replace(one, options=teams) if one.name == "team" else one for one in form.fields)
    with_teams = replace(form, fields=fields if teams else tuple(one for one in fields if one.name != "team"))
    if item is None:
        return with_teams
    return replace(with_teams, about=item.id).filled(
        {
            "words": item.words,
            "code": item.code,
            "team": str(item.team_id or ""),
            "research": "yes" if item.research else "no",
            "due": wording.day_and_year(item.due_on) if item.due_on is not None else "",
        }
    )


def _read(
    turn: Turn, event: Event, before: StrategicItem | None
) -> tuple[str, str, int | None, bool, date | None] | dict[str, str]:
    """Code, words, team, whether it is research, and the day; or what to ask about, by field."""
    problems: dict[str, str] = {}
    words = " ".join(event.answers.get("words", "").split())
    if not words:
        problems["words"] = "Write a few words, or close this."
    elif len(words) > LONGEST_WORDS:
        problems["words"] = f"Keep it to {LONGEST_WORDS} characters, please."
    code = " ".join(event.answers.get("code", "").split())
    code = code or (before.code if before is not None else strategic_plan.next_code(turn.session))
    other = strategic_plan.coded(turn.session, code)
    if code_problem(code):
        problems["code"] = f"A code has up to {LONGEST_CODE} characters, and neither spaces nor commas in it."
    elif other is not None and (before is None or other.id != before.id):
        retired = " It is retired." if other.retired_at is not None else ""
        problems["code"] = f"That code is taken already.{retired} Choose another, or leave this empty."
    chosen = event.answers.get("team", "")
    teams = {str(team.id): team.id for team in people.teams(turn.session)}
    if chosen and chosen not in teams:
        problems["team"] = "Choose one of the teams, or none for all of them."
    typed = " ".join(event.answers.get("due", "").split())[:300]
    due_on, clear = day_or_kept(turn, typed, before.due_on if before is not None else None, FURTHEST)
    if typed and (due_on is None or not clear):
        problems["due"] = "I can’t tell which day that is. Write it like 31 July 2027, or leave this empty."
    return problems or (code, words, teams.get(chosen), event.answers.get("research") == "yes", due_on)


# ------------------------------------------------------------------------------------------------------------ handlers


def show(turn: Turn, event: Event) -> Reply:
    """The strategic plan."""
    return Say(_plan(turn), private=True)


def page(turn: Turn, event: Event) -> Reply:
    """Another page of it."""
    return in_place(turn, event, _plan(turn, page_of(event.value)))


def open_(turn: Turn, event: Event) -> Reply:
    """One item, chosen from the list."""
    item = turn.session.get(StrategicItem, event.number or 0)
    if item is None:
        raise NotYours
    return in_place(turn, event, _card(turn, item))


def add(turn: Turn, event: Event) -> Reply:
    """The empty form."""
    return OpenForm(_form(turn, ADD))


def added(turn: Turn, event: Event) -> Reply:
    """Put it into the plan."""
    read = _read(turn, event, None)
    if isinstance(read, dict):
        return FixAnswers(_form(turn, ADD).filled(event.answers), read)
    code, words, team_id, research, due_on = read
    item = StrategicItem(code=code, words=words, made_at=turn.now, research=research, team_id=team_id, due_on=due_on)
    if not strategic_plan.add(turn.session, item):  # the same code, on another screen, at the same moment
        return FixAnswers(_form(turn, ADD).filled(event.answers), {"code": "That code is taken already."})
    return in_place(turn, event, _plan(turn, _page_of(turn, item), f"Put in as {code}."))


def _page_of(turn: Turn, item: StrategicItem) -> int:
    found: Sequence[StrategicItem] = strategic_plan.in_force(turn.session)
    return next((number for number, one in enumerate(found) if one.id == item.id), 0) // ON_A_PAGE + 1


def change(turn: Turn, event: Event) -> Reply:
    """One item, to be changed."""
    return OpenForm(_form(turn, CHANGE, _held(turn, event)))


def changed(turn: Turn, event: Event) -> Reply:
    """Keep the changed item. The plans of teams keep the words that they took up."""
    item = _held(turn, event)
    read = _read(turn, event, item)
    if isinstance(read, dict):
        return FixAnswers(_form(turn, CHANGE, item).filled(event.answers), read)
    item.code, item.words, item.team_id, item.research, item.due_on = read
    turn.session.flush()
    return in_place(turn, event, _card(turn, item, "Changed."))


def retire(turn: Turn, event: Event) -> Reply:
    """It is offered to nobody any more; what took it up keeps it."""
    item = _held(turn, event)
    item.retired_at = item.retired_at or turn.now
    return in_place(turn, event, _card(turn, item))


def restore(turn: Turn, event: Event) -> Reply:
    """It is in force again."""
    item = _held(turn, event)
    item.retired_at = None
    return in_place(turn, event, _card(turn, item, "It is in force again."))


def _held(turn: Turn, event: Event) -> StrategicItem:
    item = strategic_plan.locked(turn.session, event.about)
    if item is None:
        raise NotYours
    return item


CONVERSATION = Conversation(
    name="strategic",
    actions={
        "strategic.show": show,
        "strategic.page": page,
        "strategic.open": open_,
        "strategic.add": add,
        "strategic.added": added,
        "strategic.change": change,
        "strategic.changed": changed,
        "strategic.retire": retire,
        "strategic.restore": restore,
    },
    forms=(ADD, CHANGE),
    commands=(
        command(
            r"(?:(?:show|see|open)\s+)?(?:me\s+)?(?:the\s+|our\s+)?strategic\s+plan[.!?]?",
            "strategic.show",
            "strategic plan",
            "the organisation's priorities for your team and for all",
        ),
    ),
)
