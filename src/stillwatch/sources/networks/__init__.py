"""What is known of address ranges: MaxMind-style databases, lists of ranges, and the range files of clouds."""
