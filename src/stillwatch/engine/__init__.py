"""Where tables live: the only room that names a database."""
