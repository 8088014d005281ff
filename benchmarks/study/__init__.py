"""The simulated user: who looks for a hidden scene, and the ways of getting there."""
