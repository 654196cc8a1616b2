"""A whole theft, rehearsed: a teacher is served, its answers are taken, a student is made of them, and both halves of the evidence are found."""
