"""Who the bot is in its workspace: asked of Slack once."""

import asyncio
from dataclasses import dataclass

import structlog

from bot.errors import Unavailable
from bot.slack.platform import UNANSWERED, SaidNo, SlackPlatform

log = structlog.get_logger("learnbot.slack")


@dataclass(frozen=True)
class Identity:
    """Who the bot is in this workspace."""

    user: str
    bot: str
    team: str
    enterprise: str


class Introduction:
    """Asks Slack who the bot is, and tells `platform` in which workspace. It expects `team` and `enterprise`."""

    def __init__(self, platform: SlackPlatform, team: str, enterprise: str) -> None:
        self.platform = platform
        self.team = team
        self.enterprise = enterprise
        self.known: Identity | None = None
        self._asking = asyncio.Lock()

    async def identity(self) -> Identity:
        """Who the bot is: asked once. Raises `Unavailable`, or ValueError when it is not who it was said to be."""
        if self.known is not None:
            return self.known
        async with self._asking:
            if self.known is not None:
                return self.known
            try:
                answer = await self.platform.web.post("auth.test", {})
            except UNANSWERED as error:
                log.error("who am I?", error=error.code if isinstance(error, SaidNo) else type(error).__name__)
                raise Unavailable("Slack does not say who the bot is") from error
            me = Identity(*(str(answer.get(name) or "") for name in ("user_id", "bot_id", "team_id", "enterprise_id")))
            if (self.team and me.team and self.team != me.team) or (
                self.enterprise and self.enterprise != me.enterprise
            ):
                raise ValueError("the bot token belongs to another Slack workspace than the one configured")
            self.platform.tenant = self.enterprise or me.team
            self.known = me
        return me
