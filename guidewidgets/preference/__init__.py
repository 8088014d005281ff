"""What is liked, learnt from stars: choice model, validation, acquisition."""
