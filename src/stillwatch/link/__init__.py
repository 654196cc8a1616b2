"""Evidence to clusters: which accounts act for one party."""
