"""An optimisation as a job: its specification, its run, its filmstrip."""
