"""The simulated year: the same seed plays the same year, and at its end every promise was kept."""

import re
from dataclasses import dataclass, field

import pytest

from bot.chat import Field, Form, Message, Option, Quote
from bot.chat.packing import pack, unpack
from bot.console import Screen, in_words
from bot.platforms import Address, Sent
from bot.slack.render import messages as slack
from bot.teams.render import cards as teams
from bot.year import play
from bot.year_print import Lots
from tests.slack.test_render import check as slack_would_take
from tests.teams.test_render import valid as teams_would_take

AWAY = ("Mon 8 Feb", "Tue 9 Feb", "Wed 10 Feb", "Thu 11 Feb", "Fri 12 Feb")
TEAM = "Children's Services"
ALL = {"Amina", "Ben", "Chloe", "Dan", "Ola", "Grace", "Farid", "Cora"}
REMINDERS = ("Tomorrow: ", "Coming up: ", "In 15 minutes: ")
WHEN = r"\w{3} \d+ \w{3}, \d\d:\d\d–\d\d:\d\d"


@dataclass(frozen=True)
class Seen:
    """What somebody did or was shown. `does` is `types`, `taps`, `sees`, `sees change` and so on."""

    at: str
    who: str
    does: str
    words: str


def everything(year: list[str]) -> list[Seen]:
    """What is printed of the year, in order, each with the lines that belong to it."""
    found: list[Seen] = []
    for line in year:
        begins = re.match(
            r"(\w{3} \d+ \w{3}, \d\d:\d\d)  "
            r"([\w' ]+?) "
            r"(sees change|sees|shows change|shows|taps|chooses|fills in|reads|types): (.*)",
            line,
        )
        if begins:
            found.append(Seen(*begins.groups()))
        elif found and line.startswith(" " * 19):
            last = found.pop()
            found.append(Seen(last.at, last.who, last.does, f"{last.words}\n{line.strip()}"))
    return found


def places(seen: list[Seen], who: str, does: str, words: str) -> list[int]:
    """Where in the year somebody did or saw that."""
    return [n for n, one in enumerate(seen) if one.who == who and one.does == does and words in one.words]


@dataclass
class Recorder(Screen):
    """A screen that remembers every message it ever showed, changed ones included."""

    shown: dict[str, Message] = field(default_factory=dict)

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        self.shown[pack(message)] = message
        return await super().send(to, message, key)

    async def update(self, sent: Sent, message: Message) -> None:
        self.shown[pack(message)] = message
        await super().update(sent, message)


@pytest.fixture(scope="module")
def screen() -> Recorder:
    """What everybody saw in that year."""
    return Recorder()


@pytest.fixture(scope="module")
def year(screen: Recorder) -> list[str]:
    """What is printed of the year with seed 1."""
    return played(screen)


@pytest.fixture
def messages(year: list[str], screen: Recorder) -> list[Message]:
    """Every message of that year, with all that it changed into."""
    return list(screen.shown.values())


def played(screen: Screen) -> list[str]:
    lines: list[str] = []
    assert play("southampton", 1, show=lines.append, screen=screen) == 0
    return lines


def test_the_same_seed_plays_the_same_year(year: list[str]) -> None:
    assert played(Screen()) == year


def test_everybody_had_what_they_were_promised(year: list[str]) -> None:
    summary = year[next(n for n, line in enumerate(year) if line.startswith("\nThe learning year")) :]
    people = [found for line in summary if (found := re.search(r"(\d)/3 +([\d.]+) of ([\d.]+) ", line))]
    assert len(people) == 8
    for met, had, promised in (found.groups() for found in people):
        assert met == "3"
        assert float(had) >= float(promised)
    assert {one[3] for one in people} == {"2", "2.5", "3"}  # some work part of the week
    assert sum("review closed" in line for line in summary) == 2
    assert "  Children's Services: review closed, 5 answered, 2 findings" in summary
    assert "  Inclusion: review closed, 3 answered, 1 finding" in summary
    assert "  Children's Services: plan agreed, 1 done, 1 under way" in summary
    assert "  Inclusion: plan agreed, 1 done" in summary
    assert [line for line in summary if re.match(r"  Seminar, .*: held, [5-7] were there", line)]


def test_nobody_was_written_to_at_night_or_at_the_weekend(year: list[str]) -> None:
    seen = [line for line in year if re.match(r"\w{3} \d+ \w{3}, \d\d:\d\d  \w+ sees", line)]
    assert len(seen) > 300
    assert not [line for line in seen if line.startswith(("Sat", "Sun"))]
    assert {int(re.search(r", (\d\d):", line)[1]) for line in seen} <= set(range(8, 19))


def test_nobody_was_asked_twice_for_the_same_reflection(year: list[str]) -> None:
    asked = [line.split("  ", 1)[1] for line in year if "sees: You were on" in line]
    assert len(asked) == len(set(asked)) > 20


def test_somebody_moves_an_interview_by_typing_and_hears_no_more_of_the_time_it_was(year: list[str]) -> None:
    seen = everything(year)
    (typed,) = places(seen, "Amina", "types", "can we do Thursday instead")
    booked = re.search(rf"Booked: ({WHEN}) with Ben Carter", seen[typed - 1].words)
    assert booked
    moved = [n for n in places(seen, "Amina", "sees", "Booked: Thu ") if n > typed]
    assert "Moved, as you suggested." in seen[moved[0]].words
    for who, other in (("Amina", "Ben Carter"), ("Ben", "Amina Khan")):
        assert not [words for words in REMINDERS if places(seen, who, "sees", f"{words}{other}, {booked[1]}")]


def test_somebody_cancels_says_why_and_books_again(year: list[str]) -> None:
    seen = everything(year)
    (cancelled,) = places(seen, "Farid", "fills in", "Cancel this interview?")
    told = [one for one in seen[cancelled:] if one.does == "sees" and "Farid cancelled it." in one.words]
    assert len(told) == 1
    assert "The inspectors come that day." in told[0].words
    assert [n for n in places(seen, "Farid", "sees", "Booked: ") if n > cancelled]


def test_nobody_is_reminded_of_what_was_not_booked_or_was_cancelled(year: list[str]) -> None:
    standing: set[tuple[str, str, str]] = set()
    reminded = 0
    for one in everything(year):
        for state, when, other in re.findall(rf"(Booked|Cancelled): ({WHEN}) with (\w+ \w+)", one.words):
            (standing.add if state == "Booked" else standing.discard)((one.who, when, other))
        reminder = re.match(rf"(?:{'|'.join(REMINDERS)})(\w+ \w+), ({WHEN})", one.words)
        if reminder and one.does == "sees":
            reminded += 1
            assert (one.who, reminder[2], reminder[1]) in standing
    assert reminded > 50


def test_who_is_away_for_a_week_is_offered_and_booked_nothing_then(year: list[str]) -> None:
    seen = everything(year)
    (told,) = places(seen, "Ben", "types", "I'm away from Mon 8 Feb 2027 to Fri 12 Feb 2027")
    later = [one for one in seen[told:] if one.who == "Ben" or "Ben" in one.words]
    offered = [one for one in later if "These times suit you and" in one.words]
    assert {one.who for one in offered} > {"Ben"}
    assert any(re.search(r"\[\w{3} 1[5-9] Feb, ", one.words) for one in offered)  # the week is stepped over
    for one in offered:
        assert not [day for day in AWAY if f"[{day}, " in one.words]
    for one in later:
        assert not [day for day in AWAY if f"Booked: {day}, " in one.words]


def test_a_learning_set_meets_once_and_counts_for_those_who_were_there(year: list[str]) -> None:
    seen = everything(year)
    assert len(places(seen, "Ola", "sees change", "Amina Khan, Ben Carter and Grace Hall were there.")) == 1
    for who in ("Amina", "Ben", "Grace"):
        (counted,) = places(seen, who, "sees", "You were at Year 3 set")
        assert "It counts as one of your learning interviews: 3/3 this year." in seen[counted].words
        assert not places(seen, who, "sees", "It’s time for your third learning interview")
    assert places(seen, "Chloe", "sees", "It’s time for your third learning interview")


def test_a_brief_is_read_only_once_it_is_released_and_by_the_partner_alone(year: list[str]) -> None:
    seen = everything(year)
    (released,) = places(seen, "Cora", "taps", "Release it to Ben")
    read = [n for n, one in enumerate(seen) if "How to say less in meetings" in one.words]
    assert {seen[n].who for n in read} == {"Ben"}
    assert min(read) > released


def test_a_next_step_is_remembered_on_its_day_and_done(year: list[str]) -> None:
    seen = everything(year)
    (reminded,) = places(seen, "Chloe", "sees", "For today: a next step of yours")
    day = seen[reminded].at.partition(", ")[0]
    assert f"visit Itchen by {day} 20" in seen[reminded].words
    (done,) = places(seen, "Chloe", "taps", "Done")
    assert done > reminded
    assert any("Chloe: visit Itchen" in one.words and "(done)" in one.words for one in seen[done:])


def test_somebody_logs_time_shares_it_and_looks_back_on_two_months(year: list[str]) -> None:
    seen = everything(year)
    (logged,) = places(seen, "Amina", "types", "log 2h shadowing at Bitterne")
    (shared,) = places(seen, "Ola", "sees", "shadowing at Bitterne")
    asked = places(seen, "Amina", "sees", "September and October 2026: a look back?")
    assert len(asked) == 1
    assert logged < shared < asked[0]
    assert places(seen, "Amina", "sees", "Kept: your log, September and October 2026") + places(
        seen, "Amina", "sees change", "Kept: your log, September and October 2026"
    )
    for one in seen:
        if one.who != "Amina":
            assert "We begin with the quiet ones now." not in one.words
            assert one.who == "Ola" or "shadowing at Bitterne" not in one.words


def test_nobody_is_asked_for_a_log_twice_or_when_they_kept_nothing(year: list[str]) -> None:
    asked = [(one.who, one.words.partition(":")[0]) for one in everything(year) if "a look back?" in one.words
             and one.does == "sees"]  # fmt: skip
    assert asked
    assert len(asked) == len(set(asked))


def test_a_team_marks_up_to_three_points_each_and_nobody_is_shown_who_marked(
    year: list[str], messages: list[Message]
) -> None:
    seen = everything(year)
    marked = [one.who for one in seen if one.does == "fills in" and one.words.startswith("What matters most")]
    assert sorted(marked) == ["Amina", "Ben", "Chloe", "Dan", "Dan", "Ola"]  # Dan once with one too many
    (told,) = places(seen, "Dan", "reads", "That is 4. Three say most")
    assert (seen[told + 1].who, seen[told + 1].does) == ("Dan", "fills in")
    (shown,) = places(seen, TEAM, "shows change", "What mattered most in Team review")
    marks = [int(many) for many in re.findall(r"— (\d) marks? · ", seen[shown].words)]
    assert 5 <= sum(marks) <= 15
    assert max(marks) <= 5
    cards = [message for message in messages if message.notice.startswith("findings.")]
    assert len(cards) > 4
    for name in ALL:
        assert not [one for one in cards if name in in_words(one)]
    assert not places(seen, "Inclusion", "shows", "What matters most in")  # three people: whose mark it is would show
    assert len(places(seen, "Inclusion", "shows", "What we found in Team review 2027")) == 1


def test_points_are_told_by_their_words_whatever_numbers_they_drew() -> None:
    def card(*drawn: tuple[str, str], notice: str = "findings.marking") -> Message:
        return Message("Points", tuple(Quote(words, by) for words, by in drawn), notice=notice, about=1)

    told = []
    for calm, loud in (("1.1", "1.2"), ("1.2", "1.1")):
        lots = Lots()
        asked = lots.told(card(("Loud", loud), ("Calm", calm)))
        ranked = lots.told(card(("Calm", f"1 mark · {calm}"), ("Loud", f"3 marks · {loud}")))
        rests = card(("Go slowly", f"Finding 1, from {loud}"), notice="findings.list")
        found = lots.told(rests)
        never_marked = Lots()
        options = (Option(f"{loud} Loud", "7"), Option(f"{calm} Calm", "8"))
        never_marked.learn(Form("findings.written", "A finding", (Field("points", "", options=options),), about=1))
        assert never_marked.told(rests) == found
        told.append((asked, ranked, found))
    assert (
        told[0]
        == told[1]
        == (
            ["> Calm", "— 1.1", "> Loud", "— 1.2"],
            ["> Loud", "— 3 marks · 1.2", "> Calm", "— 1 mark · 1.1"],
            ["> Go slowly", "— Finding 1, from 1.2"],
        )
    )


def test_what_a_team_finds_is_offered_for_its_plan_which_is_agreed_once_with_the_doubt_beside_it(
    year: list[str],
) -> None:
    seen = everything(year)
    (found,) = places(seen, TEAM, "shows", "What we found in Team review")
    (proposed,) = places(seen, TEAM, "shows", "do you agree?")
    assert found < proposed
    for need in re.findall(r"> (.*)\n— Finding", seen[found].words):
        assert f"{need} (" in seen[proposed].words
    (doubt,) = places(seen, TEAM, "shows", "Ben Carter would change something in the plan:")
    for team, lead in ((TEAM, "Ola"), ("Inclusion", "Grace")):
        (agreed,) = places(seen, lead, "taps", "It is agreed")
        assert agreed > places(seen, team, "shows", "do you agree?")[0]
        cards = [one for one in seen[agreed:] if one.who == team and ": agreed on " in one.words]
        assert cards
        assert len({re.search(r"agreed on (\w+ \d+ \w+ \d+)", one.words)[1] for one in cards}) == 1
    assert doubt < places(seen, "Ola", "taps", "It is agreed")[0]
    assert "Ben Carter would change this:" in next(one.words for one in seen if ": agreed on " in one.words
                                                    and one.who == TEAM)  # fmt: skip


def test_a_lead_is_asked_once_a_term_how_the_plan_goes_and_the_team_is_told(year: list[str]) -> None:
    seen = everything(year)
    for team, lead, months in ((TEAM, "Ola", ["Dec", "Mar", "Jun"]), ("Inclusion", "Grace", ["Dec", "Mar"])):
        asked = places(seen, lead, "sees", "How does your team's plan for 2026/27 go?")
        assert [seen[n].at.split()[2].rstrip(",") for n in asked] == months
        assert len(places(seen, team, "shows", "How our plan goes:")) == len(asked)


def test_what_two_teams_need_becomes_a_seminar_that_counts_for_those_who_were_there(year: list[str]) -> None:
    seen = everything(year)
    (offered,) = places(seen, "Cora", "sees", "A seminar on Evidence, evaluation and research?")
    assert not [one for one in seen if one.who != "Cora" and "One seminar could serve them all" in one.words]
    for name in ALL - {"Cora"}:
        invited = places(seen, name, "sees", "A seminar: Evidence, evaluation and research.")
        assert len(invited) == 1
        assert invited[0] > offered
    coming = {one.who for one in seen if one.does == "taps" and one.words == "I’ll come"}
    assert len(coming) >= 5
    assert {one.who for one in seen if one.does == "sees" and "Were you at Evidence" in one.words} == coming
    for name in coming:
        assert len(places(seen, name, "sees", "Were you at Evidence")) == 1
        (logged,) = places(seen, name, "sees change", "1 hour 30 minutes of learning time is logged, off the job.")
        assert "You were at Evidence, evaluation and research" in seen[logged].words


def test_every_message_of_a_year_is_within_each_platforms_limits(messages: list[Message]) -> None:
    assert len(messages) > 200
    for message in messages:
        slack_would_take(slack.message(message))
        slack_would_take(slack.message(message, simple=True))
        for direct in (True, False):
            teams_would_take(teams.card(message, direct=direct))
        assert in_words(message).strip()


def test_every_message_waits_in_the_outbox_unchanged(messages: list[Message]) -> None:
    for message in messages:
        assert unpack(pack(message)) == message
