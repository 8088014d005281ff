"""The numbers of the design's budgets, side by side with what a user would use instead."""
