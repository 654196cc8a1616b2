"""What `stillwatch mark` needs beside its commands."""
