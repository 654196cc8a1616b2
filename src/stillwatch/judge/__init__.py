"""Clusters to campaigns, within the false-alarm budget."""
