"""Image features and the dataset of stars that a session learns from."""
