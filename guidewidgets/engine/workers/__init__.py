"""Who paints genomes: this process, others on this machine, or other machines."""
