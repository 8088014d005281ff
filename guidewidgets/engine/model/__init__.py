"""A loaded pipeline and its parts; the engine is their only user."""
