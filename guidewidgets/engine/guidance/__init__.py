"""From the concepts of a prompt to one score: composition, negation, ensembles."""
