"""What all tests share."""

import os

from hypothesis import settings

# No deadline: the machines that run these tests have two busy cores. In CI the same examples on every run.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
