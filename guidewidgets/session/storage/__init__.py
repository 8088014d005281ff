"""What a stored session is made of: database, files, lock, archive."""
