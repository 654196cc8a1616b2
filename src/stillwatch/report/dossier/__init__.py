"""One campaign, told in full: gathered into a pack, told from it in several formats, and checked against it."""
