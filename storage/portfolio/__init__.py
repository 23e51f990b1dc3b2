"""A portfolio: one person's record of learning as a document that belongs to them and goes with them."""
