"""A loaded pipeline and its parts; nobody outside the engine touches those."""
