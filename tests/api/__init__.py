"""The HTTP side against servers that answer, lie, stall and hang up."""
