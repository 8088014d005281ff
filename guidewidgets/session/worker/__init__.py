"""The thread that renders, and everything that runs on it."""
