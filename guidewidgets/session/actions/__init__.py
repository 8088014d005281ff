"""What a session can do, one file for each kind of action."""
