"""Authorised distillation: a student taught by a teacher, with a record of who allowed it and a statement of how it was made."""
