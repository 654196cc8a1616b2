"""What `stillwatch distill` does on the way: models as they are named, a run that can go on, answers, lessons."""
