"""Was this model trained on our answers? Tests with stated errors, from recorded answers."""
