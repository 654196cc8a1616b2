"""Small models that are trained in milliseconds, so that false alarms can be counted over hundreds of them."""
