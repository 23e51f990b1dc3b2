"""Standards that come with the bot: `learnbot standards import` reads them like anybody's own."""
