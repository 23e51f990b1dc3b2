"""What the bot remembers: tables, the questions asked of them, the outbox, and words sealed with their owner's key."""
