"""Pictures that carry their genome, and what other programs write into theirs."""
