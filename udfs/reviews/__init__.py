"""Rules about one review thread: what a comment says, where it stands, and what it led to."""
