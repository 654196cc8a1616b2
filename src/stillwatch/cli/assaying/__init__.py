"""What `stillwatch assay` needs beside its commands."""
