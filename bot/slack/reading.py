"""What messages say, read from Slack: words with the names of whom they mention, who wrote them, what they refer to."""

from typing import Any

import structlog

from bot.errors import Unavailable
from bot.slack.events import a_dict, mentioned, readable
from bot.slack.identity import Introduction
from bot.slack.platform import REFUSALS, UNANSWERED, UNCERTAIN, SaidNo, SlackPlatform

log = structlog.get_logger("learnbot.slack")

Json = dict[str, Any]


class Reading:
    """Reads messages as their authors saw them. What it asks of Slack besides is named in the manifest."""

    def __init__(self, platform: SlackPlatform, bot: Introduction) -> None:
        self.platform = platform
        self._bot = bot

    async def words(self, message: Json) -> str:
        """The words of a message, with the names of whom it mentions."""
        written = str(message.get("text") or "")
        me = (await self._bot.identity()).user
        users = mentioned(written) - {me}
        return readable(written, await self.platform.names(users) if users else {}, me)

    async def author(self, message: Json) -> str:
        """What Slack calls whoever wrote a message: a person by name, an app by what it calls itself."""
        user = str(message.get("user") or "")
        names = await self.platform.names({user}) if user else {}
        profile = a_dict(message.get("bot_profile"))
        return names.get(user) or str(message.get("username") or profile.get("name") or "")

    async def reacted_to(self, channel: str, ts: str) -> Json:
        """The message that somebody reacted to, with its `permalink`; {} when Slack does not show it to the bot.

        `reactions.get` shows this one message and needs no scope besides the one that the reaction itself came by: no
        history has to be read for it. Raises `Unavailable`.
        """
        try:
            answer = await self.platform.web.get("reactions.get", {"channel": channel, "timestamp": ts})
        except SaidNo as error:
            passing = error.code in UNCERTAIN or REFUSALS.get(error.code, ("",))[0] == "rate_limited"
            if passing or error.status != 200:
                raise Unavailable("Slack does not show the message just now") from error
            log.info("not shown", code=error.code)
            return {}
        except UNANSWERED as error:
            raise Unavailable("Slack cannot be reached") from error
        return a_dict(answer.get("message"))
