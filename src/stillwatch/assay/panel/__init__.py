"""What a suspect gained and lost: benchmarks, refusals and censorship beside its base and the teacher, on the same items."""
