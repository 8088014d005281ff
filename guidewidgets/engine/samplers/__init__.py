"""Noise schedules, samplers as affine steps, and gradients through a whole chain of them."""
