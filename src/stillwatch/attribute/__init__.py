"""Campaign to actor hypotheses, with evidence for and against; reads values, never the network."""
