"""Who came from whom: the graph, owner maps, differences."""
