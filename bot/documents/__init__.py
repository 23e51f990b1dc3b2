"""Documents: what one says, as a value, and the kinds of file that it is set in."""
