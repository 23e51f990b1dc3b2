"""A team of eight reviews itself in its channel, and what came of it becomes a plan that is followed up."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.config import Teams
from bot.playground import Playground, Someone
from tests.clients.browser import BOT, CHANNEL, PERSONAL, Browser, Window
from tests.clients.entra import Issuer
from tests.clients.fixtures import issuer
from tests.clients.playground import AMINA, BEN, ORGANISATION, Person, card_of, find_action, window
from tests.hands import AtTeams
from tests.running import Running, running, settings
from tests.teams import world as teams

__all__ = ["issuer"]  # a fixture
pytestmark = [pytest.mark.browser, pytest.mark.clients]

OPENED = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)  # a Monday; the learning year began in September
CLOSES = datetime(2026, 10, 19, 16, 0, tzinfo=UTC)  # 17:00 in summer time
A_TERM_LATER = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
ADDRESS = "https://learnbot.southampton.example"
PURPOSE, WORK = "Why are we here?", "What do we do?"
OWN = "Do we talk about hard cases soon enough?"
CHANGED = "So that **every** child is safe, and heard"


def someone(number: int, name: str) -> Someone:
    """A person as Teams knows them."""
    first, last = name.lower().split()
    address = f"{first}.{last}@southampton.example"
    return Someone(name, address, f"29:{first}", f"00000000-0000-4000-8000-0000000000{number}")


OLA, CORA = someone(10, "Ola Nowak"), someone(19, "Cora Lewis")
COLLEAGUES = [someone(11 + number, name) for number, name in enumerate(
    ("Chloe Davies", "Dan Evans", "Ewan Frost", "Farah Gill", "Grace Hill"))]  # fmt: skip
TEAM = (OLA, AMINA, BEN, *COLLEAGUES)
ROSTER = "\n".join(
    (
        "name,email,team,lead,role",
        *(f"{one.name},{one.email},Children's Services,{'yes' if one is OLA else 'no'},member" for one in TEAM),
        f"{CORA.name},{CORA.email},,no,coordinator",
    )
)


@dataclass
class Desk:
    """The team at work: four at windows, five over the wire, and the channel as it stands in Ola's window."""

    program: Running
    issuer: Issuer
    ola: Window
    amina: Window
    ben: Window
    cora: Window
    colleagues: list[AtTeams]
    channel: Person
    playground: Playground
    screenshots: Path
    _taken: int = field(default=0)

    def look(self, step: str, at: Window, to: str = "") -> None:
        """Take a picture of a window, where need be with the last card in sight that says so."""
        self.program.settle()
        if to:
            at.evaluate(SCROLL % to)
        self._taken += 1
        at.screenshot(self.screenshots / f"team-{self._taken:02}-{step}.png")

    def tap_in_channel(self, who: Someone, words: str, label: str) -> None:
        """Somebody else presses a button of a card in the channel, on a screen of their own.

        The Playground's channel is seen by one person. What the bot hears is what that person's pressing says.
        """
        review = self.channel.wait_for("closed. 8 people answered.", self.channel.channel)
        message = self.channel.wait_for(words, review["postConversationId"])
        action = find_action(card_of(message), label)
        me = {"id": who.id, "name": who.name, "aadObjectId": who.aad_object_id}
        activity = {
            "type": "invoke",
            "id": f"{who.id}-{label}-{message['messageId']}",
            "name": "adaptiveCard/action",
            "channelId": "msteams",
            "serviceUrl": self.playground.service_url,
            "from": me,
            "recipient": teams.BOT,
            "conversation": {
                "id": message["conversation"], "conversationType": "channel", "isGroup": True,
                "tenantId": ORGANISATION.tenant_id,
            },
            "channelData": {
                "tenant": {"id": ORGANISATION.tenant_id}, "team": {"id": self.playground.team.id},
                "channel": {"id": self.channel.channel},
            },
            "replyToId": message["messageId"],
            "value": {"action": {key: action[key] for key in ("type", "verb", "data")}, "trigger": "manual"},
        }  # fmt: skip
        assert self.program.post(self.issuer.request(activity)).status_code == 200


SCROLL = """[...document.querySelectorAll('.ac-adaptiveCard')].filter((it) => it.innerText.includes("%s"))
  .pop().scrollIntoView({ block: "start" })"""


@pytest.fixture
def desk(tmp_path: Path, browser: Browser, issuer: Issuer, screenshots: Path) -> Iterator[Desk]:
    """The team at its desks on the morning on which its lead begins."""
    told = settings(
        tmp_path,
        base_url=ADDRESS,
        teams=Teams(ORGANISATION.bot_id.removeprefix("28:"), ORGANISATION.tenant_id, local=True),
    )
    with ExitStack() as stack:
        program = stack.enter_context(running(told, ROSTER, OPENED))
        connector = stack.enter_context(teams.Connector())
        endpoint = f"{program.url}/api/messages"
        playgrounds = [stack.enter_context(window(endpoint, one, TEAM)) for one in (OLA, AMINA, BEN, CORA)]
        channel = stack.enter_context(Person(playgrounds[0]))
        windows = [browser.open(one.url, width=1280, height=1250) for one in playgrounds]
        for one in windows:
            stack.callback(one.close)
            one.wait_for("I help your team keep its learning promises.")
        colleagues: list[AtTeams] = []
        for one in COLLEAGUES:
            connector.members[one.id] = {"email": one.email, "name": one.name}
            me = {"id": one.id, "name": one.name, "aadObjectId": one.aad_object_id}
            colleagues.append(AtTeams(program, connector, issuer, me).say("hello"))
        ola, amina, ben, cora = windows
        yield Desk(program, issuer, ola, amina, ben, cora, colleagues, channel, playgrounds[0], screenshots)


def test_a_team_of_eight_reviews_itself_and_ends_in_a_plan_that_is_followed_up(desk: Desk) -> None:
    let_needs_count(desk)
    name_a_priority(desk)
    launch(desk)
    answer_in_one_form(desk)
    answer_by_typing(desk)
    answer_with_the_others(desk)
    change_from_ones_own_card(desk)
    close(desk)
    mark(desk)
    find(desk)
    draft(desk)
    agree(desk)
    follow_up(desk)
    account(desk)


def let_needs_count(desk: Desk) -> None:
    """Five of the team let what they want to learn count, as a theme and nothing more."""
    for one in desk.colleagues:
        one.say("target: speak with families about hard news by 30 April").press("Leave it as it is")
        one.press("Let this need count for our team").fill("What is it about?", "communication").press("Let it count")
        one.wait_for("It counts for your team.")


def name_a_priority(desk: Desk) -> None:
    """The coordinator types one of the strategic plan."""
    desk.cora.say("strategic plan").press("Add an item").fill("What is the priority?", "Every child reads well")
    desk.cora.press("Save").wait_for("Every child reads well")
    desk.look("priority-cora", desk.cora)


def launch(desk: Desk) -> None:
    """In the channel; the Playground has no dialogs there, so its button leads to the lead's own chat."""
    desk.ola.choose(CHANNEL).say("review", mention=BOT).wait_for("There is a short form for that.")
    desk.ola.press("Start a team review")
    desk.ola.choose(PERSONAL).wait_for("There is a short form for that.").press("Start a team review")
    desk.ola.fill("Named or anonymous", "Anonymous: no name is kept with an answer").fill("Title", "Autumn review")
    desk.ola.fill("Questions", "Choose, reorder or add some: I show them next").fill("Guests", "Cora Luis")
    desk.look("launch-ola", desk.ola)
    desk.ola.press("Start the review").wait_for("I can't find Cora Luis on the roster.")
    desk.look("launch-mistake-ola", desk.ola)
    desk.ola.fill("Guests", "Cora Lewis").press("Start the review").wait_for("A question of your own: A")
    desk.ola.fill("A question of your own: A", OWN).fill("What question A means", "Before they become urgent")
    desk.ola.fill("In which order?", "1, A")
    desk.look("questions-ola", desk.ola)
    desk.ola.press("Start the review").wait_for("Guests: Cora Lewis.")
    desk.look("open-ola", desk.ola)
    desk.ola.choose(CHANNEL).wait_for("Fewer than 5 of 9 have answered so far.")
    desk.look("channel-card", desk.ola)


def answer_in_one_form(desk: Desk) -> None:
    """With a mistake first: what was typed stays."""
    desk.amina.say("review").wait_for("Anonymous:").press("Answer").wait_for(OWN)
    desk.amina.fill(PURPOSE, "So that **every** child is safe").fill(f"{PURPOSE} From 1 to 5", "4")
    desk.amina.fill(OWN, "x" * 3_001).press("Send my answers").wait_for("longer than I can take")
    desk.look("answer-mistake-amina", desk.amina, PURPOSE)
    assert desk.amina.answers()[PURPOSE] == "So that **every** child is safe"
    desk.amina.fill(OWN, "Not on Fridays").press("Send my answers").wait_for("Change my answers")
    desk.look("answered-amina", desk.amina)


def answer_by_typing(desk: Desk) -> None:
    """A question at a time, in words and with a number, and nothing counts before it is sent."""
    desk.ben.say("review").wait_for("Answer by typing").press("Answer by typing").wait_for(f"1 of 7. {PURPOSE}")
    desk.look("typing-ben", desk.ben)
    desk.ben.say("To keep families together").wait_for("Kept. How far along, from 1 to 5?")
    desk.ben.say("5").wait_for(f"2 of 7. {OWN}")
    desk.ben.say("Sometimes, over lunch").wait_for("Kept. How far").press("2").wait_for(f"3 of 7. {WORK}")
    desk.ben.say("skip").wait_for("4 of 7.").say("that's all").wait_for("This is what you would send")
    desk.look("typed-ben", desk.ben)
    desk.ben.press("Send my answers").wait_for("Change my answers")
    desk.ola.wait_for("Fewer than 5 of 9 have answered so far.")


def answer_with_the_others(desk: Desk) -> None:
    """Each in their own words; the lead and the guest, too. The card counts in steps."""
    said = ("To listen first", "For the children", "To prevent harm", "Because nobody else does", "To be there early")
    for number, (one, words) in enumerate(zip(desk.colleagues, said, strict=True), 1):
        one.say("review").press("Answer").fill(PURPOSE, words).fill(f"{PURPOSE} From 1 to 5", str(number))
        one.fill(OWN, f"Not yet, {number} of us would say").fill(f"{OWN} From 1 to 5", str(1 + number % 3))
        one.fill(f"{WORK} From 1 to 5", "3").press("Send my answers").wait_for("Change my answers")
    desk.program.wait_until(desk.program.now.replace(minute=1))
    desk.ola.wait_for("At least 5 of 9 have answered.")
    desk.look("channel-counted", desk.ola)
    desk.program.wait_until(OPENED.replace(day=6))
    desk.cora.wait_for("asks for your view")
    desk.look("guest-cora", desk.cora)
    desk.cora.press("Answer").fill(PURPOSE, "To be a good neighbour to every school").press("Send my answers")
    desk.cora.wait_for("Change my answers")


def change_from_ones_own_card(desk: Desk) -> None:
    """Only her own card holds the key to her answers."""
    desk.amina.say("review").wait_for("it holds the only key to them")
    desk.look("answered-already-amina", desk.amina)
    desk.amina.press("Change my answers").wait_for(OWN)
    assert desk.amina.evaluate(STANDS % OWN) == "Not on Fridays"
    desk.amina.fill(PURPOSE, CHANGED).press("Send my answers").wait_for("Changed.")
    desk.look("changed-amina", desk.amina)


def close(desk: Desk) -> None:
    """By the clock: nobody who answered is reminded, and what came of it stands in the thread."""
    desk.program.wait_until(CLOSES)
    desk.ola.wait_for("closed. 8 people answered.").wait_for("What came of Autumn review").wait_for(CHANGED)
    desk.amina.wait_gone("closes on")
    shown = "\n".join(desk.ola.read())
    assert "So that **every** child is safe\n" not in shown
    assert not any(one.name in shown for one in TEAM if one is not OLA)
    desk.look("outcome", desk.ola, "What came of Autumn review")
    desk.look("words", desk.ola, "What people wrote in")


def mark(desk: Desk) -> None:
    """Everybody marks three points, privately; only how many marked each is shown, once it is over."""
    desk.ola.choose(PERSONAL).wait_for("is closed.")
    desk.look("closed-ola", desk.ola, "is closed.")
    desk.ola.press("Make sense of it together").wait_for("End the marking")
    desk.look("marking-ola", desk.ola)
    desk.ola.choose(CHANNEL).wait_for("What matters most in Autumn review?")
    desk.look("marking", desk.ola, "What matters most in Autumn review?")
    for one, at in ((AMINA, desk.amina), (BEN, desk.ben)):
        desk.tap_in_channel(one, "What matters most in Autumn review?", "Mark what matters")
        at.press("What matters most").wait_for("Nobody sees what you mark")
    points = points_of(desk)
    desk.amina.fill("What matters most", points[:4]).press("Mark these").wait_for("That is 4.")
    desk.look("marking-mistake-amina", desk.amina)
    desk.amina.fill("What matters most", points[3:4])  # chosen once more, it is chosen no longer
    desk.amina.press("Mark these").wait_for("Thank you, your marks are kept.")
    desk.ben.fill("What matters most", [points[0], points[2], points[5]]).press("Mark these").wait_for("your marks")
    for person, one in zip(COLLEAGUES, desk.colleagues, strict=True):
        desk.tap_in_channel(person, "What matters most in Autumn review?", "Mark what matters")
        one.press("What matters most").tick("What matters most", "1.1", "1.2", "2.1").press("Mark these")
        one.wait_for("Thank you, your marks are kept.")
    desk.ola.wait_for("At least 5 have marked.")


def find(desk: Desk) -> None:
    """The lead groups what was said into findings, each with what it rests on."""
    points = points_of(desk)
    desk.ola.choose(PERSONAL).press("End the marking").wait_for("Write a finding")
    desk.ola.choose(CHANNEL).wait_for("What mattered most in Autumn review")
    desk.look("marked", desk.ola, "What mattered most in Autumn review")
    desk.ola.choose(PERSONAL).press("Write a finding").wait_for("What it rests on")
    desk.ola.fill("What it rests on", [one for one in points if one.startswith("2.")])
    desk.ola.fill("What you find", "We talk about hard cases too late")
    desk.look("finding-ola", desk.ola)
    desk.ola.press("Keep this finding").wait_for("Kept, and in the thread.").press("Write a finding")
    desk.ola.fill("What it rests on", [*points[:2], f"Ratings of 1, 3.4 on average: {PURPOSE}"])
    desk.ola.fill("What you find", "We know *why* we are here, each in their own words").press("Keep this finding")
    desk.ola.wait_for("Kept, and in the thread.")
    desk.look("findings-ola", desk.ola)
    desk.ola.press("That's all").wait_for("Done: 2 findings")
    desk.ola.choose(CHANNEL).wait_for("What we found in Autumn review")
    desk.look("findings", desk.ola, "What we found in Autumn review")


def draft(desk: Desk) -> None:
    """From the strategic plan, the review and what people let count; one item is made precise."""
    desk.ola.choose(PERSONAL).press("Our development plan").wait_for("has no development plan for 2026/27 yet.")
    desk.look("no-plan-ola", desk.ola)
    desk.ola.press("Begin a draft").wait_for("What I can offer for the plan")
    desk.look("offers-ola", desk.ola)
    desk.ola.press("Choose what goes in").wait_for("Put it in")
    desk.ola.fill("From the strategic plan", ["Every child reads well"])
    desk.ola.fill("From our review", ["We talk about hard cases too late"])
    desk.ola.fill("From individual plans", ["Communication and working with families"])
    desk.look("choose-ola", desk.ola)
    desk.ola.press("Put it in").wait_for("Put in. Open an item")
    desk.look("draft-ola", desk.ola)
    desk.ola.fill("Open an item", "2. We talk about hard cases too late").press("Choose").wait_for("Move up")
    desk.ola.press("Change").wait_for("How will we know?")
    desk.ola.fill("Who for?", "All of us").fill("By when?", "someday")
    desk.ola.fill("Who leads it?", "Ben Carter").fill("What does it cost?", "£120")
    desk.ola.fill("How will we know?", "Every hard case is spoken of within two days")
    desk.ola.press("Save").wait_for("I can’t tell which day that is.")
    desk.look("item-mistake-ola", desk.ola)
    desk.ola.fill("By when?", "the end of March").press("Save").wait_for("Changed.")
    desk.look("item-ola", desk.ola)
    desk.ola.press("Back to the plan").press("Show what the team will see").wait_for("Nothing has been posted yet.")
    desk.look("preview-ola", desk.ola)


def agree(desk: Desk) -> None:
    """In the channel: seven agree, one says by name what they would change, and it stands beside the plan."""
    desk.ola.press(next(one for one in desk.ola.messages()[-1].buttons if one.startswith("Propose it in")))
    desk.ola.wait_for("Mark it as agreed")
    desk.look("proposed-ola", desk.ola)
    desk.ola.choose(CHANNEL).wait_for("do you agree?")
    desk.look("proposal", desk.ola, "do you agree?")
    desk.ola.press("I agree").wait_for("1 of 8 agree")
    for one in (AMINA, BEN, *COLLEAGUES[:4]):
        desk.tap_in_channel(one, "do you agree?", "I agree")
    desk.tap_in_channel(COLLEAGUES[4], "do you agree?", "I would change something")
    grace = desk.colleagues[4]
    grace.press("What you would change").fill("What would you change?", "Two days is *too* short in a holiday")
    grace.press("Say it")
    desk.ola.wait_for("Grace Hill would change something").wait_for("7 of 8 agree, 1 would change something.")
    desk.look("objection", desk.ola, "Grace Hill would change something")
    desk.ola.choose(PERSONAL).press("Mark it as agreed").wait_for("Grace Hill would change something; what")
    desk.look("before-agreed-ola", desk.ola)
    desk.ola.press("It is agreed").wait_for("Agreed.")
    desk.ola.choose(CHANNEL).wait_for("Grace Hill would change this:")
    desk.look("agreed", desk.ola, "agreed on")


def follow_up(desk: Desk) -> None:
    """One card, a term later; the team is told when the lead says so."""
    desk.program.wait_until(A_TERM_LATER)
    desk.ola.choose(PERSONAL).wait_for("I ask once a term")
    desk.look("follow-up-ola", desk.ola, "I ask once a term")
    desk.ola.press("Under way").wait_for("Communication and working with families (under way)")
    desk.ola.press("Dropped, or say more").wait_for("How is it going, or why was it dropped?")
    desk.ola.fill("How does it stand?", "Dropped").press("Save").wait_for("Say in a few words why")
    desk.look("dropped-mistake-ola", desk.ola)
    desk.ola.fill("How is it going, or why was it dropped?", "Taken up by the whole service").press("Save")
    desk.ola.wait_gone("How is it going, or why was it dropped?").press("Tell the team")
    desk.ola.wait_for("Your team is told").wait_gone("Tell the team")
    desk.look("followed-ola", desk.ola, "Your team is told")
    desk.ola.choose(CHANNEL).wait_for("How our plan goes:").wait_for("Taken up by the whole service")
    desk.look("told", desk.ola, "How our plan goes:")


def account(desk: Desk) -> None:
    """The review and its plan as files for the lead; the year's numbers as a draft for the coordinator."""
    desk.ola.choose(PERSONAL).say("export review").wait_for("It would hold:")
    desk.look("export-ola", desk.ola)
    word = fetched(desk, desk.ola)
    assert word.startswith(b"PK")
    desk.cora.say("yearly report").wait_for("It would hold:")
    desk.look("report-cora", desk.cora)
    assert fetched(desk, desk.cora).startswith(b"PK")


def fetched(desk: Desk, at: Window) -> bytes:
    """Have it made, and fetch it from the address on the card: once, and never again."""
    at.press("Make it").wait_for("is being written")
    assert desk.program.bot.portfolios is not None
    desk.program.run(desk.program.bot.portfolios.tick())
    at.wait_for("is ready.")
    desk.look(f"ready-{'cora' if at is desk.cora else 'ola'}", at)
    address = re.findall(rf"{ADDRESS}(/portfolio/[^\"&<\s]+)", at.evaluate("document.body.innerHTML"))[-1]
    file = httpx.post(f"{desk.program.url}{address}")
    assert file.status_code == 200
    assert httpx.post(f"{desk.program.url}{address}").status_code == 404
    return file.content


def points_of(desk: Desk) -> list[str]:
    """What people wrote, as it is called in menus; its order is drawn by lot."""
    review = desk.channel.wait_for("closed. 8 people answered.", desk.channel.channel)
    card = card_of(desk.channel.wait_for("What matters most in Autumn review?", review["postConversationId"]))
    return [f"{number} {words}" for words, number in re.findall(r"(.+)\n— (\d\.\d)", teams.words_of(card))]


STANDS = """[...document.querySelectorAll('label[for]')].filter((it) => it.innerText === "%s")
  .map((it) => document.getElementById(it.htmlFor).value).pop()"""
